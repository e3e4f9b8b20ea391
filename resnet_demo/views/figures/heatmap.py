"""The photo beside the photo under its heatmap."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from resnet_demo.views.colormaps import HEAT, Map
from resnet_demo.views.figures.canvas import HEADING, MARGIN, MUTED, add_axes, colorbar, new_figure
from resnet_demo.views.pictures import Pixels, heatmap_rgba, lay_over

OPACITY = 0.8  # of the heatmap's strongest positions
LONGEST = 900  # pixels of the drawn photo's longer side; more would not be seen
WIDEST, HIGHEST, SMALLEST = 4.5, 5.5, 0.3  # inches of a panel
CAPTION, GAP, BAR = 0.22, 0.15, 0.14  # inches


def heatmap_figure(photo: Pixels, heatmap: Map, title: str, note: str) -> Figure:
    """Draw the photo, and beside it the photo under its heatmap.

    Args:
        photo: uint8 (H, W, 3) RGB. Not modified.
        heatmap: float32 (h, w), ≥ 0, which covers the whole photo; not scaled.
        title: what is explained.
        note: where the heatmap looks.
    """
    drawn = _shrunk(photo)
    pixels_high, pixels_wide = drawn.shape[:2]
    high = float(heatmap.max())
    hot = lay_over(drawn, heatmap_rgba(heatmap, (pixels_high, pixels_wide), 0.0, high, HEAT), OPACITY)
    scale = min(WIDEST / pixels_wide, HIGHEST / pixels_high)
    width, height = max(scale * pixels_wide, SMALLEST), max(scale * pixels_high, SMALLEST)
    right = width + GAP
    total = 2 * MARGIN + right + width + GAP + BAR + 0.5
    with new_figure(max(total, 6), HEADING + CAPTION + height + MARGIN, title, note) as figure:
        for left, image, caption in ((0, drawn, "photo"), (right, hot, "heatmap over the photo")):
            axes = add_axes(figure, left, CAPTION, width, height)
            axes.imshow(image, aspect="auto")
            axes.set_title(caption, color=MUTED, loc="left", pad=4)
        bar = add_axes(figure, right + width + GAP, CAPTION, BAR, height)
        colorbar(bar, HEAT, 0.0, high, "evidence, in units of the logit" if height > 2 else "")
    return figure


def _shrunk(photo: Pixels) -> Pixels:
    image = Image.fromarray(photo)
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return np.asarray(image)
