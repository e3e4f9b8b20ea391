"""Two ledgers side by side: two classes on one photo, or two photos for one class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.measures import classification
from resnet_demo.measures.logit_attribution import compute
from resnet_demo.results.classes import Prediction
from resnet_demo.results.comparison import Comparison


def compare_classes(
    model: InstrumentedModel, batch: np.ndarray, first: int | None, second: int | None
) -> Comparison:
    """Which blocks and positions of one photo speak for one class against another.

    Args:
        batch: float32 (1, h, w, 3), preprocessed. Not modified.
        first, second: class indices, the predicted and the expected one, say; None for the top class.

    Raises:
        ArchitectureError: the network has no shortcuts, or its head is not piecewise linear.
        UnknownClassError: no such class.
    """
    return Comparison(*compute(model, np.repeat(batch, 2, axis=0), [first, second]))


def two_classes(
    model: InstrumentedModel,
    ranked: Sequence[Prediction],
    target: int | None = None,
    other: int | None = None,
) -> tuple[int, int]:
    """Which two classes are compared: the top one, or `target`; and the most probable other, or `other`.

    Args:
        ranked: the two most probable classes at least.
        other: None, or the target itself, stands for the most probable other class.

    Raises:
        UnknownClassError: no such class.
        OptionError: the network knows one class only.
    """
    if len(model.labels) < 2:
        raise OptionError("Two classes are compared. Received: a network of one. Accepted: two or more.")
    model.targets([target, other], 2)
    first = ranked[0].index if target is None else target
    if other is None or other == first:
        other = next(p.index for p in ranked if p.index != first)
    return first, other


def compare_with_runner_up(
    model: InstrumentedModel, batch: np.ndarray, target: int | None = None, other: int | None = None
) -> Comparison:
    """`compare_classes`, of `two_classes`."""
    ranked = classification.compute(model, batch, [None], top=2)[0]
    return compare_classes(model, batch, *two_classes(model, ranked, target, other))


def compare_photos(model: InstrumentedModel, batch: np.ndarray, target: int | None = None) -> Comparison:
    """Why one class has another logit on another photo.

    Args:
        batch: float32 (2, h, w, 3), the two photos, preprocessed. Not modified.
        target: class index; None for the first photo's top class.

    Raises:
        ArchitectureError, UnknownClassError: as in `compare_classes`.
    """
    if target is None:
        target = classification.compute(model, batch[:1], [None], top=1)[0][0].index
    return Comparison(*compute(model, batch, [target, target]))
