"""The paths that a photo's gradient takes through the blocks, by how many residual branches they pass."""

from __future__ import annotations

from dataclasses import dataclass


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
        single: root mean square over the paths of a length of one path's ‖gradient‖, estimated.
        error: largest |Σ G_k − g|, relative to the largest |g|; only where every length is there.
    """

    target: int
    counts: tuple[int, ...]
    norms: tuple[float, ...]
    shares: tuple[float, ...]
    single: tuple[float, ...]
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
        total = sum(self.norms)
        return sum(k * norm for k, norm in enumerate(self.norms)) / total if total else float("nan")

    @property
    def decay(self) -> float:
        """What each further residual branch leaves of a single path's gradient, in the geometric mean."""
        longest = len(self.single) - 1
        return (self.single[-1] / self.single[0]) ** (1 / longest) if self.single[0] else float("nan")
