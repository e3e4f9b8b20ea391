"""The walk's steps, pictures and words are there for each other, in both languages."""

import re
import string
from pathlib import Path

import pytest

from resnet_demo.learn.steps import STEPS
from resnet_demo.views.learn import DRAWINGS
from resnet_demo.views.messages.words import CATALOGUES

FIXED = ("short", "title", "idea", "claim", "tutorial", "further")
FILLED = ("holds", "holds_only_where", "does_not_hold", "measured")
KEYS = [step.key for step in STEPS]
PACKAGE = Path(__file__).resolve().parents[2] / "resnet_demo"


def test_the_ten_steps_stand_in_their_order():
    assert KEYS == [
        "degradation",
        "gradients",
        "sum",
        "identity",
        "gradient_split",
        "bottleneck",
        "shapes",
        "projection",
        "paths",
        "depths",
    ]


def test_each_step_has_a_picture_and_no_other():
    assert list(DRAWINGS) == KEYS
    assert len(set(KEYS)) == len(KEYS)


@pytest.mark.parametrize("language", CATALOGUES)
@pytest.mark.parametrize("key", KEYS)
def test_each_step_has_its_words(key, language):
    said = CATALOGUES[language]
    for ending in FIXED:
        text = said[f"learn_{key}_{ending}"]
        assert text
        assert "{" not in text, text
    assert all(said[f"learn_{key}_{ending}"] for ending in FILLED)
    assert len(said[f"learn_{key}_short"]) < 16  # it stands under a number
    numbers = [name for _, name, _, _ in string.Formatter().parse(said[f"learn_{key}_holds"]) if name]
    assert numbers, "a verdict comes with its number"


@pytest.mark.parametrize("key", KEYS)
def test_where_to_read_on_is_a_paper(key):
    links = [re.findall(r"arXiv:\d{4}\.\d{4,5}", c[f"learn_{key}_further"]) for c in CATALOGUES.values()]
    assert links[0]
    assert links[0] == links[1]


def test_every_other_word_of_the_walk_is_used():
    """The steps' words are made of their keys, which excuses them from the test of all words."""
    of_steps = {f"learn_{key}_{ending}" for key in KEYS for ending in (*FIXED, *FILLED)}
    verdicts = {f"learn_{verdict}" for verdict in FILLED[:3]}
    code = "".join(
        p.read_text("utf-8") for room in ("learn", "views", "ui") for p in (PACKAGE / room).rglob("*.py")
    )
    others = {k for k in CATALOGUES["en"] if k.startswith("learn_")} - of_steps - verdicts
    turns = {"learn_back", "learn_forward"}
    assert not [k for k in others - turns if f'"{k}"' not in code and f"'{k}'" not in code]
