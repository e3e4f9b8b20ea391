"""Numbers as the page writes them, and how wide a text comes out."""

import math
import unicodedata
from collections.abc import Sequence

from resnet_demo.errors import OptionError

MINUS = "−"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def finite(value: float, name: str) -> float:
    """Return the value, which must be a finite number; `name` says in the error what it is."""
    if not math.isfinite(value):
        raise OptionError(
            "A number to be drawn must be finite. Received: {name}={value}.",
            name=name,
            value=value,
        )
    return float(value)


def number(value: float, digits: int = 3) -> str:
    """Write a number with `digits` significant digits: 0.412, 12.3, 1520, −1.2×10⁻⁶."""
    value = finite(value, "number")
    if value == 0:
        return "0"
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    power = int(exponent)
    decimals = max(0, digits - 1 - power)
    text = f"{abs(value):.{decimals}f}" if -4 < power < 5 else f"{mantissa}×{power_of_ten(power)}"
    return (MINUS if value < 0 else "") + text


def power_of_ten(exponent: int) -> str:
    """Write a power of ten: 10⁻⁴."""
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def fixed(value: float, decimals: int) -> str:
    """Write a number with so many decimals: 0.4120, −12.3000."""
    text = f"{abs(finite(value, 'number')):.{decimals}f}"
    return (MINUS if value < 0 and text.strip("0.") else "") + text


def signed(value: float, digits: int = 3) -> str:
    """Write a number with its sign, also when it is positive: +0.42, −0.42."""
    return ("+" if value > 0 else "") + number(value, digits)


def tick(value: float, step: float) -> str:
    """Write an axis tick with as many decimals as the distance between ticks needs."""
    if value != 0 and not 1e-4 <= max(abs(value), step) < 1e5:
        return number(value, 2)
    return fixed(value, max(0, -math.floor(math.log10(step) + 1e-9)))


def column(values: Sequence[float], *, sign: bool = False) -> list[str]:
    """Write numbers that stand below each other, all with the decimals that give the largest three digits.

    What those decimals would round to nothing is written as `number` writes it. `sign` puts + before positive
    numbers.
    """
    largest = max((abs(finite(value, "number")) for value in values), default=0.0)
    decimals = max(0, 2 - math.floor(math.log10(largest))) if largest else 0
    return [_in_column(value, decimals, largest, sign) for value in values]


def _in_column(value: float, decimals: int, largest: float, sign: bool) -> str:
    if value == 0 or abs(value) < 0.5 * 10.0**-decimals or not 1e-3 < largest < 1e5:
        return signed(value, 2) if sign else number(value, 2)
    prefix = MINUS if value < 0 else "+" if sign else ""
    return f"{prefix}{abs(value):.{decimals}f}"


def percent(fraction: float) -> str:
    """Write a fraction as per cent; what is neither nothing nor everything never reads as 0% or 100%."""
    fraction = finite(fraction, "fraction")
    if 0 < fraction < 0.001:
        return "<0.1%"
    if 0.999 < fraction < 1:
        return ">99.9%"
    return f"{100 * fraction:.1f}%"


def signed_percent(fraction: float) -> str:
    """Write a signed fraction as whole per cent: +2%, −52%; a dash where there is none (NaN)."""
    if math.isnan(fraction):
        return "–"
    whole = fixed(100 * fraction, 0)
    return ("+" if fraction > 0 and whole != "0" else "") + f"{whole}%"


def chance(probability: float) -> str:
    """Write a probability as per cent; a dash where a network gives none (NaN)."""
    return "–" if math.isnan(probability) else percent(probability)


def text_width(text: str, size: float) -> float:
    """Estimate a text's width in pixels: full-width characters take 1 em of `size`, others about 0.56."""
    return sum(size * (1.0 if unicodedata.east_asian_width(char) in "WF" else 0.56) for char in text)
