"""Two ledgers side by side: two classes on one photo, or two photos for one class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import choose_target
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.measures import classification
from resnet_demo.measures.logit_attribution import REQUIRES, compute, logit_attributions, walk_down
from resnet_demo.measures.requirements import require
from resnet_demo.results.classes import Prediction
from resnet_demo.results.comparison import Comparison


def compare_classes(
    model: InstrumentedModel, batch: np.ndarray, first: int | None = None, second: int | None = None
) -> Comparison:
    """Which blocks and positions of one photo speak for one class against another.

    Args:
        batch: float32 (1, h, w, 3), preprocessed. Not modified.
        first: class index, the predicted one, say; None for the top class.
        second: class index, the expected one, say; None, or the first itself, for the most probable other class.

    Raises:
        ArchitectureError: the network has no shortcuts, or its head is not piecewise linear.
        UnknownClassError: no such class.
        OptionError: the network knows one class only.
    """
    require(model.engine, REQUIRES)
    _require_two(model)
    chosen = model.targets([first, second], 2)
    out = model.engine.run(_two_attributions, batch, chosen[:1], chosen[1:])
    return Comparison(*logit_attributions(model.engine, out))


def _two_attributions(
    engine: Engine, batch: tf.Tensor, first: tf.Tensor, second: tf.Tensor
) -> dict[str, Any]:
    """Up once, and down from two classes; each int32 (1,), negative for the top class and the next."""
    values = engine.forward(batch)
    logits = values[engine.architecture.logits]
    first = choose_target(logits, first)
    is_first = tf.one_hot(first, logits.shape[-1], True, False, dtype=tf.bool)
    others = tf.where(is_first, tf.constant(-np.inf, logits.dtype), logits)
    second = choose_target(others, tf.where(second == first, -1, second))
    twice = tf.nest.map_structure(lambda value: tf.repeat(value, 2, axis=0), values)
    return walk_down(engine, twice, tf.concat([first, second], axis=0))


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
    _require_two(model)
    model.targets([target, other], 2)
    first = ranked[0].index if target is None else target
    if other is None or other == first:
        other = next(p.index for p in ranked if p.index != first)
    return first, other


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


def _require_two(model: InstrumentedModel) -> None:
    if len(model.labels) < 2:
        raise OptionError("Two classes are compared. Received: a network of one. Accepted: two or more.")
