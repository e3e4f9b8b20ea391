"""The maps of several blocks, one row a block: S, F, their sum, the output, and the share map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from resnet_demo.rendering.colormaps import HEAT, SHARE, Map
from resnet_demo.rendering.figures.canvas import MUTED, colorbar, new_figure, show_map

COLUMNS = ("S, shortcut", "F, residual branch", "y = S + F, sum", "output", "share")
TILE = 1.75  # inches


@dataclass(frozen=True, eq=False)
class BlockMaps:
    """One block's maps, each float32 (h, w): root mean square over channels, and the share map, 0 to 1."""

    name: str
    kind: str  # "projection" or "identity"
    shortcut: Map
    residual: Map
    sum: Map
    output: Map
    share: Map


def block_maps_figure(blocks: Sequence[BlockMaps], title: str, note: str) -> Figure:
    """Draw one row per block; its first four maps share one range, from 0 to the largest value of the four.

    Args:
        blocks: at least one, in network order.
        title: which blocks.
        note: what the maps are.
    """
    with new_figure(TILE * 5 + 2.2, (TILE + 0.15) * len(blocks) + 1.0, title, note) as figure:
        grid = figure.subplots(len(blocks), 5, squeeze=False)
        for axes, caption in zip(grid[0], COLUMNS, strict=True):
            axes.set_title(caption, loc="left")
        for row, block in zip(grid, blocks, strict=True):
            magnitudes = (block.shortcut, block.residual, block.sum, block.output)
            high = max(float(values.max()) for values in magnitudes)
            for axes, values in zip(row, magnitudes, strict=False):
                show_map(axes, values, 0.0, high, HEAT)
            show_map(row[4], block.share, 0.0, 1.0, SHARE)
            colorbar(figure, row[:4], HEAT, 0.0, high, "rms")
            colorbar(figure, row[4:], SHARE, 0.0, 1.0, "S ↔ F")
            row[0].text(
                -0.06,
                0.5,
                block.name,
                transform=row[0].transAxes,
                rotation=90,
                ha="right",
                va="center",
                fontweight="bold",
            )
            row[0].text(
                -0.18,
                0.5,
                block.kind,
                transform=row[0].transAxes,
                rotation=90,
                ha="right",
                va="center",
                color=MUTED,
            )
    return figure
