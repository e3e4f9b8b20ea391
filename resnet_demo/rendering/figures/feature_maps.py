"""Some channels of one layer in a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from resnet_demo.rendering.colormaps import HEAT, Map
from resnet_demo.rendering.figures.canvas import MUTED, new_figure, show_map
from resnet_demo.rendering.lettering import number

TILE = 1.9  # inches


def feature_maps_figure(
    maps: Map, channels: Sequence[int], means: Sequence[float], title: str, note: str
) -> Figure:
    """Draw channels of one layer, each with its number, its mean, and its own range beside its colour bar.

    Args:
        maps: float32 (h, w, k), activations. Not modified.
        channels: the k channels' numbers.
        means: the k channels' mean activations.
        title: which layer.
        note: which of its channels.
    """
    across = math.ceil(math.sqrt(len(channels)))
    down = math.ceil(len(channels) / across)
    with new_figure(TILE * across + 0.2, (TILE + 0.25) * down + 0.7, title, note) as figure:
        grid = figure.subplots(down, across, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for i, (channel, mean) in enumerate(zip(channels, means, strict=True)):
            axes, values = grid.flat[i], maps[..., i]
            low, high = min(0.0, float(values.min())), float(values.max())
            show_map(axes, values, low, high, HEAT)
            axes.set_title(str(channel), loc="left", pad=3, fontweight="bold")
            axes.set_title(
                f"{number(low, 2)} to {number(high, 2)}, mean {number(mean, 2)}",
                loc="right",
                pad=3,
                fontsize=6.5,
                color=MUTED,
            )
    return figure
