"""Two ledgers side by side: two classes on one photo, or two photos for one class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.measures.logit_attribution import Ledger, ledgers


@dataclass(frozen=True)
class Difference:
    """One line of two ledgers; `difference` is positive where it speaks for the first.

    `name` is "class_bias", "stem", "projection_biases" or a block's name.
    """

    name: str
    first: float
    second: float

    @property
    def difference(self) -> float:
        """First less second, in units of the logit."""
        return self.first - self.second


@dataclass(frozen=True)
class Comparison:
    """Two ledgers of one network. Their differences add up to the difference of the logits."""

    first: Ledger
    second: Ledger

    def differences(self) -> tuple[Difference, ...]:
        """Line by line, from the class bias and the stem up to the last block."""
        lines = [
            Difference(name, getattr(self.first, name), getattr(self.second, name))
            for name in ("class_bias", "stem", "projection_biases")
        ]
        lines += [
            Difference(one.block, one.contribution, other.contribution)
            for one, other in zip(self.first.entries, self.second.entries, strict=True)
        ]
        return tuple(lines)

    @property
    def logit_difference(self) -> float:
        """The first logit less the second."""
        return self.first.logit - self.second.logit

    def speaking_for_first(self) -> tuple[Difference, ...]:
        """The blocks that speak for the first, strongest first."""
        blocks = self.differences()[-len(self.first.entries) :]
        return tuple(sorted((b for b in blocks if b.difference > 0), key=lambda b: -b.difference))

    def speaking_for_second(self) -> tuple[Difference, ...]:
        """The blocks that speak for the second, strongest first."""
        return Comparison(self.second, self.first).speaking_for_first()

    def maps(self) -> dict[str, np.ndarray]:
        """Where the stem and each block speak for either of two classes on one photo, each float32 (h, w)."""
        blocks = zip(self.first.entries, self.second.entries, strict=True)
        return {"stem": self.first.stem_map - self.second.stem_map} | {
            one.block: one.map - other.map for one, other in blocks
        }


def compare_classes(
    model: InstrumentedModel, batch: np.ndarray, first: int | None, second: int | None
) -> Comparison:
    """Which blocks and positions of one photo speak for one class against another.

    Args:
        batch: float32 (1, h, w, 3), preprocessed. Not modified.
        first, second: class indices, the predicted and the expected one, say; None for the top class.

    Raises:
        ArchitectureError: the network has no shortcuts, or its head is not linear.
        UnknownClassError: no such class.
    """
    targets = [model.require_class(first), model.require_class(second)]
    return Comparison(*ledgers(model.engine, np.repeat(batch, 2, axis=0), targets))


def compare_with_runner_up(
    model: InstrumentedModel, batch: np.ndarray, target: int | None = None, other: int | None = None
) -> Comparison:
    """`compare_classes`, with the most probable other class for an `other` that is None or the target itself.

    Raises:
        ArchitectureError, UnknownClassError: as in `compare_classes`.
        OptionError: the network knows one class only.
    """
    if len(model.labels) < 2:
        raise OptionError("Two classes are compared. Received: a network of one. Accepted: two or more.")
    ranked = [int(i) for i in np.argsort(-model.engine.logits(batch)[0], kind="stable")]
    first = ranked[0] if target is None else model.require_class(target)
    if other is None or other == first:
        other = next(i for i in ranked if i != first)
    return compare_classes(model, batch, first, other)


def compare_photos(model: InstrumentedModel, batch: np.ndarray, target: int | None = None) -> Comparison:
    """Why one class has another logit on another photo.

    Args:
        batch: float32 (2, h, w, 3), the two photos, preprocessed. Not modified.
        target: class index; None for the first photo's top class.

    Raises:
        ArchitectureError, UnknownClassError: as in `compare_classes`.
    """
    chosen = model.require_class(target)
    if chosen < 0:
        chosen = int(model.engine.logits(batch[:1]).argmax())
    return Comparison(*ledgers(model.engine, batch, [chosen, chosen]))
