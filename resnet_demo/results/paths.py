"""The paths that a photo's gradient takes through the blocks, by how many residual branches they pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True)
class PathLengths:
    """The gradient at the first block's input, split by path length; position k stands for length k.

    Of paths longer than the last position the rest is `longer_norm` and `longer_share`; both are 0 where there are
    none.

    Attributes:
        target: class index, of whose logit the gradient is.
        counts: how many paths of each length there are, C(L, k) of L blocks.
        norms: ‖G_k‖, G_k the sum of what comes down all paths of length k.
        shares: ⟨G_k, g⟩ / ‖g‖², which with `longer_share` add up to 1; negative where a length works against the rest.
        error: largest |Σ G_k − g|, relative to the largest |g|; only where every length is there.
    """

    target: int
    counts: tuple[int, ...]
    norms: tuple[float, ...]
    shares: tuple[float, ...]
    longer_norm: float
    longer_share: float
    error: float | None

    @property
    def blocks(self) -> int:
        """How many blocks there are: the length of the longest path."""
        return self.counts[1]

    @property
    def mean_length(self) -> float:
        """The mean length, each weighted by its ‖G_k‖; over all paths alike it is half the number of blocks."""
        return _mean_length(self.norms)


@dataclass(frozen=True)
class SampledPaths:
    """The gradients of single paths that were drawn at random; position k stands for length k, from 0 to all blocks.

    Attributes:
        target: class index, of whose logit the gradient is.
        counts: how many paths of each length there are, C(L, k) of L blocks.
        drawn: how many of them were walked, no path twice.
        means: mean ‖gradient‖ of a single path, at the first block's input, over those.
        errors: its standard error; 0 where all paths of the length were walked.
    """

    target: int
    counts: tuple[int, ...]
    drawn: tuple[int, ...]
    means: tuple[float, ...]
    errors: tuple[float, ...]

    @property
    def all_of_them(self) -> tuple[float, ...]:
        """C(L, k) times the mean: what the paths of each length would bring if all pointed the same way."""
        return tuple(count * mean for count, mean in zip(self.counts, self.means, strict=True))

    @property
    def shares(self) -> tuple[float, ...]:
        """Of the sum of `all_of_them`, Veit et al.'s measure of where the gradient comes from."""
        total = sum(self.all_of_them)
        return tuple(one / total if total else float("nan") for one in self.all_of_them)

    @property
    def share_errors(self) -> tuple[float, ...]:
        """The standard errors of `shares`, to first order in those of the means, which are independent."""
        total, shares = sum(self.all_of_them), self.shares
        relative = [
            n * e / total if total else float("nan") for n, e in zip(self.counts, self.errors, strict=True)
        ]
        return tuple(
            sqrt(sum((error * ((j == k) - shares[k])) ** 2 for j, error in enumerate(relative)))
            for k in range(len(shares))
        )

    @property
    def mean_length(self) -> float:
        """The mean length, each weighted by `all_of_them`."""
        return _mean_length(self.all_of_them)

    @property
    def decay(self) -> float:
        """What each further residual branch leaves of a single path's gradient, in the geometric mean."""
        longest = len(self.means) - 1
        return (self.means[-1] / self.means[0]) ** (1 / longest) if self.means[0] else float("nan")


def _mean_length(weights: Sequence[float]) -> float:
    total = sum(weights)
    return sum(k * weight for k, weight in enumerate(weights)) / total if total else float("nan")
