"""What the sentences about a photo say: computed here, worded elsewhere for page, figures and alternative texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.heatmaps import FeatureMaps
from resnet_demo.results.laboratory import (
    AsItForms,
    BlockContribution,
    DoubleLesion,
    GradientSplit,
    LabRow,
    LabTable,
    LogitAttribution,
)


def position_of_maximum(values: np.ndarray) -> tuple[float, float]:
    """Where a map, (h, w), is largest: (row, column), each from 0 to 1, at the middle of its unit."""
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    return (row + 0.5) / values.shape[0], (column + 0.5) / values.shape[1]


def area_of_half(heat: np.ndarray) -> float:
    """The smallest share of a map, (h, w) and nowhere negative, that holds half of its sum."""
    ordered = np.sort(heat, axis=None)[::-1]
    half = np.searchsorted(np.cumsum(ordered, dtype=np.float64), ordered.sum(dtype=np.float64) / 2) + 1
    return float(half / heat.size)


def parts_by_sign(values: np.ndarray) -> tuple[float, float]:
    """The sum of a map's positive values, and that of its negative ones."""
    return float(values[values > 0].sum()), float(values[values < 0].sum())


@dataclass(frozen=True)
class ProfileFinding:
    """Shortcut against residual branch over all blocks.

    Attributes:
        largest, smallest: the blocks of largest and smallest rms(F) / rms(S).
        count: in how many blocks the residual branch has the larger mean magnitude.
        most: the block in which it is largest compared with the shortcut's; None where every shortcut is 0.
        times: how many times the shortcut's it is there.
    """

    largest: BlockProfile
    smallest: BlockProfile
    count: int
    most: BlockProfile | None
    times: float


def profile(blocks: Sequence[BlockProfile]) -> ProfileFinding:
    """What a profile of at least one block shows."""
    finite = [b for b in blocks if np.isfinite(b.ratio)] or list(blocks)
    times = [
        (b.residual.mean_magnitude / b.shortcut.mean_magnitude, b)
        for b in blocks
        if b.shortcut.mean_magnitude
    ]
    most = max(times, key=lambda pair: pair[0], default=(float("nan"), None))
    return ProfileFinding(
        largest=max(finite, key=lambda b: b.ratio),
        smallest=min(finite, key=lambda b: b.ratio),
        count=sum(b.residual.mean_magnitude > b.shortcut.mean_magnitude for b in blocks),
        most=most[1],
        times=most[0],
    )


@dataclass(frozen=True)
class CrossFinding:
    """How the branches meet over all blocks.

    Attributes:
        cancelling: in how many blocks the cross term 2⟨S,F⟩/‖y‖² is negative, so that the sum is smaller for it.
        agrees, cancels: the blocks of the largest and of the smallest cross term; None where it is nowhere defined.
    """

    cancelling: int
    agrees: BlockProfile | None
    cancels: BlockProfile | None


def cross_terms(blocks: Sequence[BlockProfile]) -> CrossFinding:
    """What a river of at least one block shows."""
    defined = [b for b in blocks if np.isfinite(b.energy.cross)]
    return CrossFinding(
        cancelling=sum(b.energy.cross < 0 for b in defined),
        agrees=max(defined, key=lambda b: b.energy.cross, default=None),
        cancels=min(defined, key=lambda b: b.energy.cross, default=None),
    )


def strongest_channel(maps: FeatureMaps) -> tuple[int, float, float]:
    """The strongest channel, its mean activation, and the share of channels that are silent."""
    first = int(maps.channels[0])
    return first, float(maps.means[first]), float(np.mean(maps.means == 0))


def largest_entry(attribution: LogitAttribution) -> tuple[BlockContribution, float]:
    """The block that moves the logit most, and its share of all that blocks move it; NaN where none does."""
    first = max(attribution.entries, key=lambda e: abs(e.contribution))
    moved = sum(abs(e.contribution) for e in attribution.entries)
    return first, abs(first.contribution) / moved if moved else float("nan")


@dataclass(frozen=True)
class PairsFinding:
    """Every two blocks taken away at once.

    Attributes:
        changed: without how many pairs another class is on top.
        costliest: the pairs, first the one without which the explained class loses most of its logit.
    """

    changed: int
    costliest: list[DoubleLesion]


def pairs(found: Sequence[DoubleLesion]) -> PairsFinding:
    """What the lesions of at least one pair show."""
    return PairsFinding(
        changed=sum(pair.changed for pair in found),
        costliest=sorted(found, key=lambda pair: pair.logit_change),
    )


def carried_by_residual(splits: Sequence[GradientSplit]) -> list[str]:
    """The blocks through whose residual branch more of the gradient comes than through the shortcut."""
    return [s.block for s in splits if s.residual_rms > s.shortcut_rms]


def most_missed(lab: LabTable) -> LabRow:
    """The block whose lesion lowers the logit most."""
    return min(lab.rows, key=lambda r: r.lesion)


def takes_the_lead(found: AsItForms) -> int:
    """After how many blocks the network's final answer is on top for good; 0 where it is from the start."""
    final = found.steps[-1].top1.index
    others = [step.blocks for step in found.steps if step.top1.index != final]
    return others[-1] + 1 if others else 0


def rivals(found: AsItForms, most: int = 4) -> list[int]:
    """The other classes worth a line: those that led once, then those that were likeliest at any step."""
    others = [i for i in range(found.logits.shape[1]) if i != found.target]
    led = {step.top1.index for step in found.steps}
    highest = np.nan_to_num(found.probabilities).max(axis=0)
    return sorted(others, key=lambda i: (i not in led, -highest[i]))[:most]


def running_sum(attribution: LogitAttribution) -> list[float]:
    """The ledger added up to each block, for l = 0 … L: what is no block's first, then block by block."""
    start = attribution.class_bias + attribution.stem + attribution.projection_biases
    sums: list[float] = np.cumsum([start, *(e.contribution for e in attribution.entries)]).tolist()
    return sums


def extremes(values: Mapping[str, float]) -> tuple[str, str]:
    """The name of the largest value and that of the smallest."""
    return max(values, key=values.__getitem__), min(values, key=values.__getitem__)


def unusual(value: float, typical: dict[str, Any]) -> bool:
    """Whether a number lies outside of what nine photos of ten have."""
    low, high = typical["quantiles"]["0.05"], typical["quantiles"]["0.95"]
    return not low <= value <= high
