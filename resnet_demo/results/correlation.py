"""Do two measurements put the blocks in the same order?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's ρ, -1 to 1: the correlation of ranks, equal values sharing their mean rank.

    Pairs in which either value is NaN are left out. NaN where fewer than two pairs remain, or a
    side is constant.
    """
    ranks = centred_ranks(first, second)
    norms = np.linalg.norm(ranks, axis=1)
    return float(ranks[0] @ ranks[1] / norms.prod()) if norms.all() else float("nan")


def centred_ranks(first: Sequence[float], second: Sequence[float]) -> np.ndarray:
    """The ranks, less their mean, of each side's values: float64 (2, n), of the n pairs without a NaN."""
    pairs = np.array([first, second], np.float64)
    pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]
    ranks = np.stack([_ranks(side) for side in pairs])
    centred: np.ndarray = ranks - ranks.sum(axis=1, keepdims=True) / max(pairs.shape[1], 1)
    return centred


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, float64 (n,); equal values share their mean rank."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[which]
