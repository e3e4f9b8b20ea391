"""Every word of the page is there in both languages, is used, and is filled in alike."""

import ast
import re
import string
from pathlib import Path

from resnet_demo.networks import complexity, reasons
from resnet_demo.views.messages.words import CATALOGUES, LANGUAGES, Words

PACKAGE = Path(__file__).resolve().parents[2] / "resnet_demo"
FIGURES = PACKAGE / "views" / "figures"  # for files, in English
SPEAKING = [
    path
    for room in ("ui", "views")
    for path in sorted((PACKAGE / room).rglob("*.py"))
    if not path.is_relative_to(FIGURES)
]

WORDS = {key: (english, CATALOGUES["zh"][key]) for key, english in CATALOGUES["en"].items()}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_everything_with_the_same_values():
    assert list(CATALOGUES["en"]) == list(CATALOGUES["zh"]) == sorted(CATALOGUES["en"])
    for key, pair in WORDS.items():
        assert len(pair) == len(LANGUAGES), key
        assert all(pair), key
        english, chinese = pair
        assert fields(english) == fields(chinese), key


# Names and formulas that are the same in both.
SAME = {
    "stem",
    "logit",
    "method_gradcam",
    "method_gradcam++",
    "formula_energy",
    "formula_ratio",
    "column_ratio_hint",
    "column_gradient_hint",
}


def test_chinese_is_chinese():
    for key, (_, chinese) in WORDS.items():
        says = any("一" <= character <= "鿿" for character in fieldless(chinese))
        # What is made of fields and signs alone is in no language.
        assert says or key in SAME or not re.search("[A-Za-z]", fieldless(chinese)), key
    assert all(WORDS[key][0] == WORDS[key][1] for key in SAME)


def fieldless(text: str) -> str:
    return "".join(literal for literal, *_ in string.Formatter().parse(text))


def spoken() -> tuple[set[str], tuple[str, ...]]:
    """Every string in the code of page and views, and the beginnings of keys made there.

    f"tab_{name}" and choices("order", …) make keys.
    """
    constants: set[str] = set()
    beginnings: set[str] = set()
    for path in SPEAKING:
        for statement in ast.parse(path.read_text("utf-8")).body:
            for node in ast.walk(statement):
                if isinstance(node, ast.JoinedStr) and isinstance(first := node.values[0], ast.Constant):
                    beginnings.add(first.value)
                elif isinstance(node, ast.Call) and ast.unparse(node.func) == "choices":
                    beginnings.add(f"{ast.literal_eval(node.args[0])}_")
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    constants.add(node.value)
    return constants, tuple(b for b in beginnings if b.endswith("_"))


def test_every_word_is_used():
    constants, beginnings = spoken()
    assert len(beginnings) < 15  # a beginning excuses all keys that begin so
    assert not [key for key in WORDS if key not in constants and not key.startswith(beginnings)]


def test_every_reason_is_told_in_the_same_words():
    for prefix, sentences in (("why", reasons.REASONS), ("difference", complexity.REASONS)):
        assert {f"{prefix}_{key}": text for key, text in sentences.items()}.items() <= {
            key: english for key, (english, _) in WORDS.items()
        }.items()


def test_every_beginning_has_words():
    _, beginnings = spoken()
    for beginning in beginnings:
        assert [key for key in WORDS if key.startswith(beginning)], beginning


def test_where_has_nine_positions_in_both_languages():
    for language in LANGUAGES:
        words = Words(language)
        positions = [words.where(row, column) for row in (0.1, 0.5, 0.99) for column in (0.0, 0.4, 1.0)]
        assert len(set(positions)) == 9
