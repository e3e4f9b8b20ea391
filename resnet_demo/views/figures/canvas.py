"""What every figure shares: its letters and colours, its heading, maps and colour bars."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from resnet_demo.views.colormaps import Colormap, Map
from resnet_demo.views.number_format import number

# The light theme of charts.css.
INK, MUTED, GRID, BAND = "#1c2128", "#5b6470", "#e1e4e9", "#f5f6f8"
SHORTCUT, RESIDUAL = "#1d6dad", "#b3560b"
POSITIVE, NEGATIVE = "#1f7a3f", "#8349ae"

MARGIN = 0.16  # inches around everything
HEADING = 0.75  # inches at the top, taken by title and note
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
def _style() -> dict[Any, Any]:
    installed = set(fontManager.get_font_names())
    return {
        "font.family": ["DejaVu Sans", *(font for font in CHINESE_FONTS if font in installed)],
        "font.size": 9,
        "text.color": INK,
        "text.parse_math": False,  # a class name may hold a dollar sign
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
    """A figure to draw in, of this size in inches, its heading drawn: the title, and the note below it."""
    with matplotlib.rc_context(_style()):
        figure = Figure((width, height))
        figure.text(MARGIN / width, 1 - MARGIN / height, title, fontsize=13, fontweight="bold", va="top")
        figure.text(MARGIN / width, 1 - 0.44 / height, note, color=MUTED, va="top")
        yield figure


def add_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes without ticks and frame, `left` and `top` inches from the corner below the heading."""
    across, down = figure.get_size_inches()
    bottom = down - HEADING - top - height
    axes = figure.add_axes(((MARGIN + left) / across, bottom / down, width / across, height / down))
    axes.set_axis_off()
    return axes


def show_map(axes: Axes, values: Map, low: float, high: float, colormap: Colormap) -> None:
    """Fill the axes with a map float32 (h, w); one whose range is a single value takes the first colour."""
    axes.imshow(
        values,
        cmap=to_matplotlib(colormap),
        vmin=low,
        vmax=_above(low, high),
        interpolation="nearest",
        aspect="auto",
    )


def colorbar(axes: Axes, colormap: Colormap, low: float, high: float, unit: str) -> None:
    """Fill the axes with a colour bar: at its right its two ends in numbers, and what they count."""
    axes.set_axis_on()
    scale = ScalarMappable(Normalize(low, _above(low, high)), to_matplotlib(colormap))
    bar = axes.figure.colorbar(scale, cax=axes)
    bar.set_ticks([low, _above(low, high)], labels=[number(low, 2), number(high, 2)])
    bar.set_label(unit, labelpad=-8)
    bar.outline.set_visible(False)
    axes.tick_params(length=0)


def to_matplotlib(colormap: Colormap) -> ListedColormap:
    """One of our colour maps as matplotlib's."""
    return ListedColormap(colormap.table / 255, name=colormap.name)


def _above(low: float, high: float) -> float:
    return high if high > low else low + 1
