"""The answer as it forms: lines through the measured points, columns that open their blocks."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from resnet_demo.results.classes import Label, Prediction
from resnet_demo.results.findings import rivals
from resnet_demo.results.laboratory import AsItForms, Formed
from resnet_demo.views.as_it_forms import (
    FormingClass,
    FormingStep,
    FormingWords,
    as_it_forms,
    as_it_forms_table,
)

BALL = (0.1, 0.3, 0.9)
TENCH = (0.6, 0.5, 0.05)
STEPS = [
    FormingStep("stem", None, "stem", "tench", -1.0, 2.0),
    FormingStep("conv2_block1", "conv2_block1", "conv2", "tench", 1.0, 2.5),
    FormingStep("conv3_block1", "conv3_block1", "conv3", "golf <ball>", 4.0, 4.0),
]
CLASSES = [FormingClass("golf <ball>", BALL), FormingClass("tench", TENCH)]


def drawn(steps=STEPS, classes=CLASSES, **options):
    return ET.fromstring(as_it_forms(steps, classes, FormingWords(), alt="how it formed", **options))


def points(with_class, root, name):
    """A line's points: column from 0, and pixels from the top."""
    line = next(e for e in with_class(with_class(root, "rx-chart")[0], name) if e.tag == "polyline")
    return np.array([[float(v) for v in point.split(",")] for point in line.get("points").split()])


@pytest.mark.parametrize(("index", "probabilities"), [(0, BALL), (1, TENCH)])
def test_a_line_goes_through_its_probabilities(with_class, index, probabilities):
    found = points(with_class, drawn(), f"rx-forming-{index}")
    np.testing.assert_allclose(found[:, 0], [0.5, 1.5, 2.5])
    np.testing.assert_allclose(
        (found[0, 1] - found[:, 1]) / 180, np.subtract(probabilities, probabilities[0]), atol=1e-4
    )


def test_both_sums_have_one_axis(with_class):
    root = drawn()
    gated, running = (points(with_class, root, f"rx-forming-{n}")[:, 1] for n in ("gated", "running"))
    unit = (gated[0] - gated[2]) / 5  # from -1 to 4
    np.testing.assert_allclose(gated[0] - running, unit * np.array([3, 3.5, 5]), atol=0.02)
    assert gated[2] == running[2]  # two ways to one logit


def test_each_block_is_a_column_that_opens_it_and_the_stem_is_none(with_class):
    root = drawn(selected="conv3_block1")
    (stem,) = with_class(root, "rx-item")
    blocks = with_class(root, "rx-block")
    assert [b.get("data-block") for b in blocks] == ["conv2_block1", "conv3_block1"]
    assert [b.get("aria-pressed") for b in blocks] == ["false", "true"]
    assert stem.get("aria-label") == "stem: golf <ball> 10.0%; on top: tench"
    assert blocks[1].get("aria-label") == "conv3_block1: golf <ball> 90.0%; on top: golf <ball>"
    hits = with_class(root, "rx-hit")
    assert [(h.get("x"), h.get("width")) for h in hits] == [
        ("0%", "33.333%"),
        ("33.333%", "33.333%"),
        ("66.667%", "33.333%"),
    ]


def test_the_lead_is_marked_at_its_column(with_class):
    assert not with_class(drawn(), "rx-forming-lead")
    (line,) = with_class(drawn(lead=2), "rx-forming-lead")
    assert line.get("x1") == line.get("x2") == "83.333%"


def test_without_probabilities_and_ledger_there_is_the_logit_alone(with_class):
    steps = [FormingStep(s.name, s.block, s.stage, s.top, s.logit, None) for s in STEPS]
    root = drawn(steps, [FormingClass("x", [float("nan")] * 3)])
    lines = [
        e.get("class").split()[-1] for e in with_class(with_class(root, "rx-chart")[0], "rx-forming-line")
    ]
    assert lines == ["rx-forming-gated"]
    assert len(with_class(with_class(root, "rx-legend")[0], "rx-legend-item")) == 1


def test_the_table_has_every_number():
    root = ET.fromstring(as_it_forms_table(STEPS, CLASSES, FormingWords()))
    rows = [[cell.text for cell in row] for row in root.iter("tr")]
    assert rows[0][:4] == ["after", "golf <ball>", "tench", "top class"]
    assert rows[1] == ["stem", "10.0%", "60.0%", "tench", "−1.00", "2.00"]
    assert rows[3] == ["conv3_block1", "90.0%", "5.0%", "golf <ball>", "4.00", "4.00"]


def test_rivals_led_once_or_were_likely():
    chances = np.array(
        [[0.5, 0.1, 0.1, 0.3, 0.0], [0.1, 0.2, 0.1, 0.15, 0.45], [0.05, 0.25, 0.6, 0.05, 0.05]]
    )
    top = [Prediction(int(i), Label("", str(i), str(i)), 0.0, 0.0) for i in chances.argmax(axis=1)]
    steps = tuple(Formed(i, 0.0, 0.0, t) for i, t in enumerate(top))
    found = AsItForms(2, steps, np.log(chances + 1e-9).astype(np.float32), chances)
    assert rivals(found) == [0, 4, 3, 1]  # 0 and 4 led
    assert rivals(found, 1) == [0]
