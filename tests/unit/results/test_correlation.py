"""Rank correlation against SciPy's and against hand-worked numbers."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from resnet_demo.results.correlation import rank_correlation


def test_only_the_order_counts():
    assert rank_correlation([1, 2, 3, 4], [0.1, 5, 5.1, 1000]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3, 4], [9, 3, 2, -7]) == pytest.approx(-1)


def test_a_hand_worked_case():
    # Ranks 1 2 3 4 5 and 2 1 4 3 5: 1 − 6·(1+1+1+1+0) / (5·24) = 0.8.
    assert rank_correlation([10, 20, 30, 40, 50], [0.2, 0.1, 0.4, 0.3, 0.5]) == pytest.approx(0.8)


def test_equal_values_share_their_mean_rank():
    rng = np.random.default_rng(0)
    for _ in range(20):
        first, second = rng.integers(0, 5, (2, 16)).astype(float)
        assert rank_correlation(first, second) == pytest.approx(spearmanr(first, second).statistic)


def test_pairs_with_nan_are_left_out():
    assert rank_correlation([1, 2, np.nan, 3], [3, 2, 9, 1]) == pytest.approx(-1)


@pytest.mark.parametrize(("first", "second"), [([1, 1, 1], [1, 2, 3]), ([1], [2]), ([1, np.nan], [1, 2])])
def test_no_order_no_correlation(first, second):
    assert np.isnan(rank_correlation(first, second))
