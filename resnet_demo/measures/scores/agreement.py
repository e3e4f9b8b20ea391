"""Does the map depend on what the network learned, and not on noise? Rank correlations of maps.

References:
    Adebayo et al. 2018, *Sanity Checks for Saliency Maps*, arXiv:1810.03292.
"""

from __future__ import annotations

import numpy as np

from resnet_demo.results.correlation import rank_correlation

NOISE = 0.05  # of the image's range: the standard deviation of the noise a stable map does not mind
DRAWS = 4


def agreement(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's ρ between two maps (h, w), position by position; NaN where one of them is constant."""
    return rank_correlation(tuple(first.ravel().tolist()), tuple(second.ravel().tolist()))


def noisy(image: np.ndarray, draws: int = DRAWS) -> np.ndarray:
    """Slightly noisy copies (draws, h, w, c) of an image (h, w, c), preprocessed; the draws are always the same."""
    noise = np.random.default_rng(0).normal(0, NOISE * np.ptp(image), (draws, *image.shape))
    return (image + noise).astype(image.dtype)


def mean_agreement(heatmap: np.ndarray, others: np.ndarray) -> float:
    """Mean agreement of a map (h, w) with others (n, h, w): its stability where they are those of `noisy` copies."""
    return float(np.mean([agreement(heatmap, other) for other in others]))
