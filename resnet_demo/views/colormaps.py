"""Colour maps: numbers to colours, legible to colour-blind readers, and the colour bar beside every map.

One colour, one meaning, on the whole page:

    HEAT     how much, from dark to light; lightness grows in equal steps
    SHARE    shortcut (blue) against residual branch (orange)
    SIGNED   against (purple) and for (green)

The two diverging maps share one lightness curve, palest in the middle, so a strong value is equally dark on
either side. All are interpolated in OKLab.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resnet_demo.errors import OptionError
from resnet_demo.views.markup import Html, element
from resnet_demo.views.number_format import number
from resnet_demo.views.oklab import oklab_to_srgb, srgb_to_oklab

Map = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Colormap:
    """A lookup table: `table` is uint8 (256, 3) RGB; `rest` is the entry that means "nothing here"."""

    name: str
    table: NDArray[np.uint8]
    rest: int


def _sequential(name: str, *colors: str) -> Colormap:
    """Return the map through the colours, each placed by its own lightness, so that lightness is a line."""
    points = srgb_to_oklab(np.array([_parse(color) for color in colors]))  # (n, 3)
    lightness = np.linspace(points[0, 0], points[-1, 0], 256)
    lab = np.stack([lightness, *(np.interp(lightness, points[:, 0], points[:, i]) for i in (1, 2))], axis=1)
    return Colormap(name, _table(lab), rest=0)


def _diverging(name: str, low: tuple[float, float], high: tuple[float, float]) -> Colormap:
    """Return the map between two equally dark ends, (hue in degrees, chroma), palest in the middle."""
    signed = np.linspace(-1, 1, 256)
    strength = np.abs(signed)
    hue, chroma = (np.where(signed < 0, a, b) for a, b in zip(low, high, strict=True))
    chroma = chroma * np.sin(strength * np.pi / 2)  # coloured early, so that weak values show their side
    hue = np.radians(hue)
    lab = np.stack([0.97 - 0.45 * strength, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)
    return Colormap(name, _table(lab), rest=128)


def _parse(color: str) -> tuple[float, ...]:
    return tuple(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))


def _table(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    table = np.rint(oklab_to_srgb(lab) * 255).astype(np.uint8)
    table.flags.writeable = False
    return table


HEAT = _sequential("heat", "#120f26", "#46206e", "#9c2a78", "#e05a52", "#f6a63f", "#fdf3b4")
SHARE = _diverging("share", low=(248, 0.125), high=(52, 0.125))
SIGNED = _diverging("signed", low=(308, 0.16), high=(150, 0.125))


def entries(values: Map, low: float, high: float, colormap: Colormap) -> NDArray[np.uint8]:
    """Return which entry of the table each value takes.

    Args:
        values: float32 (h, w), or any shape. Not modified.
        low: the value of the first colour; what is below takes it too.
        high: the value of the last colour. When it equals `low`, values equal to both take `colormap.rest`.
        colormap: the map.

    Returns:
        uint8, the shape of `values`.

    Raises:
        OptionError: a value or a bound that is not finite, or `low` above `high`.
    """
    if not np.isfinite(values).all():
        raise OptionError("`values` should be finite. Received: an array with NaN or infinity.")
    if not (np.isfinite(low) and np.isfinite(high) and low <= high):
        raise OptionError(
            "`low` should be at most `high`, both finite. Received: low={low}, high={high}.",
            low=low,
            high=high,
        )
    if low == high:
        return np.select([values < low, values > high], [0, 255], colormap.rest).astype(np.uint8)
    position = (values.astype(np.float64) - low) * (255 / (high - low))
    return np.rint(np.clip(position, 0, 255)).astype(np.uint8)


def colorize(values: Map, low: float, high: float, colormap: Colormap) -> NDArray[np.uint8]:
    """Return the values as colours, uint8 (h, w, 3); arguments and errors are those of `entries`."""
    return colormap.table[entries(values, low, high, colormap)]


def symmetric_range(values: Map) -> tuple[float, float]:
    """Return the range (−m, m), m the largest |value|, which puts zero in the middle of a diverging map."""
    limit = float(np.max(np.abs(values), initial=0))
    return -limit, limit


def colorbar(colormap: Colormap, low: float, high: float, *, unit: str = "", label: str = "") -> Html:
    """Return the colour bar: the ramp between its two ends in numbers, with the unit.

    Args:
        colormap: the map.
        low: the value of the first colour.
        high: the value of the last colour.
        unit: what the numbers count, e.g. "mean magnitude".
        label: what the bar is, for screen readers; the range is added.
    """
    stops = ",".join(f"#{colormap.table[i].tobytes().hex()}" for i in range(0, 256, 15))
    spoken = f"{label or unit}: {number(low)} – {number(high)}"
    return element(
        "div",
        element("span", number(low), class_="rx-colorbar-end"),
        element("span", class_="rx-colorbar-ramp", style=f"background:linear-gradient(90deg,{stops})"),
        element("span", number(high), class_="rx-colorbar-end"),
        element("span", unit, class_="rx-colorbar-unit") if unit else Html(""),
        class_="rx-colorbar",
        role="img",
        aria_label=spoken,
    )
