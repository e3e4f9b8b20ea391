"""Summaries are what NumPy says of all numbers at once, and merging does not care how they were parted."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_demo.atlas.summary import ACCURACY, QUANTILES, Summary

NUMBERS = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False) | st.just(float("nan")), max_size=40)
# A sketch has a bin for every 0.2 % from the smallest number to the largest: 350,000 of them from 1e-300 on.
OF_FEW_BINS = NUMBERS.map(lambda values: [0.0 if abs(value) < 1e-9 else value for value in values])


def summary_of(values) -> Summary:
    found = Summary()
    for value in values:
        found.add(float(value))
    return found


def copy(summary: Summary) -> Summary:
    return Summary.from_state(json.loads(json.dumps(summary.state())))


def merged(*parts: Summary) -> Summary:
    whole = Summary()
    for part in parts:
        whole.merge(part)
    return whole


def require_same(first: Summary, second: Summary) -> None:
    one, other = first.numbers(), second.numbers()
    assert first.undefined == second.undefined
    assert one["count"] == other["count"]
    assert one["quantiles"] == other["quantiles"]
    if one["count"]:
        assert (one["mean"], one["std"]) == pytest.approx((other["mean"], other["std"]), rel=1e-9, abs=1e-3)


def test_it_is_what_numpy_says():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(-2, 3, 400), rng.exponential(50, 300), [0, 0, np.inf, np.nan]])
    finite = values[np.isfinite(values)]
    found = summary_of(values)
    assert (found.count, found.undefined) == (702, 2)
    assert found.mean == pytest.approx(finite.mean())
    assert found.std == pytest.approx(finite.std())
    for share in QUANTILES:
        exact = np.quantile(finite, share, method="lower")
        assert found.quantiles()[f"{share:g}"] == pytest.approx(exact, rel=1.01 * ACCURACY)


def test_nothing_seen_has_no_mean():
    numbers = summary_of([float("nan")]).numbers()
    assert numbers["count"] == 0
    assert numbers["mean"] is numbers["std"] is numbers["quantiles"]["0.5"] is None
    json.dumps(numbers, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(OF_FEW_BINS, OF_FEW_BINS, OF_FEW_BINS)
def test_merging_is_associative_and_commutative(a, b, c):
    parts = [summary_of(values) for values in (a, b, c)]
    whole = summary_of([*a, *b, *c])
    require_same(merged(*parts), whole)
    require_same(merged(merged(*parts[:2]), parts[2]), merged(parts[0], merged(*parts[1:])))
    require_same(merged(*reversed(parts)), whole)


@settings(max_examples=40, deadline=None)
@given(NUMBERS, NUMBERS)
def test_a_checkpoint_goes_on_where_it_was_left(before, after):
    resumed = copy(summary_of(before))
    for value in after:
        resumed.add(value)
    require_same(resumed, summary_of([*before, *after]))


def test_what_is_merged_in_stays_as_it_is():
    other = summary_of([1, 2, 3])
    before = other.state()
    whole = merged(other)
    whole.add(100)
    assert other.state() == before
