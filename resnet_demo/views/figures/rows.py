"""Bars with one row per block, from the first at the top to the last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from resnet_demo.views.figures.canvas import BAND, GRID, HEADING, INK

ROW = 0.32  # inches


def fit_below_heading(figure: Figure) -> None:
    """Let axes fill the figure below its heading, whatever their labels need."""
    height = figure.get_size_inches()[1]
    figure.set_layout_engine(ConstrainedLayoutEngine(rect=(0.01, 0.01, 0.98, 0.98 - HEADING / height)))


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Write the blocks' names at the left of their rows; axes that share y with these take the rows too."""
    axes.set_yticks(range(len(names)), names, color=INK)
    axes.set_ylim(len(names) - 0.5, -0.5)


def dress(axes: Axes, stages: Sequence[str], caption: str, ticks: int = 6) -> None:
    """Give bars their caption, vertical grid lines, and a band behind every other stage; no frame."""
    axes.set_title(caption, loc="left", fontweight="bold")
    start = 0
    for number, (_, run) in enumerate(groupby(stages)):
        end = start + len(list(run))
        if number % 2 == 0:
            axes.axhspan(start - 0.5, end - 0.5, color=BAND, zorder=0)
        start = end
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(ticks))
