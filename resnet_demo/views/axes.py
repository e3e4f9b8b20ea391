"""Axes: where a value goes, and which round numbers are written beside it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from resnet_demo.errors import OptionError
from resnet_demo.views.number_format import finite, number, tick

Scale = Literal["linear", "symlog", "auto"]

# Where the largest value is this many times the median, a linear axis squeezes most points into a corner.
_SPREAD_FOR_SYMLOG = 30


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`.

    `threshold` is 0 for a linear axis; else the axis is symmetric-logarithmic,
    sign(v)·log(1 + |v|/threshold): linear near zero, logarithmic far from it, defined for either sign.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    threshold: float = 0.0

    def fraction(self, value: float) -> float:
        """Return where the value is: 0 at `low`, 1 at `high`."""
        start, end = self._bend(self.low), self._bend(self.high)
        return (self._bend(finite(value, "value")) - start) / (end - start)

    def _bend(self, value: float) -> float:
        if not self.threshold:
            return value
        return math.copysign(math.log1p(abs(value) / self.threshold), value)


def make_axis(values: Iterable[float], *, scale: Scale = "linear", bars: bool = True, count: int = 4) -> Axis:
    """Return an axis that holds all the values.

    Args:
        values: what will be drawn; none at all gives an axis from 0 to 1.
        scale: "linear", "symlog", or "auto": symlog when the largest |value| dwarfs the median one.
        bars: an axis for bars holds 0 and ends where the longest bar does; else it ends at round numbers.
        count: about how many steps between ticks.

    Raises:
        OptionError: a value that is not finite, or another scale.
    """
    numbers = [finite(value, "value") for value in values]
    if scale not in ("linear", "symlog", "auto"):
        raise OptionError(
            '`scale` should be "linear", "symlog" or "auto". Received: scale={scale!r}.',
            scale=scale,
        )
    magnitudes = sorted(abs(value) for value in numbers if value != 0)
    median = magnitudes[len(magnitudes) // 2] if magnitudes else 0.0
    spread = magnitudes[-1] / median if magnitudes else 1.0
    if magnitudes and (scale == "symlog" or (scale == "auto" and spread > _SPREAD_FOR_SYMLOG)):
        return _symlog_axis(numbers, median)
    return _linear_axis(numbers, bars, count)


def _linear_axis(numbers: list[float], bars: bool, count: int) -> Axis:
    numbers = [*numbers, 0.0] if bars or not numbers else numbers
    low, high = min(numbers), max(numbers)
    if high == low:
        low, high = (0.0, 1.0) if low == 0 else (low - abs(low) / 2, high + abs(high) / 2)
    step = _round_step((high - low) / count)
    if not bars:
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = tuple(index * step for index in range(first, last + 1))
    return Axis(low, high, ticks, tuple(tick(value, step) for value in ticks))


def _symlog_axis(numbers: list[float], threshold: float) -> Axis:
    low, high = (_round_end(end) for end in (min(*numbers, 0.0), max(*numbers, 0.0)))
    first, last = (math.floor(math.log10(size) + 1e-9) for size in (threshold, max(-low, high)))
    powers = [10.0**power for power in range(first, last + 1)]
    ticks = sorted(
        {low, high, 0.0, *(p for p in powers if p < high / 2), *(-p for p in powers if p < -low / 2)}
    )
    return Axis(low, high, tuple(ticks), tuple(number(value, 1) for value in ticks), threshold)


def _round_end(end: float) -> float:
    return math.copysign(_round_step(abs(end)), end) if end else 0.0


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9))
