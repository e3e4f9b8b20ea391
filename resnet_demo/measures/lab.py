"""The lab table: every block from five sides, and how far the sides agree."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.graph.architecture import Kind
from resnet_demo.measures.classification import Prediction
from resnet_demo.measures.correlation import rank_correlation
from resnet_demo.measures.gradients import GradientSplit, gradient_splits
from resnet_demo.measures.lesion import Lesion, lesion_all
from resnet_demo.measures.logit_attribution import Ledger, ledger
from resnet_demo.measures.report import Analysis, plain
from resnet_demo.photos.decoding import Photo

COLUMNS = ("ratio", "novelty", "gradient", "lesion", "ledger")


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
        rows: one per block, as are `gradients` and `lesions`.
        ledger: the target's logit taken apart.
    """

    target: Prediction
    rows: tuple[LabRow, ...]
    gradients: tuple[GradientSplit, ...]
    lesions: tuple[Lesion, ...]
    ledger: Ledger

    def column(self, name: str) -> tuple[float, ...]:
        """One of `COLUMNS`, a number per block; OptionError for any other name."""
        if name not in COLUMNS:
            raise OptionError(f"There is no such column. Received: {name!r}. Accepted: {', '.join(COLUMNS)}.")
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

    def add_to(self, numbers: dict[str, Any]) -> dict[str, Any]:
        """A copy of `Analysis.numbers()`, of the analysis measured here, with the laboratory's added."""
        blocks = [
            block
            | {
                "gradient": {
                    "shortcut_rms": gradient.shortcut_rms,
                    "residual_rms": gradient.residual_rms,
                    "cosine": plain(gradient.cosine),
                },
                "lesion": {
                    "logit_change": lesion.logit_change,
                    "probability_change": lesion.probability_change,
                    "top1": lesion.top1.index,
                },
                "ledger": entry.contribution,
            }
            for block, gradient, lesion, entry in zip(
                numbers["blocks"], self.gradients, self.lesions, self.ledger.entries, strict=True
            )
        ]
        return numbers | {
            "blocks": blocks,
            "ledger": ledger_numbers(self.ledger),
        }


def ledger_numbers(found: Ledger) -> dict[str, Any]:
    """A ledger as plain JSON types."""
    return {
        "stem": found.stem,
        "class_bias": found.class_bias,
        "projection_biases": found.projection_biases,
        "blocks": [entry.contribution for entry in found.entries],
        "sum": found.sum,
        "logit": found.logit,
        "error": found.error,
    }


def lab_table(model: InstrumentedModel, photo: Photo, analysis: Analysis) -> LabTable:
    """Measure a photo in the laboratory, for the class that its analysis explains.

    Args:
        photo: the picture that `analysis` is of. Not modified.

    Raises:
        ArchitectureError: the network has no shortcuts, or its head is not linear.
    """
    batch, target = model.batch(photo), analysis.target.index
    gradients = gradient_splits(model, batch, target)
    lesions = lesion_all(model, batch, target)
    found = ledger(model, batch, target)
    rows = tuple(
        LabRow(
            block=profile.name,
            kind=profile.kind,
            ratio=profile.ratio,
            novelty=profile.novelty,
            gradient=gradient.ratio,
            lesion=lesion.logit_change,
            ledger=entry.contribution,
        )
        for profile, gradient, lesion, entry in zip(
            analysis.blocks, gradients, lesions, found.entries, strict=True
        )
    )
    return LabTable(analysis.target, rows, gradients, lesions, found)
