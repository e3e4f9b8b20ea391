"""What every figure shares: its letters and colours, its heading, maps and colour bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from resnet_demo.rendering.colormaps import Colormap, Map
from resnet_demo.rendering.lettering import number

# The light theme of charts.css.
INK, MUTED, GRID, BAND = "#1c2128", "#5b6470", "#e1e4e9", "#f5f6f8"
SHORTCUT, RESIDUAL = "#1d6dad", "#b3560b"
POSITIVE, NEGATIVE = "#1f7a3f", "#8349ae"

DOTS_PER_INCH = 144

# Class names may be Chinese, which matplotlib's own font cannot write; of these, the installed ones help out.
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
)


@cache
def _style() -> dict[str, object]:
    installed = set(fontManager.get_font_names())
    return {
        "font.family": ["DejaVu Sans", *(font for font in CHINESE_FONTS if font in installed)],
        "font.size": 9,
        "text.color": INK,
        "text.parse_math": False,  # a class name may hold a dollar sign
        "axes.edgecolor": GRID,
        "axes.labelcolor": MUTED,
        "axes.titlesize": 9,
        "axes.titlecolor": INK,
        "axes.axisbelow": True,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "figure.dpi": DOTS_PER_INCH,
        "legend.frameon": False,
    }


@contextmanager
def new_figure(width: float, height: float, title: str, note: str) -> Iterator[Figure]:
    """A figure of this size in inches to draw in, with a heading at its top left: the title, and below it the note.

    The heading takes 0.7 inches of the height.
    """
    with matplotlib.rc_context(_style()):
        figure = Figure((width, height), layout="constrained")
        figure.get_layout_engine().set(rect=(0.01, 0.01, 0.98, 0.98 - 0.7 / height))
        figure.text(0.16 / width, 1 - 0.16 / height, title, fontsize=13, fontweight="bold", va="top")
        figure.text(0.16 / width, 1 - 0.44 / height, note, color=MUTED, va="top")
        yield figure


def show_map(axes: Axes, values: Map, low: float, high: float, colormap: Colormap) -> None:
    """Draw a map float32 (h, w), every unit one square; a map that is the same everywhere takes the first colour."""
    axes.imshow(
        values,
        cmap=to_matplotlib(colormap),
        vmin=low,
        vmax=high if high > low else low + 1,
        interpolation="nearest",
    )
    axes.set_axis_off()


def colorbar(
    figure: Figure, beside: Sequence[Axes], colormap: Colormap, low: float, high: float, unit: str
) -> None:
    """Draw the colour bar at the right of some axes: the two ends in numbers, and between them what they count."""
    scale = ScalarMappable(Normalize(low, high if high > low else low + 1), to_matplotlib(colormap))
    bar = figure.colorbar(scale, ax=list(beside), fraction=0.05, pad=0.02, aspect=18)
    bar.set_ticks([bar.vmin, bar.vmax], labels=[number(low, 2), number(high, 2)])
    bar.set_label(unit, labelpad=-8)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0)


def to_matplotlib(colormap: Colormap) -> ListedColormap:
    """One of our colour maps as matplotlib's."""
    return ListedColormap(colormap.table / np.float32(255), name=colormap.name)
