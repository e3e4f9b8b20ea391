"""Some channels of one layer in a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from resnet_demo.views.colormaps import HEAT, Map
from resnet_demo.views.figures.canvas import HEADING, MARGIN, MUTED, add_axes, new_figure, show_map
from resnet_demo.views.number_format import number

TILE, CAPTION, GAP = 1.8, 0.2, 0.12  # inches


def feature_maps_figure(
    maps: Map, channels: Sequence[int], means: Sequence[float], title: str, note: str
) -> Figure:
    """Draw channels of one layer, each in its own range, which stands above it with its number and its mean.

    Args:
        maps: float32 (h, w, k), activations. Not modified.
        channels: the k channels' numbers.
        means: the k channels' mean activations.
        title: which layer.
        note: which of its channels.
    """
    across = max(math.ceil(math.sqrt(len(channels))), 3)  # three hold the title
    down = math.ceil(len(channels) / across)
    width = 2 * MARGIN + across * (TILE + GAP) - GAP
    with new_figure(width, HEADING + down * (TILE + CAPTION + GAP) + MARGIN - GAP, title, note) as figure:
        for i, (channel, mean) in enumerate(zip(channels, means, strict=True)):
            row, column = divmod(i, across)
            axes = add_axes(figure, column * (TILE + GAP), row * (TILE + CAPTION + GAP) + CAPTION, TILE, TILE)
            values = maps[..., i]
            low, high = min(0.0, float(values.min())), float(values.max())
            show_map(axes, values, low, high, HEAT)
            axes.set_title(str(channel), loc="left", pad=3, fontweight="bold")
            ends = f"{number(low, 2)} to {number(high, 2)}, mean {number(mean, 2)}"
            axes.set_title(ends, loc="right", pad=3, fontsize=6.5, color=MUTED)
    return figure
