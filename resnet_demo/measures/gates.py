"""What the network says with its residual branches scaled: S + gate·F, from 0, a lesion, to 1, as trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.measures.classification import rank, require_top
from resnet_demo.measures.requirements import require
from resnet_demo.results.classes import Prediction

NAME = "gates"
REQUIRES = frozenset({"classes", "residual"})
COST = "forward"


def compute(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int | None],
    *,
    gates: Sequence[float] | np.ndarray | None = None,
    top: int = 5,
) -> tuple[tuple[Prediction, ...], ...]:
    """The ranked classes of N images, with residual branches scaled by their gates. The targets do not matter.

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified.
        gates: one per block, from 0 (off) to 1 (as trained); None for all of them off.
        top: how many classes.

    Raises:
        ArchitectureError: the network has no shortcuts.
        OptionError: another number of gates, a gate outside 0 to 1, or `top` below 1.
    """
    require_top(top)
    values = np.zeros(len(model.engine.architecture.blocks)) if gates is None else np.asarray(gates)
    found = gated_logits(model.engine, batch, np.repeat(values[np.newaxis], len(batch), axis=0))
    return tuple(rank(logits, model.labels, top, model.activation) for logits in found)


def classify_with_gates(
    model: InstrumentedModel, batch: np.ndarray, gates: Sequence[float] | np.ndarray, top: int = 5
) -> tuple[Prediction, ...]:
    """`compute` for one image (1, h, w, 3)."""
    return compute(model, batch, [None], gates=gates, top=top)[0]


def gated_logits(engine: Engine, batch: np.ndarray, gates: np.ndarray) -> np.ndarray:
    """Logits, float32 (N, classes), with residual branches scaled by their gates.

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified.
        gates: float (N, number of blocks), from 0 (off) to 1 (as trained). Ones change nothing, bit for bit.

    Raises:
        ArchitectureError: the network has no shortcuts.
        OptionError: another shape, or a gate outside 0 to 1.
    """
    require(engine, REQUIRES)
    gates = np.asarray(gates)
    expected = (len(batch), len(engine.architecture.blocks))
    if gates.shape != expected:
        raise OptionError(
            "There is one gate for each block of each image. Received: shape {shape}. Accepted: {expected}.",
            shape=gates.shape,
            expected=expected,
        )
    outside = gates[~((gates >= 0) & (gates <= 1))]  # NaN too
    if outside.size:
        raise OptionError(
            "A gate scales a residual branch. Received: {outside}. Accepted: 0 (off) to 1 (as trained).",
            outside=outside[0],
        )
    logits: np.ndarray = engine.run(_gated_logits, batch, gates.astype(engine.dtype.as_numpy_dtype))
    return logits


def _gated_logits(engine: Engine, batch: tf.Tensor, gates: tf.Tensor) -> tf.Tensor:
    return engine.forward(batch, gates=gates)[engine.architecture.logits]
