"""What the page writes, a reader can check with the numbers as they are written."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_demo.views.cards import addition

PART = st.floats(-1e4, 1e4).filter(lambda value: value == 0 or abs(value) > 1e-6)


def test_signs_and_decimals():
    assert addition([22.13641, -21.05961], 1.0768) == "22.1364 − 21.0596 = 1.077"
    assert (
        addition([-0.01361, -0.20912, 0.673, 21.686], 22.13627)
        == "−0.0136 − 0.2091 + 0.6730 + 21.6860 = 22.136"
    )
    assert addition([0.8674, 0.6551, -0.5225], 1.0, digits=5) == "0.8674 + 0.6551 − 0.5225 = 1.000"
    assert addition([0.0, 0.0], 0.0) == "0.0 + 0.0 = 0"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_defined_is_a_dash(value):
    assert addition([value, 1.0], value) == "–"


@given(st.lists(PART, min_size=2, max_size=4))
def test_the_parts_as_written_add_up_to_the_total_as_written(parts):
    written = addition(parts, math.fsum(parts)).replace("−", "-").replace("- ", "-").replace("+ ", "")
    left, right = written.split(" = ")
    decimals = len(right.partition(".")[2])
    assert math.fsum(map(float, left.split())) == pytest.approx(float(right), abs=0.75 * 10.0**-decimals)
