"""The profile of all blocks: how large shortcut and residual branch are, how much is new, how many gates are closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from resnet_demo.rendering.figures.canvas import BAND, GRID, INK, MUTED, RESIDUAL, SHORTCUT, new_figure

ROW = 0.32  # inches
BAR = 0.36  # of a row
PALE = "#c8dced"  # SHORTCUT at 24 % over white: the shortcut of a projection block, which is a learned map


@dataclass(frozen=True)
class ProfileRow:
    """One block.

    Attributes:
        shortcut: mean magnitude of S.
        residual: mean magnitude of F.
        novelty: the part of F that does not lie along S, 0 to 1; NaN where F or S is 0.
        closed_gates: share of units that the ReLU closes, 0 to 1.
    """

    name: str
    stage: str
    kind: str  # "projection" or "identity"
    shortcut: float
    residual: float
    novelty: float
    closed_gates: float


def profile_figure(rows: Sequence[ProfileRow], title: str, note: str) -> Figure:
    """Draw the profile.

    Args:
        rows: the blocks, at least one, in network order; from top to bottom in the figure.
        title: of which photo.
        note: the finding, in a sentence.
    """
    with new_figure(10, ROW * len(rows) + 1.9, title, note) as figure:
        magnitude, novelty, closed = figure.subplots(1, 3, sharey=True, width_ratios=(5, 1.6, 1.6))
        place = np.arange(len(rows))
        faces = [PALE if row.kind == "projection" else SHORTCUT for row in rows]
        magnitude.barh(
            place - BAR / 2, [row.shortcut for row in rows], BAR, color=faces, edgecolor=SHORTCUT, linewidth=1
        )
        magnitude.barh(
            place + BAR / 2,
            [row.residual for row in rows],
            BAR,
            color=RESIDUAL,
            edgecolor=RESIDUAL,
            linewidth=1,
        )
        novelty.barh(place, [row.novelty for row in rows], BAR, color=MUTED)
        closed.barh(place, [row.closed_gates for row in rows], BAR, color=MUTED)
        magnitude.set_yticks(place, [row.name for row in rows], color=INK)
        magnitude.set_ylim(len(rows) - 0.5, -0.5)
        for axes, caption in (
            (magnitude, "mean magnitude"),
            (novelty, "novelty of F"),
            (closed, "closed gates"),
        ):
            axes.set_title(caption, loc="left", fontweight="bold")
            _dress(axes, rows)
        for axes in (novelty, closed):
            axes.set_xlim(0, 1)
            axes.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
        figure.legend(
            handles=[
                Patch(facecolor=SHORTCUT, edgecolor=SHORTCUT, label="shortcut S"),
                Patch(facecolor=PALE, edgecolor=SHORTCUT, label="shortcut S of a projection block"),
                Patch(facecolor=RESIDUAL, edgecolor=RESIDUAL, label="residual branch F"),
            ],
            loc="outside lower left",
            ncols=3,
        )
    return figure


def _dress(axes: Axes, rows: Sequence[ProfileRow]) -> None:
    """Every other stage on a band; vertical grid lines; no frame."""
    start = 0
    for i, (_, run) in enumerate(groupby(rows, key=lambda row: row.stage)):
        end = start + len(list(run))
        if i % 2 == 0:
            axes.axhspan(start - 0.5, end - 0.5, color=BAND, zorder=0)
        start = end
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(6))
