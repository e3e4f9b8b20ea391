"""The photo beside the photo under its heatmap."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from resnet_demo.rendering.colormaps import HEAT, Map
from resnet_demo.rendering.figures.canvas import MUTED, colorbar, new_figure
from resnet_demo.rendering.pictures import Pixels, heatmap_rgba, lay_over

OPACITY = 0.8  # of the heatmap's strongest places
LONGEST = 900  # pixels of the drawn photo's longer side; more would not be seen


def heatmap_figure(photo: Pixels, heatmap: Map, title: str, note: str) -> Figure:
    """Draw the photo, and beside it the photo under its heatmap.

    Args:
        photo: uint8 (H, W, 3) RGB. Not modified.
        heatmap: float32 (h, w), ≥ 0, which covers the whole photo; not scaled.
        title: what is explained.
        note: where the heatmap looks.
    """
    drawn = _shrunk(photo)
    height, width = drawn.shape[:2]
    high = float(heatmap.max())
    # Two panels side by side, each at most 4.5 inches wide and 5.5 high.
    inches = min(4.5 / width, 5.5 / height)
    with new_figure(max(2 * inches * width + 1, 6), inches * height + 1.1, title, note) as figure:
        left, right = figure.subplots(1, 2)
        left.imshow(drawn)
        right.imshow(lay_over(drawn, heatmap_rgba(heatmap, (height, width), 0.0, high, HEAT), OPACITY))
        for axes, caption in ((left, "photo"), (right, "heatmap over the photo")):
            axes.set_title(caption, color=MUTED, loc="left")
            axes.set_axis_off()
        colorbar(figure, [right], HEAT, 0.0, high, "evidence, in units of the logit")
    return figure


def _shrunk(photo: Pixels) -> Pixels:
    image = Image.fromarray(photo)
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return np.asarray(image)
