"""The answer as it forms: what the network would say if only its first l blocks spoke.

Gates are 1 for the first l blocks and 0 after, l = 0 … L; l = L is the network itself, bit for bit. The logit lens
(nostalgebraist 2020), for residual CNNs: what the blocks above are handed is carried up along their shortcuts, and read
by the network's own head. The ledger's running sum answers the same question otherwise, with every gate of a ReLU held
as it is; the two are shown as two.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from resnet_demo.engine.branches import run_branch
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.classification import probabilities, rank
from resnet_demo.measures.requirements import require
from resnet_demo.results.laboratory import AsItForms, Formed

NAME = "as_it_forms"
REQUIRES = frozenset({"classes", "residual"})
COST = "forward"


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None]
) -> tuple[AsItForms, ...]:
    """The answer after each block, for N images.

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified.
        targets: N class indices; None for the top class of the whole network.

    Raises:
        ArchitectureError: the network has no shortcuts.
        UnknownClassError: no such class.
    """
    require(model.engine, REQUIRES)
    chosen = model.targets(targets, len(batch))
    logits = model.engine.run(_forming_pass, batch)  # (blocks + 1, N, classes)
    return tuple(_record(model, logits[:, i], int(chosen[i])) for i in range(len(batch)))


def as_it_forms(model: InstrumentedModel, batch: np.ndarray, target: int | None = None) -> AsItForms:
    """`compute` for one image (1, h, w, 3)."""
    return compute(model, batch, [target])[0]


def _record(model: InstrumentedModel, logits: np.ndarray, chosen: int) -> AsItForms:
    index = int(logits[-1].argmax()) if chosen < 0 else chosen
    chances = probabilities(logits, model.activation)
    steps = tuple(
        Formed(
            blocks, float(row[index]), float(shares[index]), rank(row, model.labels, 1, model.activation)[0]
        )
        for blocks, (row, shares) in enumerate(zip(logits, chances, strict=True))
    )
    return AsItForms(index, steps, logits, chances)


def _forming_pass(engine: Engine, batch: tf.Tensor) -> tf.Tensor:
    """Logits (blocks + 1, N, classes). Below block l all answers are one, so the batch grows by N rows a block.

    The rows that have gone silent only pass through shortcuts. The others run by themselves up to the logits, so that
    they are the network itself to the last bit.
    """
    blocks, logits = engine.architecture.blocks, engine.architecture.logits
    position, speaking = engine.input_name, batch
    silent = None  # (l·N, h, w, c), the answers of fewest blocks first
    for block in blocks:
        values = engine.execute(position, speaking, block.output)
        shortcut = values[block.shortcut]
        if silent is not None:
            x = engine.execute(position, silent, block.input)[block.input]
            shortcut = tf.concat([run_branch(engine, block, block.shortcut, x), shortcut], axis=0)
        silent = engine.execute(block.sum, shortcut, block.output)[block.output]
        position, speaking = block.output, values[block.output]
    rows = [engine.execute(position, x, logits)[logits] for x in (silent, speaking)]
    return tf.reshape(tf.concat(rows, axis=0), (len(blocks) + 1, -1, engine.architecture.classes))
