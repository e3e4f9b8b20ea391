"""Does the network need what the map marks? Pixels are removed or brought back, and the probability is watched.

References:
    Petsiuk et al. 2018, *RISE*, arXiv:1806.07421 (deletion, insertion);
    Chattopadhay et al. 2018, *Grad-CAM++*, arXiv:1710.11063 (average drop, increase in confidence).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

STEPS = 10  # of a curve; each costs a forward pass
BLUR = 1 / 20  # of the photo's side: the standard deviation of the blur that stands for a removed pixel
TINY = 1e-7  # torch-cam's guard against a probability of 0

Probability = Callable[[np.ndarray], np.ndarray]  # float32 (M, h, w, c) -> float (M,), of the target


@dataclass(frozen=True)
class Curve:
    """The target's probability, float64 (steps + 1,), with 0, 1/steps … 1 of the pixels changed."""

    probabilities: np.ndarray

    @property
    def area(self) -> float:
        """The area under the curve, by trapezoids, 0 to 1."""
        return float(np.trapezoid(self.probabilities, dx=1 / (len(self.probabilities) - 1)))


def blurred(image: np.ndarray) -> np.ndarray:
    """The image, float32 (h, w, c), with all that a map could mark taken away."""
    sides = [BLUR * side for side in image.shape[:2]]
    return gaussian_filter(image, (*sides, 0), mode="nearest")


def ranking(heatmap: np.ndarray) -> np.ndarray:
    """The rank of each pixel, int (h, w): 0 for the most important; equals in an order drawn once for all.

    Without the draw a constant map would be removed line by line, which is no random order.
    """
    draw = np.random.default_rng(0).permutation(heatmap.size)
    order = np.lexsort((draw, -heatmap.ravel()))
    ranks = np.empty(heatmap.size, np.int64)
    ranks[order] = np.arange(heatmap.size)
    return ranks.reshape(heatmap.shape)


def erasing_curves(
    image: np.ndarray, heatmap: np.ndarray, probability: Probability, steps: int = STEPS
) -> tuple[Curve, Curve]:
    """Deletion and insertion of one image: most important pixels first, to and from its blur.

    Args:
        image: float32 (h, w, c), preprocessed. Not modified.
        heatmap: float (h, w).
        probability: of the target class, of a batch of such images.
        steps: points of a curve beyond its first.

    Returns:
        The deletion curve, from the whole image to its blur, and the insertion curve, from the blur to the whole.
        They share their ends, so both cost 2·steps forward passes.
    """
    blur, ranks = blurred(image), ranking(heatmap)
    # Pixels changed by step k: k/steps of them.
    changed = [ranks < round(k * heatmap.size / steps) for k in range(1, steps)]
    deleted = [np.where(mask[..., None], blur, image) for mask in changed]
    inserted = [np.where(mask[..., None], image, blur) for mask in changed]
    found = np.asarray(probability(np.stack([image, blur, *deleted, *inserted])), np.float64)
    whole, none, middle = found[:1], found[1:2], found[2:]
    return (
        Curve(np.concatenate([whole, middle[: steps - 1], none])),
        Curve(np.concatenate([none, middle[steps - 1 :], whole])),
    )


def shown_only(
    image: np.ndarray, gradcam: np.ndarray, resize: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """The image, float32 (h, w, c), times the map, as torch-cam makes it.

    The map, (h', w') at its layer's size, is scaled to 0 … 1, resized, and multiplied into the preprocessed image:
    where it is 0 stands the colour that preprocessing takes to 0.
    """
    low, high = float(gradcam.min()), float(gradcam.max())
    scaled = (gradcam - low) / (high - low) if high > low else np.zeros_like(gradcam)
    return (image * resize(scaled)[..., None]).astype(image.dtype)


def drop_and_increase(before: float, after: float) -> tuple[float, float]:
    """max(0, p − p') / p and [p < p'], of the target's probability for the image and for what the map marks of it."""
    return max(0.0, before - after) / (before + TINY), float(before < after)
