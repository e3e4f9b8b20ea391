"""Switch residual branches off and see what the network then says (Veit et al. 2016, arXiv:1605.06431).

A block's gate multiplies its residual branch: S + gate·F. A lesion is a gate of 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.measures.classification import Prediction, rank, softmax


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


def gated_logits(engine: Engine, batch: np.ndarray, gates: np.ndarray) -> np.ndarray:
    """Logits, float32 (N, classes), with residual branches scaled by their gates.

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified.
        gates: float (N, number of blocks), from 0 (off) to 1 (as trained). Ones change nothing, bit for bit.

    Raises:
        ArchitectureError: the network has no shortcuts.
        OptionError: another shape, or a gate outside 0 to 1.
    """
    engine.require_blocks()
    gates = np.asarray(gates)
    expected = (len(batch), len(engine.architecture.blocks))
    if gates.shape != expected:
        raise OptionError(
            "There is one gate for each block of each image. "
            f"Received: shape {gates.shape}. Accepted: {expected}."
        )
    outside = gates[~((gates >= 0) & (gates <= 1))]  # NaN too
    if outside.size:
        raise OptionError(
            f"A gate scales a residual branch. Received: {outside[0]}. Accepted: 0 (off) to 1 (as trained)."
        )
    return engine.run(_gated_logits, batch, gates.astype(engine.dtype.as_numpy_dtype))


def _gated_logits(engine: Engine, batch: tf.Tensor, gates: tf.Tensor) -> tf.Tensor:
    return engine.forward(batch, gates=gates)[engine.architecture.logits]


def classify_with_gates(
    model: InstrumentedModel, batch: np.ndarray, gates: np.ndarray, top: int = 5
) -> tuple[Prediction, ...]:
    """The ranked classes of one image, with residual branches scaled by their gates.

    Args:
        batch: float32 (1, h, w, 3), preprocessed. Not modified.
        gates: float (number of blocks,), from 0 (off) to 1 (as trained).
        top: how many classes.

    Raises:
        ArchitectureError: the network has no shortcuts.
        OptionError: another number of gates, a gate outside 0 to 1, or `top` below 1.
    """
    return rank(gated_logits(model.engine, batch, np.asarray(gates)[np.newaxis])[0], model.labels, top)


def lesion_all(model: InstrumentedModel, batch: np.ndarray, target: int | None = None) -> tuple[Lesion, ...]:
    """Every single lesion of one image, one per block.

    Args:
        batch: float32 (1, h, w, 3), preprocessed. Not modified.
        target: class index; None for the top class of the whole network.

    Raises:
        ArchitectureError: the network has no shortcuts.
        UnknownClassError: no such class.
    """
    chosen = model.require_class(target)
    clean, *lesioned = (logits[0] for logits in lesion_logits(model.engine, batch))
    index = int(clean.argmax()) if chosen < 0 else chosen
    probability = softmax(clean)[index]
    lesions = []
    for block, logits in zip(model.engine.architecture.blocks, lesioned, strict=True):
        top1 = rank(logits, model.labels, 1)[0]
        lesions.append(
            Lesion(
                block=block.name,
                logit_change=float(logits[index]) - float(clean[index]),
                probability_change=float(softmax(logits)[index] - probability),
                top1=top1,
                changed=top1.index != int(clean.argmax()),
            )
        )
    return tuple(lesions)


def lesion_logits(engine: Engine, batch: np.ndarray) -> np.ndarray:
    """Logits of the whole network and of every single lesion, float32 (1 + number of blocks, N, classes).

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified.

    Raises:
        ArchitectureError: the network has no shortcuts.
    """
    engine.require_blocks()
    return engine.run(_growing_batch, batch)


def _growing_batch(engine: Engine, batch: tf.Tensor) -> tf.Tensor:
    """All lesions in one pass: below its block a lesion is the whole network, so its rows join at the block.

    At the l-th block l·N rows come in, the clean ones first; N more go out: half the work of separate runs.
    """
    images = tf.shape(batch)[0]
    position, x = engine.input_name, batch
    for block in engine.architecture.blocks:
        values = engine.execute(position, x, block.output)
        without = values[block.shortcut][:images]  # S alone, from the clean rows
        without = engine.execute(block.sum, without, block.output)[block.output]
        position, x = block.output, tf.concat([values[block.output], without], axis=0)
    logits = engine.execute(position, x, engine.architecture.logits)[engine.architecture.logits]
    return tf.reshape(logits, (1 + len(engine.architecture.blocks), images, engine.architecture.classes))
