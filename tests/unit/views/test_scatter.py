import math
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from resnet_demo.errors import OptionError
from resnet_demo.views.scatter import ScatterPoint, ScatterWords, scatter

WORDS = ScatterWords()
POINTS = [
    ScatterPoint("conv2_block1", "2.1", "conv2", "projection", 0.0, 10.0),
    ScatterPoint("conv2_block2", "2.2", "conv2", "identity", 0.25, 40.0),
    ScatterPoint("conv3_block1", "3.1", "conv3", "projection", 1.0, 0.0),
]


def draw(points=POINTS, **options):
    return ET.fromstring(
        scatter(points, "ratio", "lesion", WORDS, alt="magnitude is not importance", **options)
    )


def spots(root, with_class, percent):
    marks = [next(g.iter("svg")) for g in with_class(root, "rx-block")]
    return [(percent(mark.get("x")), float(mark.get("y"))) for mark in marks]


def test_points_are_where_their_values_are(with_class, percent):
    slots = spots(draw(x_scale="linear", y_scale="linear"), with_class, percent)
    assert [x for x, _ in slots] == pytest.approx([0, 25, 100])
    bottom = slots[2][1]
    assert [bottom - y for _, y in slots] == pytest.approx([bottom * v / 40 for v in (10, 40, 0)], abs=0.01)


def test_swapping_the_columns_changes_the_picture(with_class, percent):
    swapped = [replace(p, x=p.y, y=p.x) for p in POINTS]
    assert spots(draw(swapped), with_class, percent) != spots(draw(), with_class, percent)


def test_symlog_keeps_the_order_and_spreads_the_small(with_class, percent):
    points = [replace(POINTS[0], name=str(i), x=x) for i, x in enumerate([1e-3, 1e-2, 1e-1, 100.0])]
    linear = spots(draw(points, x_scale="linear"), with_class, percent)
    symlog = spots(draw(points, x_scale="symlog"), with_class, percent)
    assert [x for x, _ in symlog] == sorted(x for x, _ in symlog)
    assert symlog[2][0] > 10 * linear[2][0]
    assert spots(draw(points), with_class, percent) == symlog  # "auto" chooses it


def test_shape_tells_the_stage_and_filling_the_kind(with_class):
    marks = [with_class(g, "rx-mark")[0] for g in with_class(draw(), "rx-block")]
    assert marks[0].get("d") == marks[1].get("d") != marks[2].get("d")
    assert ["rx-mark-projection" in m.get("class") for m in marks] == [True, False, True]


def test_words(with_class):
    root = draw(correlation="rank correlation ρ = 0.62", selected="conv2_block2")
    group = with_class(root, "rx-block")[1]
    assert group.get("aria-label") == "conv2_block2: ratio 0.250, lesion 40.0"
    assert "rank correlation ρ = 0.62" in "".join(root.itertext())
    assert [g.get("data-block") for g in with_class(root, "rx-selected")] == ["conv2_block2"]
    legend = "".join(with_class(root, "rx-legend")[0].itertext())
    assert legend == "conv2conv3projection blockidentity block"


def test_labels_in_a_crowd_step_aside_or_wait_for_the_pointer(with_class):
    crowd = [replace(POINTS[1], name=f"b{i}", label="a long label") for i in range(12)]
    labels = with_class(draw(crowd), "rx-mark-label")
    shown = [e for e in labels if "rx-crowded" not in e.get("class")]
    slots = [(e.get("x"), e.get("y"), e.get("text-anchor")) for e in shown]
    assert 2 <= len(shown) < 12
    assert len(set(slots)) == len(slots)


def test_none_one_and_escaping(with_class):
    assert not with_class(draw([]), "rx-block")
    one = draw([replace(POINTS[0], name="<b>", label="<b>&")])
    assert with_class(one, "rx-mark-label")[0].text == "<b>&"


def test_refuses_nan():
    with pytest.raises(OptionError, match="finite"):
        draw([replace(POINTS[0], x=math.nan)])
