"""One residual block opened: its maps, its numbers, and its sums with the photo's numbers in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from resnet_demo.results import findings
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.blocks_table import MAGNITUDES
from resnet_demo.views.block_maps import MapTile, block_maps, with_common_range
from resnet_demo.views.cards import addition, card, figure_of, formula
from resnet_demo.views.chart import table
from resnet_demo.views.colormaps import HEAT, SHARE
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number, percent


def block_view(
    block: BlockProfile, words: Words, *, rectified: bool = False, atlas: dict[str, Any] | None = None
) -> Html:
    """One block opened: its finding, its maps, its numbers, and its sums with this photo's numbers in them.

    Args:
        rectified: whether the block's shortcut comes out of a ReLU.
        atlas: what is typical of these weights, where that is known.
    """
    finding = words(
        "block_finding",
        ratio=figure_of(block.ratio),
        novelty=percent(block.novelty) if np.isfinite(block.novelty) else "–",
        closed=percent(block.closed_gates),
    )
    if block.change is not None and np.isfinite(block.change):
        finding += " " + words("block_change", change=figure_of(block.change))
    title = f"{block.name} · {words(block.kind)} · {' × '.join(map(str, block.shape))}"
    caveats = [words("caveat_magnitude")]
    if block.kind == "projection":
        caveats.insert(0, words("caveat_projection"))
    elif rectified:
        caveats.insert(0, words("caveat_identity"))
    return card(
        title,
        _block_pictures(block, words),
        _block_table(block, words),
        _typical(block, atlas, words) if atlas else "",
        _block_formulas(block, words),
        element("ul", join([element("li", text) for text in caveats]), class_="re-caveats"),
        element(
            "button",
            words("to_laboratory", block=block.name),
            type="button",
            class_="re-button",
            data_block=block.name,
        ),
        finding=finding,
    )


def _typical(block: BlockProfile, atlas: dict[str, Any], words: Words) -> Html:
    """This photo's numbers beside those of the atlas: what nine photos of ten have, and whether it is one of them."""
    known = next(one for one in atlas["blocks"] if one["name"] == block.name)
    rows = []
    for name, title in (
        ("ratio", "column_ratio"),
        ("novelty", "column_novelty"),
        ("closed_gates", "closed_gates"),
    ):
        value, shares = getattr(block, name), known[name]["quantiles"]
        rows.append(
            [
                words(title),
                figure_of(value),
                f"{figure_of(shares['0.05'])} – {figure_of(shares['0.95'])}",
                words("unusual" if findings.unusual(value, known[name]) else "usual")
                if np.isfinite(value)
                else "–",
            ]
        )
    head = [words(key) for key in ("quantity", "typical_yours", "typical_range", "typical_verdict")]
    return element(
        "div",
        element("h4", words("typical_title")),
        table(head, rows),
        element("p", words("typical_note", images=atlas["images"]), class_="re-hint"),
        class_="re-typical",
    )


def _block_pictures(block: BlockProfile, words: Words) -> Html:
    def tile(symbol: str, what: str, values: np.ndarray) -> MapTile:
        alt = words(
            "map_alt",
            what=words(f"map_{what}"),
            block=block.name,
            low=figure_of(float(values.min())),
            high=figure_of(float(values.max())),
            where=words.where(*findings.position_of_maximum(values)),
        )
        return MapTile(
            symbol, words(f"map_{what}"), values, 0.0, float(values.max()), HEAT, words("unit_rms"), alt
        )

    share_alt = words(
        "share_alt",
        block=block.name,
        mean=percent(float(block.share_map.mean())),
        where=words.where(*findings.position_of_maximum(block.share_map)),
    )
    tiles = with_common_range(
        [
            tile("S", "shortcut", block.shortcut_map),
            tile("F", "residual", block.residual_map),
            tile("y", "sum", block.sum_map),
            tile("x⁺", "output", block.output_map),
        ]
    )
    share = MapTile(
        "F²/(S²+F²)", words("map_share"), block.share_map, 0.0, 1.0, SHARE, words("unit_share"), share_alt
    )
    return block_maps([*tiles, share], label=words("maps_label", block=block.name))


def _block_table(block: BlockProfile, words: Words) -> Html:
    return table(
        [words("quantity"), *(words(f"measure_{m}") for m in MAGNITUDES)],
        [
            [f"{symbol} {words(what)}", *(figure_of(getattr(getattr(block, what), m)) for m in MAGNITUDES)]
            for symbol, what in (("S", "shortcut"), ("F", "residual"), ("y", "sum"), ("x⁺", "output"))
        ],
    )


def _block_formulas(block: BlockProfile, words: Words) -> Html:
    energy = block.energy
    total = energy.shortcut + energy.residual + energy.cross
    lines = [
        words(
            "formula_energy",
            sum=addition([energy.shortcut, energy.residual, energy.cross], total, digits=5),
        ),
        words(
            "formula_ratio",
            f=number(block.residual.rms, 5),
            s=number(block.shortcut.rms, 5),
            ratio=figure_of(block.ratio),
        ),
        words("formula_cosine", cosine=figure_of(block.cosine), novelty=figure_of(block.novelty)),
    ]
    return formula(words, *lines)
