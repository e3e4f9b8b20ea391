"""Maps of one block side by side: S, F, the sum y, the output, and the share map."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resnet_demo.views.colormaps import Colormap, Map, colorbar
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.pictures import encode_map


@dataclass(frozen=True, eq=False)
class MapTile:
    """One labelled map.

    Attributes:
        symbol: its letter in the formulas, e.g. "S".
        caption: what it is, in a few words.
        values: float32 (h, w).
        low: value of the first colour.
        high: value of the last colour.
        colormap: HEAT, SHARE or SIGNED.
        unit: what the numbers count.
        alt: its finding, in a sentence.
    """

    symbol: str
    caption: str
    values: Map
    low: float
    high: float
    colormap: Colormap
    unit: str
    alt: str


def with_common_range(tiles: Sequence[MapTile]) -> tuple[MapTile, ...]:
    """Return the tiles with one range, from the lowest low to the highest high: their colours compare."""
    low = min((tile.low for tile in tiles), default=0.0)
    high = max((tile.high for tile in tiles), default=0.0)
    return tuple(replace(tile, low=low, high=high) for tile in tiles)


def block_maps(tiles: Sequence[MapTile], *, label: str) -> Html:
    """Return the maps in a row that wraps, each with its colour bar; every unit of a map is one square.

    Args:
        tiles: the maps, in the order to be read.
        label: what the row shows, in a sentence, for screen readers.
    """
    return element(
        "div", join([_figure(tile) for tile in tiles]), class_="rx-maps", role="group", aria_label=label
    )


def _figure(tile: MapTile) -> Html:
    return element(
        "figure",
        element(
            "figcaption",
            element("b", tile.symbol, class_="rx-symbol"),
            element("span", tile.caption, class_="rx-caption"),
        ),
        element(
            "img",
            src=encode_map(tile.values, tile.low, tile.high, tile.colormap),
            alt=tile.alt,
            class_="rx-pixels",
        ),
        colorbar(tile.colormap, tile.low, tile.high, unit=tile.unit, label=tile.caption),
        class_="rx-map",
    )
