"""What each block is worth, from several sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from resnet_demo.views.figures.canvas import INK, MUTED, NEGATIVE, POSITIVE, new_figure
from resnet_demo.views.figures.rows import ROW, dress, fit_below_heading, name_rows

BAR = 0.5  # of a row


@dataclass(frozen=True)
class LabBars:
    """One measurement of all blocks.

    Attributes:
        caption: its name.
        values: one per block; NaN is not drawn.
        helps: the sign, 1 or -1, of values that mean "the block helps the class"; 0 where no sign does.
    """

    caption: str
    values: Sequence[float]
    helps: int


def lab_figure(
    names: Sequence[str], stages: Sequence[str], sides: Sequence[LabBars], title: str, note: str
) -> Figure:
    """Draw one panel per measurement, the same block in the same row.

    Args:
        names: the blocks, at least one, in network order.
        stages: the stage of each.
        sides: the measurements, at least two.
        title: what it is.
        note: what it shows, in a sentence.
    """
    slots = np.arange(len(names))
    with new_figure(2.1 * len(sides) + 1.2, ROW * len(names) + 1.9, title, note) as figure:
        fit_below_heading(figure)
        panels = figure.subplots(1, len(sides), sharey=True)
        for axes, side in zip(panels, sides, strict=True):
            colors = [
                MUTED if not side.helps else POSITIVE if v * side.helps > 0 else NEGATIVE for v in side.values
            ]
            axes.barh(slots, side.values, BAR, color=colors)
            dress(axes, stages, side.caption, ticks=3)
            if side.helps:
                axes.axvline(0, color=INK, linewidth=0.8)
        name_rows(panels[0], names)
        figure.legend(
            handles=[
                Patch(color=POSITIVE, label="helps the class"),
                Patch(color=NEGATIVE, label="works against it"),
            ],
            loc="outside lower left",
            ncols=2,
        )
    return figure
