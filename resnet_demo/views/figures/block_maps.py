"""The maps of several blocks, one row a block: S, F, their sum, the output, and the share map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from resnet_demo.views.colormaps import HEAT, SHARE, Map
from resnet_demo.views.figures.canvas import (
    HEADING,
    MARGIN,
    MUTED,
    add_axes,
    colorbar,
    new_figure,
    show_map,
)

COLUMNS = ("S, shortcut", "F, residual branch", "y = S + F, sum", "output", "share")
NAME, TILE, GAP, CAPTION, BAR, ENDS = 0.42, 1.6, 0.14, 0.22, 0.1, 0.55  # inches


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
    step = TILE + GAP
    bar = NAME + 4 * step - GAP / 2  # where the magnitudes' colour bar begins
    share = bar + BAR + ENDS
    width = 2 * MARGIN + share + TILE + GAP / 2 + BAR + ENDS
    with new_figure(width, HEADING + CAPTION + len(blocks) * step, title, note) as figure:
        for row, block in enumerate(blocks):
            top = CAPTION + row * step
            tiles = [add_axes(figure, NAME + i * step, top, TILE, TILE) for i in range(4)]
            tiles.append(add_axes(figure, share, top, TILE, TILE))
            magnitudes = (block.shortcut, block.residual, block.sum, block.output)
            high = max(float(values.max()) for values in magnitudes)
            for axes, values in zip(tiles[:4], magnitudes, strict=True):
                show_map(axes, values, 0.0, high, HEAT)
            show_map(tiles[4], block.share, 0.0, 1.0, SHARE)
            colorbar(add_axes(figure, bar, top, BAR, TILE), HEAT, 0.0, high, "rms")
            colorbar(add_axes(figure, share + TILE + GAP / 2, top, BAR, TILE), SHARE, 0.0, 1.0, "S ↔ F")
            beside: dict[str, Any] = {
                "transform": tiles[0].transAxes,
                "rotation": 90,
                "ha": "right",
                "va": "center",
            }
            tiles[0].text(-0.03, 0.5, block.name, fontweight="bold", **beside)
            tiles[0].text(-0.14, 0.5, block.kind, color=MUTED, **beside)
            if row == 0:
                for axes, caption in zip(tiles, COLUMNS, strict=True):
                    axes.set_title(caption, loc="left", pad=4)
    return figure
