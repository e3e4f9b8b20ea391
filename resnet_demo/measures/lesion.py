"""Switch residual branches off and see what the network then says (Veit et al. 2016, arXiv:1605.06431).

A block's gate multiplies its residual branch: S + gate·F. A lesion is a gate of 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.classification import probabilities, rank
from resnet_demo.measures.requirements import require
from resnet_demo.results.laboratory import Lesion

NAME = "lesion"
REQUIRES = frozenset({"classes", "residual"})
COST = "growing"


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None]
) -> tuple[tuple[Lesion, ...], ...]:
    """Every single lesion of N images, one per block.

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified.
        targets: N class indices; None for the top class of the whole network.

    Raises:
        ArchitectureError: the network has no shortcuts.
        UnknownClassError: no such class.
    """
    chosen = model.targets(targets, len(batch))
    logits = lesion_logits(model.engine, batch)  # (1 + blocks, N, classes)
    return tuple(_lesions(model, logits[:, i], int(chosen[i])) for i in range(len(batch)))


def lesion_all(model: InstrumentedModel, batch: np.ndarray, target: int | None = None) -> tuple[Lesion, ...]:
    """`compute` for one image (1, h, w, 3)."""
    return compute(model, batch, [target])[0]


def _lesions(model: InstrumentedModel, logits: np.ndarray, chosen: int) -> tuple[Lesion, ...]:
    clean, *lesioned = logits
    index = int(clean.argmax()) if chosen < 0 else chosen
    probability = probabilities(clean, model.activation)[index]
    lesions = []
    for block, without in zip(model.engine.architecture.blocks, lesioned, strict=True):
        top1 = rank(without, model.labels, 1, model.activation)[0]
        lesions.append(
            Lesion(
                block=block.name,
                logit_change=float(without[index]) - float(clean[index]),
                probability_change=float(probabilities(without, model.activation)[index] - probability),
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
    require(engine, REQUIRES)
    logits: np.ndarray = engine.run(_growing_batch, batch)
    return logits


def _growing_batch(engine: Engine, batch: tf.Tensor) -> tf.Tensor:
    """All lesions in one pass: below its block a lesion is the whole network, so its rows join at the block.

    At the l-th block l·N rows come in, the clean ones first; N more go out: half the work of separate runs.
    """
    images = tf.shape(batch)[0]
    # What a ReLU gave another one leaves as it is.
    rectified = {block.output for block in engine.architecture.blocks if block.has_relu}
    position, x = engine.input_name, batch
    for block in engine.architecture.blocks:
        values = engine.execute(position, x, block.output)
        without = values[block.shortcut][:images]  # S alone, from the clean rows
        if block.shortcut not in rectified:
            without = engine.execute(block.sum, without, block.output)[block.output]
        position, x = block.output, tf.concat([values[block.output], without], axis=0)
    logits = engine.execute(position, x, engine.architecture.logits)[engine.architecture.logits]
    return tf.reshape(logits, (1 + len(engine.architecture.blocks), images, engine.architecture.classes))
