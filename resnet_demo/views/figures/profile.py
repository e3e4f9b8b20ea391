"""The profile of all blocks: how large S and F are, how much of F is new, how many gates are closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from resnet_demo.views.figures.canvas import MUTED, RESIDUAL, SHORTCUT, new_figure
from resnet_demo.views.figures.rows import ROW, dress, fit_below_heading, name_rows

BAR = 0.36  # of a row
PALE = "#c8dced"  # SHORTCUT at 24 % over white: the shortcut of a projection block, which is a learned map


@dataclass(frozen=True)
class ProfileRow:
    """One block.

    Attributes:
        name: the block's.
        stage: it belongs to.
        kind: "projection" or "identity".
        shortcut: mean magnitude of S.
        residual: mean magnitude of F.
        novelty: the part of F that does not lie along S, 0 to 1; NaN where F or S is 0, and then not drawn.
        closed_gates: share of units that the ReLU closes, 0 to 1.
    """

    name: str
    stage: str
    kind: str
    shortcut: float
    residual: float
    novelty: float
    closed_gates: float


def profile_figure(rows: Sequence[ProfileRow], title: str, note: str) -> Figure:
    """Draw the profile.

    Args:
        rows: the blocks, at least one, in network order.
        title: what it is.
        note: what it shows, in a sentence.
    """
    stages = [row.stage for row in rows]
    slots = np.arange(len(rows))
    faces = [PALE if row.kind == "projection" else SHORTCUT for row in rows]
    with new_figure(10, ROW * len(rows) + 1.9, title, note) as figure:
        fit_below_heading(figure)
        magnitude, novelty, closed = figure.subplots(1, 3, sharey=True, width_ratios=(5, 1.6, 1.6))
        shortcut = [row.shortcut for row in rows]
        residual = [row.residual for row in rows]
        magnitude.barh(slots - BAR / 2, shortcut, BAR, color=faces, edgecolor=SHORTCUT, linewidth=1)
        magnitude.barh(slots + BAR / 2, residual, BAR, color=RESIDUAL, edgecolor=RESIDUAL, linewidth=1)
        novelty.barh(slots, [row.novelty for row in rows], BAR, color=MUTED)
        closed.barh(slots, [row.closed_gates for row in rows], BAR, color=MUTED)
        name_rows(magnitude, [row.name for row in rows])
        dress(magnitude, stages, "mean magnitude")
        for axes, caption in ((novelty, "novelty of F"), (closed, "closed gates")):
            dress(axes, stages, caption)
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
