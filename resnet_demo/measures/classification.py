"""From logits to ranked classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from resnet_demo.errors import OptionError
from resnet_demo.networks.outputs import Activation
from resnet_demo.results.classes import Label, Prediction

if TYPE_CHECKING:  # what takes TensorFlow to import
    from resnet_demo.engine.instrumented_model import InstrumentedModel

NAME = "classes"
REQUIRES = frozenset({"classes"})
COST = "forward"


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None], *, top: int = 5
) -> tuple[tuple[Prediction, ...], ...]:
    """The `top` classes of N images, float32 (N, h, w, 3). The targets do not matter.

    Raises:
        OptionError: `top` is not at least 1.
    """
    from resnet_demo.measures.requirements import require  # takes TensorFlow to import

    require(model.engine, REQUIRES)
    require_top(top)
    return tuple(rank(logits, model.labels, top, model.activation) for logits in model.engine.logits(batch))


def probabilities(logits: np.ndarray, activation: Activation) -> np.ndarray:
    """What the network's outputs mean: float64 (…, classes) of logits (…, classes).

    "softmax": each row adds up to 1. "sigmoid": each class for itself. "none": NaN, for there are none.
    """
    if activation == "softmax":
        return softmax(logits)
    if activation == "sigmoid":
        # 1 / (1 + e⁻ᶻ) in a form that does not overflow.
        return 0.5 * (1 + np.tanh(0.5 * logits.astype(np.float64)))
    return np.full(logits.shape, np.nan)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities, float64 (…, classes), of logits (…, classes); each row adds up to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    shares: np.ndarray = shifted / shifted.sum(axis=-1, keepdims=True)
    return shares


def require_top(top: int) -> None:
    """OptionError unless `top`, how many classes to rank, is at least 1."""
    if top < 1:
        raise OptionError(
            "At least one class is ranked. Received: top={top}. Accepted: 1 or more.",
            top=top,
        )


def rank(
    logits: np.ndarray, labels: tuple[Label, ...], top: int, activation: Activation = "softmax"
) -> tuple[Prediction, ...]:
    """The `top` classes of one image, the largest logit first; equal logits keep their class order.

    Args:
        logits: float32 (classes,).
        labels: one for each class.
        top: how many; more than there are gives all.
        activation: what makes probabilities of them (see `probabilities`).

    Raises:
        OptionError: `top` is not at least 1.
    """
    require_top(top)
    return predictions(strongest(logits, top), logits, labels, activation)


def strongest(logits: np.ndarray, top: int) -> np.ndarray:
    """Indices of one image's `top` largest logits, the largest first; equal logits keep their class order."""
    return np.argsort(-logits, kind="stable")[:top]


def predictions(
    indices: np.ndarray, logits: np.ndarray, labels: tuple[Label, ...], activation: Activation
) -> tuple[Prediction, ...]:
    """What one image's logits, float32 (classes,), say of the classes at `indices`, in that order."""
    shares = probabilities(logits, activation)
    found = zip(indices, shares[indices].tolist(), logits[indices].tolist(), strict=True)
    return tuple(Prediction(int(index), labels[index], *values) for index, *values in found)
