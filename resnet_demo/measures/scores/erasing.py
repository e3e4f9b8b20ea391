"""Does the network need what the map marks? Pixels are removed or brought back, and the probability is watched.

References:
    Petsiuk et al. 2018, *RISE*, arXiv:1806.07421 (deletion, insertion);
    Chattopadhay et al. 2018, *Grad-CAM++*, arXiv:1710.11063 (average drop, increase in confidence).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter

from resnet_demo.results.belief import Curve

CURVE_STEPS = 10  # each costs a forward pass
BLUR = 1 / 20  # of the photo's side: the standard deviation of the blur that stands for a removed pixel
TINY = 1e-7  # torch-cam's guard against a probability of 0

Probability = Callable[[np.ndarray], np.ndarray]  # float32 (M, h, w, c) -> float (M,), of the target


def blurred(image: np.ndarray) -> np.ndarray:
    """The image, float32 (h, w, c), with all that a map could mark taken away."""
    sides = [BLUR * side for side in image.shape[:2]]
    smooth: np.ndarray = gaussian_filter(image, (*sides, 0), mode="nearest")
    return smooth


def ranking(heatmap: np.ndarray) -> np.ndarray:
    """The rank of each pixel, int (h, w): 0 for the most important; equals in an order drawn once for all.

    Without the draw a constant map would be removed line by line, which is no random order.
    """
    draw = np.random.default_rng(0).permutation(heatmap.size)
    order = np.lexsort((draw, -heatmap.ravel()))
    ranks = np.empty(heatmap.size, np.int64)
    ranks[order] = np.arange(heatmap.size)
    return ranks.reshape(heatmap.shape)


def from_centre(size: tuple[int, int]) -> np.ndarray:
    """A map (h, w) that knows nothing of the photo: 0 at its centre, less the further from it, as parts of its sides.

    What it scores is what a map has to do better than.
    """
    rows, columns = ((np.arange(side) + 0.5) / side - 0.5 for side in size)
    return -np.hypot(rows[:, np.newaxis], columns)


def erasing_curves(
    image: np.ndarray, heatmaps: Sequence[np.ndarray], probability: Probability, steps: int = CURVE_STEPS
) -> list[tuple[Curve, Curve]]:
    """Deletion and insertion of one image by each of several maps: most important pixels first, to and from its blur.

    Args:
        image: float32 (h, w, c), preprocessed. Not modified.
        heatmaps: float (h, w) each.
        probability: of the target class, of a batch of such images.
        steps: points of a curve beyond its first.

    Returns:
        For each map the deletion curve, from the whole image to its blur, and the insertion curve, from the blur to the
        whole. All share their ends: `passes_of` says how many forward passes that is.
    """
    blur = blurred(image)
    whole, none = (np.array([end], np.float64) for end in probability(np.stack([image, blur])))
    found = []
    for heatmap in heatmaps:
        ranks = ranking(heatmap)
        # Pixels changed by step k: k/steps of them.
        changed = [ranks < round(k * heatmap.size / steps) for k in range(1, steps)]
        deleted = [np.where(mask[..., None], blur, image) for mask in changed]
        inserted = [np.where(mask[..., None], image, blur) for mask in changed]
        between = np.array([], np.float64)
        if changed:
            between = np.asarray(probability(np.stack([*deleted, *inserted])), np.float64)
        found.append(
            (
                Curve(np.concatenate([whole, between[: steps - 1], none])),
                Curve(np.concatenate([none, between[steps - 1 :], whole])),
            )
        )
    return found


def passes_of(maps: int, steps: int = CURVE_STEPS) -> int:
    """How many images `erasing_curves` has the network see."""
    return 2 + 2 * (steps - 1) * maps


def shown_only(
    image: np.ndarray, gradcam: np.ndarray, resize: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """The image, float32 (h, w, c), times the map, as torch-cam makes it.

    The map, (h', w') at its layer's size, is scaled to 0 … 1, resized, and multiplied into the preprocessed image:
    where it is 0 stands the colour that preprocessing takes to 0.
    """
    low, high = float(gradcam.min()), float(gradcam.max())
    scaled = (gradcam - low) / (high - low) if high > low else np.zeros_like(gradcam)
    shown: np.ndarray = (image * resize(scaled)[..., None]).astype(image.dtype)
    return shown


def drop_and_increase(before: float, after: float) -> tuple[float, float]:
    """max(0, p − p') / p and [p < p'], of the target's probability for the image and for what the map marks of it."""
    return max(0.0, before - after) / (before + TINY), float(before < after)
