"""The pictures of the walk's live steps, of what few networks give: no ReLU, no probabilities, many blocks."""

import json
import re
from math import comb
from xml.etree import ElementTree

import pytest

from resnet_demo.results.check import Check
from resnet_demo.results.classes import Label
from resnet_demo.results.paths import PathLengths, SampledPaths
from resnet_demo.views.learn import gradient_split, identity, paths
from resnet_demo.views.learn import sum as addition
from resnet_demo.views.messages.words import Words

CAT = Label("n1", "cat", "猫")
SHOWN = {"height": 4, "width": 6, "channels": 3, "channel": 1, "step": 2}


def parsed(html):
    return ElementTree.fromstring(f"<div>{html}</div>")


def sum_check(relu):
    s, f = [[1.0, 0.0, 2.0], [0.5, 0.25, 4.0]], [[-3.0, 0.5, 1.5], [0.125, -0.25, 0.0]]
    y = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(s, f, strict=True)]
    output = [[max(v, 0.0) for v in row] for row in y] if relu else y
    data = {"shortcut": s, "residual": f, "sum": y, "output": output, "relu": relu, "kind": "identity"}
    return Check("sum", "holds", {}, data | SHOWN | {"block": "conv2_block2", "blocks": ["conv2_block2"]})


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("relu", [True, False])
def test_a_sum_without_a_relu_has_no_fourth_map(relu, language):
    root = parsed(addition.draw(sum_check(relu), Words(language)))

    assert len(root.findall(".//image")) == 3 + relu
    assert len(root.findall(".//*[@data-term]")) == 3 + relu
    (picture,) = (e for e in root.iter() if "data-numbers" in e.attrib)
    numbers = json.loads(picture.get("data-numbers"))
    assert numbers[0][:3] == ["1.0000", "−3.0000", "−2.000"]
    assert numbers[0][3] == ("0.000" if relu else "−2.000")
    assert len(numbers) == 6
    cursors = [e for e in root.iter("rect") if e.get("class") == "rx-cursor"]
    assert {(e.get("x"), e.get("y")) for e in cursors} == {("2", "0")}, "where both branches speak"
    assert "".join(root.find(".//*[@data-where]").itertext()) == "(1, 5)"  # every other position is drawn


def test_a_projection_says_its_shapes_and_a_bent_block_by_how_much():
    gates = [{"gate": g, "logit": 1 + g, "probability": float("nan"), "top1": CAT} for g in (0.0, 0.5, 1.0)]
    blocks = [
        {"name": "conv2_block1", "kind": "projection", "largest": None},
        {"name": "conv2_block2", "kind": "identity", "largest": 0.0},
        {"name": "conv2_block3", "kind": "identity", "largest": 0.125},
    ]
    data = {"blocks": blocks, "block": "conv2_block1", "target": CAT, "gates": gates, "input": None}
    data |= {"input_shape": (8, 12, 2), "outputs": [[[g, -g]] for g in (1.0, 2.0, 3.0)]} | SHOWN

    html = identity.draw(Check("identity", "holds", {}, data), Words("en"))

    assert "The input is 8×12×2, the output 4×6×3" in html
    assert "cat –, its logit 1.00 (−1.00 compared with gate 1)" in html
    root = parsed(html)
    panels = [e for e in root.iter() if "data-at" in e.attrib]
    assert ["hidden" in e.attrib for e in panels] == [False, True, True]
    chips = list(root.iter("li"))
    assert [e.get("class").split()[1] for e in chips] == ["rx-chip-other", "rx-chip-same", "rx-chip-off"]
    assert "up to 0.125" in "".join(chips[2].itertext())


def test_a_form_that_is_not_defined_has_no_bar():
    row = {
        "stage": "conv2",
        "kind": "identity",
        "shortcut": 3e-4,
        "residual": 1e-4,
        "cosine": None,
        "closed": 0.5,
    }
    rows = [
        row | {"name": "conv2_block1", "output": None, "sum": None, "corrected": 0.0},
        row | {"name": "conv2_block2", "output": 0.5, "sum": 0.0, "corrected": 0.0},
    ]

    root = parsed(gradient_split.draw(Check("gradient_split", "holds", {}, {"blocks": rows}), Words("en")))

    bars = {e.get("aria-label"): e.findall("rect") for e in root.iter("g") if e.get("class") == "rx-item"}
    assert {label: len(found) for label, found in bars.items() if "%" in label or "not" in label} == {
        "conv2_block1: not defined": 0,
        "conv2_block2: 50.0%": 1,
    }


def paths_check(chance, blocks, lengths):
    answer = {"logit": -2.0, "probability": chance, "same": True}
    other = {"logit": 3.0, "probability": chance, "same": False}
    shares = tuple(1 / lengths for _ in range(lengths))
    found = PathLengths(0, (1, blocks, *[5] * (lengths - 2)), shares, shares, 0.0, 0.25, None)
    every = tuple(comb(blocks, k) for k in range(blocks + 1))
    sampled = SampledPaths(0, every, (2,) * len(every), (0.5,) * len(every), (0.1,) * len(every))
    data = {
        "whole": answer,
        "target": CAT,
        "lengths": found,
        "sampled": sampled,
        "lesions": [{"block": "conv2_block1", **other}],
        "removed": [{"count": 2, **answer}],
        "orders": [],
    }
    return Check("paths", "holds", {}, data)


def test_without_probabilities_logits_are_drawn():
    html = paths.draw(paths_check(float("nan"), 4, 5), Words("en"))

    assert "logit of cat" in html
    assert "probability of cat" not in html
    assert html.count("<circle") == 2
    assert html.count("rx-dot-hollow") == 1
    assert "Kendall" not in html, "no blocks can be exchanged"


def test_longer_paths_are_a_column_of_their_own():
    few, many = (parsed(paths.draw(paths_check(0.5, n, 5), Words("en"))) for n in (4, 30))

    def columns(root):
        titles = [t.text for t in root.iter("title") if re.match("Length", t.text or "")]
        return [title.split(":")[0] for title in titles[::3]]

    assert columns(few) == [f"Length {k}" for k in range(5)]
    assert columns(many) == [*columns(few), "Length > 4"]
    for root in (few, many):
        assert [line.get("class") for line in root.iter("line")].count("rx-whisker") == 5
