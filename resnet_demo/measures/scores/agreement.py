"""Does the map depend on what the network learned, and not on noise? Rank correlations of maps.

References:
    Adebayo et al. 2018, *Sanity Checks for Saliency Maps*, arXiv:1810.03292.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from resnet_demo.results.correlation import rank_correlation

NOISE = 0.05  # of the image's range: the standard deviation of the noise a stable map does not mind
DRAWS = 4


def agreement(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's ρ between two maps (h, w), position by position; NaN where one of them is constant."""
    return rank_correlation(tuple(first.ravel().tolist()), tuple(second.ravel().tolist()))


def stability(
    image: np.ndarray, heatmap: np.ndarray, maps: Callable[[np.ndarray], np.ndarray], draws: int = DRAWS
) -> float:
    """Mean agreement of a map with those of slightly noisy copies of the image; the draws are always the same.

    Args:
        image: float32 (h, w, c), preprocessed. Not modified.
        heatmap: (h', w'), the image's map.
        maps: from a batch of images to their maps (draws, h', w').
    """
    noise = np.random.default_rng(0).normal(0, NOISE * np.ptp(image), (draws, *image.shape))
    found = maps((image + noise).astype(image.dtype))
    values = [agreement(heatmap, other) for other in found]
    return float(np.mean(values))
