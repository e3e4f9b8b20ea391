"""Do two measurements put the blocks in the same order?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's ρ, -1 to 1: the correlation of ranks, equal values sharing their mean rank.

    Pairs in which either value is NaN are left out. NaN where fewer than two pairs remain, or a
    side is constant.
    """
    pairs = np.array([first, second], np.float64)
    pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]
    if pairs.shape[1] < 2:
        return float("nan")
    ranks = np.stack([rankdata(side) for side in pairs])
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)
    return float(centred[0] @ centred[1] / norms.prod()) if norms.all() else float("nan")
