"""The ledger as a waterfall: signed parts, one below the other, that add up to the logit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from resnet_demo.views.figures.canvas import INK, MUTED, NEGATIVE, POSITIVE, new_figure
from resnet_demo.views.figures.rows import ROW, dress, fit_below_heading, name_rows
from resnet_demo.views.number_format import column, number

BAR = 0.6  # of a row
GAP = 4  # points between a bar and its number


def waterfall_figure(parts: Sequence[tuple[str, float]], title: str, note: str) -> Figure:
    """Draw each part from where the one above it ends, and their sum in the last row.

    Args:
        parts: name and value of each, in the order to be drawn.
        title: what it is.
        note: what it shows, in a sentence.
    """
    values = np.array([value for _, value in parts])
    ends = np.cumsum(values)
    starts = ends - values
    slots = np.arange(len(parts))
    with new_figure(9, ROW * (len(parts) + 1) + 1.9, title, note) as figure:
        fit_below_heading(figure)
        axes = figure.subplots()
        axes.barh(
            slots, values, BAR, left=starts, color=[POSITIVE if value > 0 else NEGATIVE for value in values]
        )
        axes.barh(len(parts), ends[-1], BAR, color=INK)
        # From each bar's end down to where the next one starts.
        axes.vlines(ends, slots - BAR / 2, slots + 1 + BAR / 2, color=MUTED, linewidth=0.8, linestyle=":")
        written = [*column(list(values), sign=True), number(float(ends[-1]))]
        rights = [*np.maximum(starts, ends), max(float(ends[-1]), 0.0)]
        for row, (right, text) in enumerate(zip(rights, written, strict=True)):
            axes.annotate(
                text, (right, row), (GAP, 0), textcoords="offset points", va="center", fontsize=8, color=MUTED
            )
        dress(axes, (), "logit, summed from top to bottom")
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.use_sticky_edges = False
        axes.margins(x=0.08)
        name_rows(axes, [*(name for name, _ in parts), "logit"])
        figure.legend(
            handles=[Patch(color=POSITIVE, label="for the class"), Patch(color=NEGATIVE, label="against it")],
            loc="outside lower left",
            ncols=2,
        )
    return figure
