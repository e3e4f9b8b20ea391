"""The network with blocks exchanged (Veit et al. 2016, arXiv:1605.06431, section 4.2).

A block whose shortcut is its input gives a map like the one it takes, so neighbours of that kind may stand in any
order: each runs with its own weights in another's place. What lies between two places stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, groupby

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.errors import OptionError
from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.measures.requirements import require

REQUIRES = frozenset({"residual"})


def exchangeable(blocks: Sequence[BlockSpec]) -> tuple[tuple[int, ...], ...]:
    """The runs of two and more neighbouring blocks that may be exchanged, by their numbers from 0."""
    runs = groupby(enumerate(blocks), key=lambda pair: (pair[1].stage, pair[1].skips_unchanged))
    found = ((unchanged, tuple(i for i, _ in run)) for (_, unchanged), run in runs)
    return tuple(numbers for unchanged, numbers in found if unchanged and len(numbers) > 1)


def tau_distance(order: Sequence[int]) -> int:
    """Kendall's tau distance from 0, 1, 2, …: how many pairs stand the other way round."""
    return sum(first > second for first, second in combinations(order, 2))


def reordered_logits(engine: Engine, batch: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """Logits, float32 (N, classes), with block `order[i]` in the slot of block i.

    Every order would be a compiled pass of its own, used once; so this one runs operation by operation.

    Args:
        batch: float32 (N, h, w, c), preprocessed. Not modified.
        order: a permutation of the blocks' numbers that exchanges none outside its run (see `exchangeable`).

    Raises:
        ArchitectureError: the network has no shortcuts.
        OptionError: another order.
    """
    require(engine, REQUIRES)
    spec = engine.architecture
    run_of = {i: run for run in exchangeable(spec.blocks) for i in run}
    if sorted(order) != list(range(len(spec.blocks))) or any(
        i != block and block not in run_of.get(i, ()) for i, block in enumerate(order)
    ):
        raise OptionError(
            "Blocks are exchanged with neighbours of their stage whose shortcut is their input. "
            "Received: {order}. Accepted: {runs} among themselves, every block once.",
            order=list(order),
            runs=", ".join(str(run) for run in exchangeable(spec.blocks)) or "none",
        )
    position, x = engine.input_name, tf.constant(batch, engine.dtype)
    for slot, number in zip(spec.blocks, order, strict=True):
        block = spec.blocks[number]
        x = engine.execute(position, x, slot.input)[slot.input]
        x = engine.execute(block.input, x, block.output)[block.output]
        position = slot.output
    logits: np.ndarray = engine.execute(position, x, spec.logits)[spec.logits].numpy()
    return logits
