"""Two residual branches off at once, every pair of blocks (Veit et al. 2016, arXiv:1605.06431, section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.classification import probabilities, rank
from resnet_demo.measures.requirements import require
from resnet_demo.results.laboratory import DoubleLesion

NAME = "double_lesion"
REQUIRES = frozenset({"classes", "residual"})
COST = "on demand"


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None]
) -> tuple[tuple[DoubleLesion, ...], ...]:
    """Every pair of lesions of N images, in the order of `itertools.combinations`.

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified. An image takes 120 rows at a ResNet50's last block.
        targets: N class indices; None for the top class of the whole network.

    Raises:
        ArchitectureError: the network has no shortcuts, or no classes.
        UnknownClassError: no such class.
    """
    require(model.engine, REQUIRES)
    chosen = model.targets(targets, len(batch))
    logits = _logits(model.engine, batch)  # (1 + pairs, N, classes)
    return tuple(_lesions(model, logits[:, i], int(chosen[i])) for i in range(len(batch)))


def double_lesion_logits(engine: Engine, batch: np.ndarray) -> np.ndarray:
    """Logits without each pair of blocks, float32 (pairs, N, classes), in the order of `itertools.combinations`.

    Args:
        batch: float32 (N, h, w, c), preprocessed. Not modified.

    Raises:
        ArchitectureError: the network has no shortcuts.
    """
    require(engine, frozenset({"residual"}))
    return _logits(engine, batch)[1:]


def _lesions(model: InstrumentedModel, logits: np.ndarray, chosen: int) -> tuple[DoubleLesion, ...]:
    clean, index = logits[0], int(logits[0].argmax()) if chosen < 0 else chosen
    chances = probabilities(logits, model.activation)[:, index]
    names = [block.name for block in model.engine.architecture.blocks]
    return tuple(
        DoubleLesion(
            blocks=pair,
            logit_change=float(without[index]) - float(clean[index]),
            probability_change=float(chance - chances[0]),
            top1=(top1 := rank(without, model.labels, 1, model.activation)[0]),
            changed=top1.index != int(clean.argmax()),
        )
        for pair, without, chance in zip(combinations(names, 2), logits[1:], chances[1:], strict=True)
    )


def _logits(engine: Engine, batch: np.ndarray) -> np.ndarray:
    """Logits of the whole network, then without each pair of blocks, float32 (1 + pairs, N, classes)."""
    count = len(engine.architecture.blocks)
    made = [(first, second) for second in range(count) for first in range(second)]
    order = [1 + made.index(pair) for pair in combinations(range(count), 2)]
    logits: np.ndarray = engine.run(_growing_pairs, batch)[[0, *order]]
    return logits


def _growing_pairs(engine: Engine, batch: tf.Tensor) -> tf.Tensor:
    """All pairs in one pass: a pair's rows join at its second block, out of those that lack its first.

    For 16 blocks that is a third of the work of 120 separate runs.
    """
    images = tf.shape(batch)[0]
    # `few`: the whole network and each single lesion so far; `pairs`: what lacks two blocks already.
    position, few, pairs = engine.input_name, batch, batch[:0]
    for block in engine.architecture.blocks:
        rows = tf.shape(few)[0]
        values = engine.execute(position, tf.concat([few, pairs], axis=0), block.output)
        without = values[block.shortcut][:rows]
        without = engine.execute(block.sum, without, block.output)[block.output]
        output = values[block.output]
        few = tf.concat([output[:rows], without[:images]], axis=0)
        pairs = tf.concat([output[rows:], without[images:]], axis=0)
        position = block.output
    asked = tf.concat([few[:images], pairs], axis=0)
    logits = engine.execute(position, asked, engine.architecture.logits)[engine.architecture.logits]
    count = len(engine.architecture.blocks)
    return tf.reshape(logits, (1 + count * (count - 1) // 2, images, engine.architecture.classes))
