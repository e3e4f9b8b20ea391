"""What is kept of a quantity over many photos: count, mean, standard deviation and quantiles, in a few kB.

Summaries of parts merge into that of the whole, in any order: that is what a kill, a second worker or a second
machine needs.
"""

from __future__ import annotations

import math
from typing import Any

from ddsketch.ddsketch import BaseDDSketch
from ddsketch.mapping import LogarithmicMapping
from ddsketch.store import DenseStore

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
ACCURACY = 0.001  # a quantile is right to 0.1 % of its value
COARSE = 0.01  # where there are many summaries: a tenth of the bins


class Summary:
    """Count, mean and spread of numbers seen one by one; those that are not finite are counted apart.

    Moments are merged as Chan, Golub and LeVeque 1979 do; quantiles are a DDSketch (Masson et al. 2019), whose
    merging adds up counts of fixed bins and is exact.

    Args:
        accuracy: of the quantiles, relative to their value.

    Attributes:
        count, mean: of the finite numbers.
        undefined: how many were not finite.
    """

    def __init__(self, accuracy: float = ACCURACY) -> None:
        self._accuracy = accuracy
        self.count, self.mean, self.undefined = 0, 0.0, 0
        self._squares = 0.0  # Σ(x − mean)²
        self._positive, self._negative = DenseStore(), DenseStore()
        self._sketch = BaseDDSketch(LogarithmicMapping(accuracy), self._positive, self._negative, 0.0)

    def add(self, value: float) -> None:
        """Count one number in."""
        if not math.isfinite(value):
            self.undefined += 1
            return
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self._squares += step * (value - self.mean)
        self._sketch.add(value)

    def merge(self, other: Summary) -> None:
        """Count in all that `other` has seen; `other` stays as it is."""
        self.undefined += other.undefined
        count = self.count + other.count
        if other.count:
            step = other.mean - self.mean
            self.mean += step * other.count / count
            self._squares += other._squares + step * step * self.count * other.count / count
            self.count = count
            self._sketch.merge(other._sketch)

    @property
    def std(self) -> float:
        """Standard deviation of what was seen (not of a larger whole it was drawn from)."""
        return math.sqrt(self._squares / self.count) if self.count else math.nan

    def quantiles(self) -> dict[str, float]:
        """The value below which each share of `QUANTILES` lies, right to its accuracy."""
        return {f"{q:g}": self._quantile(q) for q in QUANTILES}

    def _quantile(self, share: float) -> float:
        found = self._sketch.get_quantile_value(share) if self.count else None
        return math.nan if found is None else float(found)

    def numbers(self) -> dict[str, Any]:
        """As the atlas' JSON has it."""
        return {
            "count": self.count,
            "mean": _or_none(self.mean if self.count else math.nan),
            "std": _or_none(self.std),
            "quantiles": {key: _or_none(value) for key, value in self.quantiles().items()},
        }

    def state(self) -> dict[str, Any]:
        """All of it as plain JSON types, for `SavedProgress`."""
        return {
            "accuracy": self._accuracy,
            "count": self.count,
            "mean": self.mean,
            "squares": self._squares,
            "undefined": self.undefined,
            "positive": _bins(self._positive),
            "negative": _bins(self._negative),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Summary:
        """The summary that `state` was taken of."""
        found = cls(state["accuracy"])
        found.count, found.mean, found.undefined = state["count"], state["mean"], state["undefined"]
        found._squares = state["squares"]
        for store, bins in ((found._positive, state["positive"]), (found._negative, state["negative"])):
            for key, count in bins:
                store.add(key, count)
        zeros = found.count - found._positive.count - found._negative.count
        found._sketch = BaseDDSketch(
            LogarithmicMapping(found._accuracy), found._positive, found._negative, zeros
        )
        return found


def _bins(store: DenseStore) -> list[tuple[int, float]]:
    return [(index + store.offset, count) for index, count in enumerate(store.bins) if count]


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
