"""Each sentence with which an error is raised has its Chinese, with the same values, and no English in it.

What this asks of who raises an error is told in CONTRIBUTING.md, "An error".
"""

import ast
import json
import re
import string
from pathlib import Path

import pytest

from resnet_demo import errors
from resnet_demo.errors import ACCEPTED, RECEIVED, ArchitectureError, OptionError, Phrase
from resnet_demo.views.error_words import CHINESE, worded

PACKAGE = Path(errors.__file__).parent
CATALOGUE = PACKAGE / "views" / "messages" / "errors.zh.json"
TREE = {name for name in vars(errors) if name.endswith("Error")}
MARKS = ("Received: ", "Accepted: ")
# Names, units, formats and values that are written so in Chinese too.
NAMES = set(
    re.findall(
        r"\w+",
        "AVIF BatchNorm BMP Face GIF HDF Hugging ImageNet JPEG JSON Keras logit NaN PNG PPM PyTorch RGB BGR ReLU "
        "HEIC iPhone Mac Parquet Ray CSV XML "
        "ResNet Sequential SHA TIFF TorchScript UTF WebP WordNet float float32 float64 pickle safetensors timm "
        "torchvision out top zip",
    )
)


def calls() -> list[tuple[str, ast.Call]]:
    """Every call of one of our errors, or of Phrase, with the place where it stands."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in TREE | {"Phrase"}:
                found.append((f"{path.relative_to(PACKAGE)}:{node.lineno}", node))
    return found


def sentences() -> dict[str, str]:
    """Every string that errors and phrases are made of, with the place where it stands.

    A string that is given over a name is known by its "Received: ".
    """
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path == PACKAGE / "errors.py" or path.parent == PACKAGE / "cli":  # which speaks English alone
            continue
        tree = ast.parse(path.read_text("utf-8"))
        others = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings,
        for call in ast.walk(tree):  # and Python's own errors, which a programmer sees
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("TypeError", "ValueError"):
                others |= {id(node) for node in ast.walk(call)}
        for node in ast.walk(tree):
            where = f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}"
            text = node.value if isinstance(node, ast.Constant) else None
            said = isinstance(text, str) and any(mark in text for mark in MARKS)
            if said and id(node) not in others:
                found[text] = where
    for where, call in calls():
        if call.args and isinstance(call.args[0], ast.Constant):
            found[call.args[0].value] = where
    return found


def test_errors_are_told_in_one_place():
    """Which words them in the language of who asked, and gives their code."""
    ways = ("Error", "Warning", "Info", "JSONResponse", "PlainTextResponse", "HTTPException")
    found = []
    for path in sorted((PACKAGE / "ui").rglob("*.py")):
        if path == PACKAGE / "ui" / "refusals.py":
            continue
        found += [
            ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("gr.") in ways
        ]
    assert sorted(found) == [
        "JSONResponse({'detail': 'Not Found'}, 404)",  # of what there is not, in Starlette's own words
        "JSONResponse({'state': state}, 200 if state is State.READY else 503)",  # no error: how the server is
    ]


def test_a_sentence_says_once_what_was_received_and_what_is_accepted():
    """For the fields of an error are cut out of its sentence there."""
    assert not [t for t in CHINESE if max(t.count(RECEIVED), t.count(ACCEPTED)) > 1]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_sentence_has_its_chinese():
    lacking = {template: where for template, where in sentences().items() if template not in CHINESE}
    assert not lacking, f'{CATALOGUE.name} lacks these; see CONTRIBUTING.md, "An error"'


def test_every_chinese_sentence_is_said():
    assert not set(CHINESE) - set(sentences())


def test_the_catalogue_is_sorted():
    written = json.loads(CATALOGUE.read_text("utf-8"), object_pairs_hook=list)
    assert [key for key, _ in written] == sorted(CHINESE)


@pytest.mark.parametrize(
    ("where", "call"), calls(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_values_fill_both_sentences(where, call):
    assert len(call.args) == 1
    (template,) = call.args
    if not isinstance(template, ast.Constant):
        assert isinstance(template, (ast.Name, ast.Attribute, ast.Subscript)), (
            f"{where}: a sentence made up on the way"
        )
        return
    given = {keyword.arg for keyword in call.keywords}
    if None in given:
        return  # **values: what the tests that raise it see
    if given or ast.unparse(call.func) == "Phrase":
        assert fields(template.value) <= given or ast.unparse(call.func) == "Phrase", where
        assert ast.unparse(call.func) == "Phrase" or fields(CHINESE[template.value]) <= given, where


@pytest.mark.parametrize("template", CHINESE)
def test_chinese_has_no_english_in_it(template):
    """But for names, for code between backticks, for values in quotes, and for what is filled in."""
    chinese = CHINESE[template]
    bare = re.sub(r"`[^`]*`|'[^']*'|\{[^{}]*\}", " ", chinese.replace("{{", "").replace("}}", ""))
    assert not set(re.findall(r"[A-Za-z]{3,}", bare)) - NAMES
    assert re.search("[一-鿿]", chinese) or not re.search("[A-Za-z]", re.sub(r"\{[^{}]*\}", "", template))
    for english, its_chinese in ((" Received: ", "收到："), (" Accepted: ", "接受：")):
        assert (english in template) == (its_chinese in chinese)


def test_words_of_an_error():
    error = ArchitectureError(
        "There is no such block. Received: {name!r}. Accepted: {accepted}.",
        name="x",
        accepted=Phrase("none, this network has no shortcuts"),
    )
    assert (
        str(error) == "There is no such block. Received: 'x'. Accepted: none, this network has no shortcuts."
    )
    assert worded(error, "en") == str(error)
    assert worded(error, "zh") == "没有这个残差块。收到：'x'。接受：无，这个网络没有捷径。"
    both = OptionError("{refused} {error}", refused=error, error=error)
    assert worded(both, "zh") == 2 * worded(error, "zh")
    assert worded(OptionError("Of another's. Received: {x}."), "zh") == "请求无法完成。收到：{x}。"
