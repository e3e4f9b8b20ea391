"""Every word of the page is there in both languages, is used, and is filled in alike."""

import ast
import string
from pathlib import Path

from resnet_demo.ui.words import LANGUAGES, WORDS, Words

UI = Path(__file__).resolve().parents[2] / "resnet_demo" / "ui"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_everything_with_the_same_values():
    for key, pair in WORDS.items():
        assert len(pair) == len(LANGUAGES), key
        assert all(pair), key
        english, chinese = pair
        assert fields(english) == fields(chinese), key


def test_chinese_is_chinese():
    same = {key for key, (english, chinese) in WORDS.items() if english == chinese}
    assert all(
        not any(c.isalpha() and c.islower() for c in fieldless(WORDS[k][0])) or k in NAMES for k in same
    ), same


NAMES = {"logit", "method_gradcam", "method_gradcam++", "formula_energy", "formula_ratio"}


def fieldless(text: str) -> str:
    return "".join(literal for literal, *_ in string.Formatter().parse(text))


def test_no_word_is_unused():
    source = "".join(p.read_text("utf-8") for p in UI.glob("*.py"))
    constants = {
        n.value
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    # Keys put together from a prefix and a record's own name.
    prefixes = tuple(
        part.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.JoinedStr)
        and isinstance(part := node.values[0], ast.Constant)
        and part.value.endswith("_")
    )
    counted = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            counted[node.value] = counted.get(node.value, 0) + 1
    unused = [k for k in WORDS if counted.get(k, 0) < 2 and not k.startswith(prefixes) and k in constants]
    assert not unused


def test_where_has_nine_places_in_both_languages():
    for language in LANGUAGES:
        words = Words(language)
        places = [words.where(row, column) for row in (0.1, 0.5, 0.99) for column in (0.0, 0.4, 1.0)]
        assert len(set(places)) == 9
