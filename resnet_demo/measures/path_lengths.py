"""How much of the gradient comes through paths of each length (Veit et al. 2016, arXiv:1605.06431, section 4.3).

A way down through L blocks takes the shortcut or the residual branch of each: 2^L paths, C(L, k) of which pass k
residual branches. With the ReLU masks of this photo held as they are, the gradient is the sum over all of them, and
the sum over those of one length follows exactly from a walk down: what has passed k residual branches below a block
either had passed them above it and takes the shortcut, or had passed k − 1 and takes the residual branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import choose_target, run_with_gradients
from resnet_demo.engine.branches import through_gates
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.reductions import divide
from resnet_demo.measures.requirements import require
from resnet_demo.results.paths import PathLengths

REQUIRES = frozenset({"classes", "residual"})

# Lengths told apart, so that a deep network's walk costs no more than that many gradients a block.
LONGEST = 20


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None], *, longest: int = LONGEST
) -> tuple[PathLengths, ...]:
    """The gradient by path length, for N images.

    Args:
        batch: float32 (N, h, w, c), preprocessed. Not modified.
        targets: N class indices; None for the top class.
        longest: the longest paths that are told apart.

    Raises:
        ArchitectureError: the network has no shortcuts, or no classes.
        UnknownClassError: no such class.
    """
    engine = model.engine
    require(engine, REQUIRES)
    chosen = model.targets(targets, len(batch))
    blocks = len(engine.architecture.blocks)
    images = (slice(i, i + 1) for i in range(len(batch)))
    return tuple(
        _record(blocks, engine.run(walk, batch[one], chosen[one], longest=longest)) for one in images
    )


def work(blocks: int) -> float:
    """The work of `compute` for one image, in forward passes: each gradient that is pulled back through a block is one
    block's share of one."""
    return 2 + sum(min(above, LONGEST) + 1 for above in range(blocks)) / blocks


def _record(blocks: int, exact: dict[str, np.ndarray]) -> PathLengths:
    counts = tuple(comb(blocks, k) for k in range(len(exact["square"])))
    whole, longer = float(exact["whole"]), blocks >= len(counts)
    return PathLengths(
        target=int(exact["target"]),
        counts=counts,
        norms=tuple(np.sqrt(exact["square"]).tolist()),
        shares=tuple(divide(one, whole) for one in exact["along"].tolist()),
        longer_norm=float(np.sqrt(exact["rest_square"])) if longer else 0.0,
        longer_share=divide(float(exact["rest_along"]), whole) if longer else 0.0,
        error=None if longer else divide(float(exact["rest"]), float(exact["largest"])),
    )


def walk(engine: Engine, batch: tf.Tensor, target: tf.Tensor, longest: int) -> dict[str, tf.Tensor]:
    """Inside a compiled pass: one walk down.

    Returns:
        Of what comes down all paths of each length, float (lengths,): ‖·‖² and ⟨·, g⟩, g the whole gradient; and of
        what they leave of it.
    """
    spec = engine.architecture
    bottom = spec.blocks[0].input
    values, gradients = run_with_gradients(engine, batch, target, [bottom, spec.head_input])
    sums, above = gradients[spec.head_input], spec.head_input  # (lengths so far, h, w, c)
    for block in reversed(spec.blocks):
        sums = pull_all_back(engine, block.output, above, values[block.output], sums)
        sums = through_gates(block, values, sums)
        x = values[block.input]
        shortcut = pull_all_back(engine, block.input, block.shortcut, x, sums)
        residual = pull_all_back(engine, block.input, block.residual, x, sums)
        sums = (_shift(shortcut, 0, 1) + _shift(residual, 1, 0))[: longest + 1]
        above = block.input
    whole = gradients[bottom]
    rest = whole - tf.reduce_sum(sums, axis=0, keepdims=True)
    axes = (1, 2, 3)
    return {
        "target": choose_target(values[spec.logits], target)[0],
        "square": tf.reduce_sum(sums**2, axis=axes),
        "along": tf.reduce_sum(sums * whole, axis=axes),
        "whole": tf.reduce_sum(whole**2),
        "largest": tf.reduce_max(tf.abs(whole)),
        "rest": tf.reduce_max(tf.abs(rest)),
        "rest_square": tf.reduce_sum(rest**2),
        "rest_along": tf.reduce_sum(rest * whole),
    }


def _shift(sums: tf.Tensor, before: int, after: int) -> tf.Tensor:
    return tf.pad(sums, [[before, after], [0, 0], [0, 0], [0, 0]])


def pull_all_back(engine: Engine, start: str, last: str, x: tf.Tensor, gradients: tf.Tensor) -> tf.Tensor:
    """Jᵀ of each of many gradients, J the Jacobian at `x` of what lies between two layers, run forwards once.

    Args:
        x: float (1, h, w, c), the output of `start`.
        gradients: float (K, …), with respect to the output of `last`.

    Returns:
        float (K, h, w, c).
    """
    if start == last:
        return gradients
    count = tf.shape(gradients)[0]
    values = {name: tf.repeat(value, count, axis=0) for name, value in engine.execute(start, x, last).items()}
    return engine.pull_back(start, values, last, gradients)[start]
