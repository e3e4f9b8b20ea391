"""The heatmap tested and the layers scored, as a reader sees them."""

from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from resnet_demo.results.belief import Belief, Curve, LayerTable
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.belief import belief_view, layers_view

NAN = float("nan")


def curve(*values: float) -> Curve:
    return Curve(np.array(values))


FOUND = Belief(
    method="gradcam",
    layer="conv5_block3",
    target=3,
    deletion=curve(0.9, 0.2, 0.1),  # 0.35
    insertion=curve(0.1, 0.8, 0.9),  # 0.65
    centre_deletion=curve(0.9, 0.6, 0.1),  # 0.55
    centre_insertion=curve(0.1, 0.4, 0.9),  # 0.45
    sanity=0.1,
    stability=0.95,
    flat=False,
    passes=35,
)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "belief_both"),
        ({"insertion": curve(0.1, 0.3, 0.9)}, "belief_one"),
        ({"insertion": curve(0.1, 0.3, 0.9), "deletion": curve(0.9, 0.7, 0.1)}, "belief_none"),
        ({}, "sanity_low"),
        ({"sanity": -0.7}, "sanity_high"),
        ({"sanity": NAN}, "sanity_gone"),
        ({"sanity": NAN, "stability": NAN, "flat": True}, "belief_flat"),
        ({}, "stability_high"),
        ({"stability": 0.3}, "stability_low"),
        ({"stability": NAN}, "stability_gone"),
        ({"stability": NAN, "method": "saliency"}, "stability_dear"),
    ],
)
def test_the_numbers_are_told_and_what_they_mean(language, change, said):
    words = Words(language)
    view = unescape(belief_view(replace(FOUND, **change), "church", words))
    assert words(said) in view
    others = {"belief_both", "belief_one", "belief_none"} if said.startswith("belief_b") else set()
    assert not [key for key in others - {said} if words(key) in view]
    if not change:
        for number in ("35.0%", "55.0%", "65.0%", "45.0%", "arXiv:2302.10764"):
            assert number in view
        assert words("belief_passes", passes=35) in view


def test_each_curve_has_its_alternative_text_and_its_table():
    view = belief_view(FOUND, "church", Words("en"))
    assert view.count("<polyline") == 4
    assert view.count("<details") == 2
    assert 'aria-label="Probability of church while pixels are blurred away' in view
    assert "<td>80.0%</td>" in view


def test_layers_that_the_scores_prefer():
    words = Words("en")
    table = LayerTable(
        3,
        {
            "conv5_block3": {"insertion": 0.5, "deletion": 0.2, "average_drop": NAN, "increase": 0.0},
            "conv4_block6": {"insertion": 0.4, "deletion": 0.1, "average_drop": NAN, "increase": 0.0},
        },
        22,
    )
    view = layers_view(table, "church", "conv4_block6", words)
    assert "insertion prefers conv5_block3, deletion prefers conv4_block6." in view
    assert 'data-block="conv4_block6"' in view
    assert "22 forward passes" in view
    same = {name: dict(values, deletion=0.2) for name, values in table.layers.items()}
    assert words("layers_agree", layer="conv5_block3", label="church") in layers_view(
        replace(table, layers=same), "church", "conv5_block3", words
    )
    alike = dict.fromkeys(table.layers, table.layers["conv5_block3"])
    assert words("layers_equal", label="church") in layers_view(
        replace(table, layers=alike), "church", "conv5_block3", words
    )
