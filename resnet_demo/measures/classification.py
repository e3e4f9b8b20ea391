"""From logits to ranked classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resnet_demo.errors import OptionError
from resnet_demo.networks.labels import Label


@dataclass(frozen=True)
class Prediction:
    """One class of the ranking: its index, label, probability (0 to 1) and logit."""

    index: int
    label: Label
    probability: float
    logit: float


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities, float64 (…, classes), of logits (…, classes); each row adds up to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def require_top(top: int) -> None:
    """OptionError unless `top`, how many classes to rank, is at least 1."""
    if top < 1:
        raise OptionError(f"At least one class is ranked. Received: top={top}. Accepted: 1 or more.")


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
