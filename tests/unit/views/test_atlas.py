"""The atlas on the page: profiles per class, agreement, lesions, layers; out of an atlas made by hand."""

from dataclasses import dataclass
from html import unescape

import pytest

from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.atlas import (
    agreement_view,
    lesions_view,
    no_atlas_view,
    scores_view,
    typical_view,
    unusual_view,
)


def spread(low: float, mean: float, high: float) -> dict:
    return {"count": 40, "mean": mean, "std": 0.1, "quantiles": {"0.05": low, "0.5": mean, "0.95": high}}


NAMES = ("conv2_block1", "conv2_block2", "conv3_block1")
ATLAS = {
    "images": 40,
    "top1": 0.75,
    "blocks": [
        {
            "name": name,
            "ratio": spread(0.1 * i, 0.15 * i, 0.3 * i),
            "novelty": spread(0.8, 0.9, 0.95),
            "closed_gates": spread(0.2, 0.4, 0.6),
            "ledger": spread(-1, 0.1, 2),
        }
        for i, name in enumerate(NAMES, 1)
    ],
    "classes": [
        {
            "index": 4,
            "label": "church",
            "images": 6,
            "ratio": {"mean": [0.5, 0.2, 0.3], "std": [0.1, 0.1, 0.05]},
        }
    ],
    "correlations": {"ratio/ledger": spread(-0.5, -0.21, 0.3), "ratio/novelty": spread(0.5, 0.66, 0.9)},
    "lesions": {
        "images": 40,
        "without": {"conv2_block1": 0.5, "conv2_block2": 0.775, "conv3_block1": 0.7},
        "without_pairs": {
            "conv2_block1/conv2_block2": 0.45,
            "conv2_block1/conv3_block1": 0.1,
            "conv2_block2/conv3_block1": 0.65,
        },
    },
    "scores": {
        "gradcam": {
            "conv3_block1": {"pointing": {"mean": 0.9, "std": 0.1}, "deletion": {"mean": 0.3, "std": 0.1}},
            "conv2_block2": {"pointing": {"mean": 0.5, "std": 0.2}, "deletion": {"mean": 0.2, "std": 0.1}},
        }
    },
}


@dataclass(frozen=True)
class Block:
    name: str
    ratio: float
    novelty: float
    closed_gates: float


PHOTO = [Block(name, ratio, 0.9, 0.4) for name, ratio in zip(NAMES, (0.15, 0.7, float("nan")), strict=True)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_photos_and_one_class(language):
    words = Words(language)
    every = unescape(typical_view(ATLAS, None, words("atlas_everything"), "ratio", PHOTO, words))
    assert "conv3_block1" in every.split("re-finding")[1].split("</p>")[0]
    assert every.count('class="rx-range"') == 3
    assert every.count("rx-range-whole") == 0
    assert every.count('class="rx-own"') == 2  # where the photo has none there is no mark
    assert words("atlas_band_hint") in every
    church = unescape(typical_view(ATLAS, 4, "church", "ratio", PHOTO, words))
    assert church.count("rx-range-whole") == 3
    assert "0.400 – 0.600" in church
    assert words("atlas_deviation") in church
    assert words("atlas_deviation") not in every


def test_of_what_the_overview_has_not_measured_there_is_no_mark():
    assert "rx-own" not in typical_view(ATLAS, None, "all", "ledger", PHOTO, Words("en"))
    assert "rx-own" not in typical_view(ATLAS, None, "all", "ratio", (), Words("en"))


def test_unusual_blocks_are_named():
    view = unusual_view(ATLAS, PHOTO, Words("en"))
    assert "1 of 9 numbers" in view
    assert "conv2_block2" in view
    assert "conv2_block1" not in view
    usual = unusual_view(ATLAS, PHOTO[:1], Words("en"))
    assert "0 of 3" in usual
    assert "<table" not in usual


def test_agreement_is_a_table_of_both_halves():
    view = agreement_view(ATLAS, Words("en"))
    assert view.count("0.66 ± 0.10") == 4  # written, and said, in either half
    assert "magnitude ratio and novelty (ρ = 0.66)" in view
    assert "magnitude ratio and ledger (ρ = −0.21)" in view


def test_lesions_of_one_block_and_of_two():
    view = unescape(lesions_view(ATLAS, Words("en")))
    finding = view.split('re-finding">')[1].split("</p>")[0]
    assert (
        "75.0% are classified right; without conv2_block1 it is 50.0%, without conv2_block2 77.5%" in finding
    )
    assert "conv2_block1 and conv3_block1 10.0%" in finding
    assert (
        view.count('title="conv2_block1, conv3_block1: 10.0%"')
        + view.count('title="conv3_block1, conv2_block1: 10.0%"')
        == 2
    )
    assert view.count("<td style") == 9


def test_layers_by_every_score():
    view = scores_view(ATLAS, Words("en"))
    assert "pointing prefers conv3_block1, deletion prefers conv2_block2" in view
    assert "<strong>0.90 ± 0.10</strong>" in view
    assert "<strong>0.20 ± 0.10</strong>" in view


def test_without_an_atlas_the_command_stands_there():
    view = no_atlas_view("my weights", Words("en"))
    assert "my weights" in view
    assert "python -m resnet_demo atlas DATA" in view
    assert "RESNET_DEMO_ATLAS" in view
