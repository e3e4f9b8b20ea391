"""One channel's maps in a row, all in the same colours, so that they can be compared position by position."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resnet_demo.views.colormaps import SIGNED, colorbar, symmetric_range
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number
from resnet_demo.views.pictures import encode_map

Rows = Sequence[Sequence[float]]


def common_range(*maps: Rows) -> tuple[float, float]:
    """The range of colours that holds all the maps, with zero in its middle."""
    return symmetric_range(np.concatenate([np.ravel(one) for one in maps]).astype(np.float32))


def channel_map(
    values: Rows, symbol: str, word: str, span: tuple[float, float], *drawn: str, role: str = ""
) -> Html:
    """One map with its symbol above it.

    Args:
        values: rows of positions.
        symbol, word: "S", "shortcut".
        span: the values of the first and the last colour.
        *drawn: SVG that lies over it, one unit a position.
        role: what a script knows it by.
    """
    array = np.asarray(values, np.float32)
    height, width = array.shape
    image = element(
        "image",
        href=encode_map(array, *span, SIGNED),
        width=width,
        height=height,
        preserveAspectRatio="none",
        class_="rx-map-image",
    )
    alt = f"{symbol}, {word}: {number(float(array.min()))} – {number(float(array.max()))}"
    return element(
        "figure",
        element("figcaption", element("b", symbol, class_="rx-symbol"), " ", element("span", word)),
        element(
            "svg",
            image,
            *drawn,
            viewBox=f"0 0 {width} {height}",
            class_="rx-channel-map",
            role="img",
            aria_label=alt,
            data_part=role or None,
        ),
        class_="rx-channel",
    )


def colour_bar(span: tuple[float, float], words: Words) -> Html:
    """The colour bar of all maps of a row."""
    return colorbar(SIGNED, *span, unit=words("activation"))


def positions(shown: dict[str, int], block: str, words: Words) -> str:
    """Which channel and which positions of a block are drawn."""
    sentence = words("learn_channel", block=block, **shown)
    return sentence if shown["step"] == 1 else f"{sentence} {words('learn_every', step=shown['step'])}"
