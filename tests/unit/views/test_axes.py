import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_demo.errors import OptionError
from resnet_demo.views.axes import make_axis


def test_axis_for_bars_holds_zero_and_ends_with_the_longest():
    axis = make_axis([0.3, 1.31])
    assert (axis.low, axis.high) == (0, 1.31)
    assert axis.labels == ("0.0", "0.5", "1.0")
    assert axis.fraction(0.655) == pytest.approx(0.5)


def test_axis_for_points_ends_at_round_numbers():
    axis = make_axis([2.1, 3.9], bars=False)
    assert axis.ticks == pytest.approx((2.0, 2.5, 3.0, 3.5, 4.0))
    assert (axis.low, axis.high) == (2, 4)


def test_symlog_by_hand():
    axis = make_axis([-1, 1, 100], scale="symlog")
    assert axis.threshold == 1
    assert axis.ticks == (-1, 0, 1, 10, 100)
    total = math.log(2) + math.log(101)
    assert axis.fraction(0) == pytest.approx(math.log(2) / total)
    assert axis.fraction(10) == pytest.approx((math.log(2) + math.log(11)) / total)


def test_auto_is_symlog_only_where_one_value_dwarfs_the_others():
    assert make_axis([1, 2, 3, 20], scale="auto").threshold == 0
    assert make_axis([1, 2, 3, 2000], scale="auto").threshold > 0


@pytest.mark.parametrize("values", [[], [0.0], [0.0, 0.0]])
@pytest.mark.parametrize("scale", ["linear", "symlog", "auto"])
def test_nothing_to_draw_gives_zero_to_one(values, scale):
    axis = make_axis(values, scale=scale)
    assert (axis.low, axis.high) == (0, 1)


@given(
    st.lists(st.floats(-1e6, 1e6).filter(lambda v: v == 0 or abs(v) > 1e-6), min_size=1),
    st.sampled_from(["linear", "symlog", "auto"]),
    st.booleans(),
)
def test_every_value_lies_on_the_axis_in_order(values, scale, bars):
    axis = make_axis(values, scale=scale, bars=bars)
    fractions = [axis.fraction(value) for value in sorted(values)]
    assert all(-1e-6 <= fraction <= 1 + 1e-6 for fraction in fractions)
    assert fractions == sorted(fractions)
    assert len(axis.labels) == len(axis.ticks)
    assert all(-1e-6 <= axis.fraction(tick) <= 1 + 1e-6 for tick in axis.ticks)


def test_refuses_nan_and_unknown_scales():
    with pytest.raises(OptionError, match="finite"):
        make_axis([math.nan])
    with pytest.raises(OptionError, match="scale='log'"):
        make_axis([1], scale="log")
