"""The reliability diagram: how often a network is right where it is how sure.

References:
    Guo et al. 2017, *On Calibration of Modern Neural Networks*, arXiv:1706.04599.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from resnet_demo.views.figures.canvas import GRID, MUTED, RESIDUAL, SHORTCUT, new_figure
from resnet_demo.views.figures.rows import fit_below_heading


def reliability_figure(bins: Sequence[dict[str, Any]], title: str, note: str) -> Figure:
    """Draw the diagram; below it how many photos each bin has.

    Args:
        bins: of equal width from 0 to 1, as `Evaluation.numbers` tells them: "images", "accuracy", "confidence".
        title: what it is.
        note: what it shows, in a sentence.
    """
    width = 1 / len(bins)
    known = [(i, one) for i, one in enumerate(bins) if one["images"]]
    middles = [(i + 0.5) * width for i, _ in known]
    with new_figure(6.5, 6.6, title, note) as figure:
        fit_below_heading(figure)
        share, count = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        share.bar(middles, [one["accuracy"] for _, one in known], width * 0.9, color=SHORTCUT, label="right")
        share.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1, label="as right as sure")
        confidence = [one["confidence"] for _, one in known]
        share.scatter(confidence, confidence, 14, color=RESIDUAL, zorder=3, label="how sure, on average")
        share.set(xlim=(0, 1), ylim=(0, 1), ylabel="right")
        count.bar(middles, [one["images"] for _, one in known], width * 0.9, color=MUTED)
        count.set(ylabel="photos", xlabel="how sure of the top class")
        for axis in (share.xaxis, share.yaxis, count.xaxis):
            axis.set_major_formatter(PercentFormatter(1))
        for axes in (share, count):
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(axis="y", color=GRID)
        figure.legend(loc="outside lower left", ncols=3)
    return figure
