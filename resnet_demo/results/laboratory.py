"""What each block is worth for a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from resnet_demo.errors import ArchitectureError, OptionError
from resnet_demo.results.blocks import Kind
from resnet_demo.results.classes import Prediction
from resnet_demo.results.correlation import rank_correlation

COLUMNS = ("ratio", "novelty", "gradient", "lesion", "ledger")


@dataclass(frozen=True)
class GradientSplit:
    """One block's gradient split on one photo. NaN where a denominator is 0.

    Attributes:
        block: the block's name.
        shortcut_rms, residual_rms, total_rms: root mean square of g_S, g_F and ∂L/∂x.
        cosine: ⟨g_S,g_F⟩ / (‖g_S‖‖g_F‖); negative where the two branches pull apart.
        unchanged: whether g_S is ∂L/∂y itself, so that the tutorials' formula holds behind the gates.
        closed_gates: share of units with y < 0, whose gate is closed; 0 where no ReLU follows.
        stopped: share of ‖∂L/∂x⁺‖² at the block's output that closed gates stop: 1 − ‖∂L/∂y‖² / ‖∂L/∂x⁺‖².
        error: largest |g_S + g_F − ∂L/∂x|, relative to the largest |∂L/∂x|.
    """

    block: str
    shortcut_rms: float
    residual_rms: float
    total_rms: float
    cosine: float
    unchanged: bool
    closed_gates: float
    stopped: float
    error: float

    @property
    def ratio(self) -> float:
        """rms(g_F) / rms(g_S), as comparable between blocks as rms(F) / rms(S) is."""
        return self.residual_rms / self.shortcut_rms if self.shortcut_rms else float("nan")


@dataclass(frozen=True)
class Lesion:
    """What one block is worth: the network without its residual branch, against the whole network.

    Attributes:
        block: whose residual branch is off.
        logit_change: the target's logit without it, minus the logit with it; negative where the block helped.
        probability_change: the same of the target's probability, -1 to 1.
        top1: the top class without it.
        changed: whether that is another class than with it.
    """

    block: str
    logit_change: float
    probability_change: float
    top1: Prediction
    changed: bool


@dataclass(frozen=True)
class DoubleLesion:
    """What two blocks are worth together: `Lesion`'s numbers, without both of their residual branches."""

    blocks: tuple[str, str]
    logit_change: float
    probability_change: float
    top1: Prediction
    changed: bool


@dataclass(frozen=True)
class BlockContribution:
    """One block's line of the ledger, in units of the logit.

    Attributes:
        block: the block's name.
        contribution: ⟨F, v⟩; positive where the residual branch spoke for the class.
        map: float32 (h, w), the same for each position; it adds up to `contribution`.
        projection_bias: ⟨b, v⟩ of the block's shortcut, 0 for an identity block, and of layers that stand between
            the block below and this one.
    """

    block: str
    contribution: float
    map: np.ndarray
    projection_bias: float


@dataclass(frozen=True)
class LogitAttribution:
    """One logit of one photo, taken apart.

    Attributes:
        target: class index.
        logit: the class's logit as the network computed it.
        class_bias: what the head adds by itself: what it says of an image without any feature or, where a ReLU or a
            max pooling is in it, its constant with their choices held as they are.
        stem: ⟨x, u⟩ with x the first block's input.
        entries: one per block, from the first to the last.
        stem_map: float32 (h, w), the stem's contribution for each position; it adds up to `stem`.
    """

    target: int
    logit: float
    class_bias: float
    stem: float
    entries: tuple[BlockContribution, ...]
    stem_map: np.ndarray

    @property
    def projection_biases(self) -> float:
        """What the biases of all projection shortcuts add."""
        return sum(entry.projection_bias for entry in self.entries)

    @property
    def blocks(self) -> float:
        """What all residual branches add."""
        return sum(entry.contribution for entry in self.entries)

    @property
    def sum(self) -> float:
        """All of it."""
        return self.class_bias + self.stem + self.projection_biases + self.blocks

    @property
    def error(self) -> float:
        """|sum − logit|: rounding."""
        return abs(self.sum - self.logit)


@dataclass(frozen=True)
class Formed:
    """What the network says when only its first blocks speak.

    Attributes:
        blocks: l, how many; the residual branches after them are off.
        logit, probability: the target's.
        top1: the top class.
    """

    blocks: int
    logit: float
    probability: float
    top1: Prediction


@dataclass(frozen=True)
class AsItForms:
    """The answer as it forms, block by block.

    Attributes:
        target: class index.
        steps: one for l = 0 … L; the last is the network itself.
        logits: float32 (L + 1, classes), of every class.
        probabilities: float64 (L + 1, classes).
    """

    target: int
    steps: tuple[Formed, ...]
    logits: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class LabRow:
    """One block: each column of `COLUMNS` as one number.

    Attributes:
        block, kind: its name; "projection" or "identity".
        ratio: rms(F) / rms(S).
        novelty: the part of F that does not lie along S.
        gradient: rms(g_F) / rms(g_S).
        lesion: change of the target's logit when the residual branch is off; negative where it helped.
        ledger: what the residual branch adds to the target's logit.
    """

    block: str
    kind: Kind
    ratio: float
    novelty: float
    gradient: float
    lesion: float
    ledger: float


@dataclass(frozen=True)
class LabTable:
    """The residual laboratory on one photo, for one class.

    Attributes:
        target: the class.
        rows: one per block; NaN in the columns of what was left out.
        gradients, lesions: one per block, or none where they were left out.
        logit_attribution: the target's logit taken apart; None where it was left out.
        as_it_forms: the answer after each block; None where it was left out.
        left_out: what this network cannot be asked, by the measure's name, and why.
        others: the records of further measures, by name. `analysis.json` has them by their form (`forms.py`); the
            page shows them once they have a view.
    """

    target: Prediction
    rows: tuple[LabRow, ...]
    gradients: tuple[GradientSplit, ...]
    lesions: tuple[Lesion, ...]
    logit_attribution: LogitAttribution | None
    as_it_forms: AsItForms | None
    left_out: dict[str, ArchitectureError]
    others: Mapping[str, Any] = field(default_factory=dict)

    def column(self, name: str) -> tuple[float, ...]:
        """One of `COLUMNS`, a number per block; OptionError for any other name."""
        if name not in COLUMNS:
            raise OptionError(
                "There is no such column. Received: {name!r}. Accepted: {columns}.",
                name=name,
                columns=", ".join(COLUMNS),
            )
        return tuple(getattr(row, name) for row in self.rows)

    def correlation(self, first: str, second: str) -> float:
        """Spearman's ρ between two of `COLUMNS`.

        Lesion and ledger agree where it is near -1: a helpful block adds to the logit, and is
        missed when off.
        """
        return rank_correlation(self.column(first), self.column(second))

    def correlations(self) -> dict[tuple[str, str], float]:
        """Spearman's ρ of every pair of columns."""
        return {pair: self.correlation(*pair) for pair in combinations(COLUMNS, 2)}
