"""Does the map lie on the object? Against boxes drawn by people.

References:
    Zhang et al. 2018, *Top-Down Neural Attention by Excitation Backprop* (pointing game);
    Wang et al. 2020, *Score-CAM* (energy-based pointing game).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resnet_demo.photos.annotations import Box


def inside_boxes(boxes: Sequence[Box], photo: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Which pixels of the network's input lie in a box: bool (H, W), judged at each pixel's middle.

    Args:
        boxes: in pixels of the photo.
        photo: (height, width) of the photo, which is resized whole.
        size: (H, W) of the input.
    """
    rows = (np.arange(size[0]) + 0.5) * photo[0] / size[0]
    columns = (np.arange(size[1]) + 0.5) * photo[1] / size[1]
    inside = np.zeros(size, bool)
    for left, top, right, bottom in boxes:
        inside |= np.outer((rows >= top) & (rows <= bottom), (columns >= left) & (columns <= right))
    return inside


def pointing(heatmap: np.ndarray, inside: np.ndarray) -> float:
    """1 where the map's maximum lies in a box, else 0.

    Where several pixels share the maximum, the share of them inside, which is what one drawn from them would score:
    a constant map scores the boxes' area.

    Args:
        heatmap: float (H, W).
        inside: bool (H, W), `inside_boxes`.
    """
    return float(inside[heatmap == heatmap.max()].mean())


def energy(heatmap: np.ndarray, inside: np.ndarray) -> float:
    """The share of the map that lies inside the boxes; NaN for a map without any.

    Args:
        heatmap: float (H, W), not negative.
        inside: bool (H, W).
    """
    total = heatmap.sum(dtype=np.float64)
    return float(heatmap[inside].sum(dtype=np.float64) / total) if total > 0 else float("nan")


def centre(inside: np.ndarray) -> float:
    """What pointing at the photo's centre scores: the four pixels around it share it where a side is even."""
    (height, width) = inside.shape
    rows = slice((height - 1) // 2, height // 2 + 1)
    columns = slice((width - 1) // 2, width // 2 + 1)
    return float(inside[rows, columns].mean())
