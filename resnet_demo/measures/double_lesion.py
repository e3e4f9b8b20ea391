"""Two residual branches off at once, every pair of blocks (Veit et al. 2016, arXiv:1605.06431, section 4.2)."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.measures.requirements import require

REQUIRES = frozenset({"residual"})


def double_lesion_logits(engine: Engine, batch: np.ndarray) -> np.ndarray:
    """Logits without each pair of blocks, float32 (pairs, N, classes), in the order of `itertools.combinations`.

    Args:
        batch: float32 (N, h, w, c), preprocessed. Not modified.

    Raises:
        ArchitectureError: the network has no shortcuts.
    """
    require(engine, REQUIRES)
    count = len(engine.architecture.blocks)
    found = engine.run(_growing_pairs, batch)
    made = [(first, second) for second in range(count) for first in range(second)]
    order = [made.index(pair) for pair in combinations(range(count), 2)]
    return found[order]


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
    logits = engine.execute(position, pairs, engine.architecture.logits)[engine.architecture.logits]
    count = len(engine.architecture.blocks)
    return tf.reshape(logits, (count * (count - 1) // 2, images, engine.architecture.classes))
