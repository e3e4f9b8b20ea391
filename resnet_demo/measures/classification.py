"""From logits to ranked classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from resnet_demo.errors import OptionError
from resnet_demo.results.classes import Label, Prediction

if TYPE_CHECKING:  # what takes TensorFlow to import
    from resnet_demo.engine.instrumented_model import InstrumentedModel

NAME = "classes"
REQUIRES = frozenset({"classes"})


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None], *, top: int = 5
) -> tuple[tuple[Prediction, ...], ...]:
    """The `top` classes of N images, float32 (N, h, w, 3). The targets do not matter.

    Raises:
        OptionError: `top` is not at least 1.
    """
    from resnet_demo.measures.requirements import require  # takes TensorFlow to import

    require_top(top)
    require(model.engine, REQUIRES)
    return tuple(rank(logits, model.labels, top) for logits in model.engine.logits(batch))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities, float64 (…, classes), of logits (…, classes); each row adds up to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def require_top(top: int) -> None:
    """OptionError unless `top`, how many classes to rank, is at least 1."""
    if top < 1:
        raise OptionError(
            "At least one class is ranked. Received: top={top}. Accepted: 1 or more.",
            top=top,
        )


def rank(logits: np.ndarray, labels: tuple[Label, ...], top: int) -> tuple[Prediction, ...]:
    """The `top` classes of one image, most probable first; equal logits keep their class order.

    Args:
        logits: float32 (classes,).
        labels: one for each class.
        top: how many; more than there are gives all.

    Raises:
        OptionError: `top` is not at least 1.
    """
    require_top(top)
    probabilities = softmax(logits)
    order = np.argsort(-logits, kind="stable")[:top]
    return tuple(Prediction(int(i), labels[i], float(probabilities[i]), float(logits[i])) for i in order)
