"""The gradient that comes down single paths, drawn at random (Veit et al. 2016, arXiv:1605.06431, section 4.3).

For a path of length k, k of the L blocks are drawn. On the way down their gates let the gradient through the residual
branch alone, and the gates of all others through the shortcut alone: what arrives has come down this one path. The mean
of its norm over the paths that were drawn, times C(L, k), the number of paths of that length, is what they would bring
if all pointed the same way. They do not: `path_lengths` has their sum, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import choose_target, run_with_gradients
from resnet_demo.engine.branches import through_gates
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.path_lengths import pull_all_back
from resnet_demo.measures.requirements import require
from resnet_demo.results.paths import SampledPaths

REQUIRES = frozenset({"classes", "residual"})

BRANCHES = 50  # passed in all by the paths of one length: of the short ones, which bring most, more are drawn
FEWEST = 2  # paths of a length, for without a second one there is no spread
TOGETHER = 24  # paths that are walked in one pass


def compute(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int | None],
    *,
    branches: int = BRANCHES,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[SampledPaths, ...]:
    """The gradients of single paths of every length, for N images.

    Args:
        batch: float32 (N, h, w, c), preprocessed. Not modified.
        targets: N class indices; None for the top class.
        branches: how many residual branches the paths of one length pass in all; which paths are drawn is the same in
            every run and for every image.
        progress: told after each pass; may raise to end it.

    Raises:
        ArchitectureError: the network has no shortcuts, or no classes.
        UnknownClassError: no such class.
    """
    engine = model.engine
    require(engine, REQUIRES)
    chosen = model.targets(targets, len(batch))
    gates = draw(len(engine.architecture.blocks), branches)
    starts = range(0, len(gates), TOGETHER)
    found = []
    for image in range(len(batch)):
        one, norms = slice(image, image + 1), []
        for start in starts:
            walked = engine.run(walk, batch[one], chosen[one], gates[start : start + TOGETHER])
            norms.append(walked["norms"])
            progress(image * len(starts) + len(norms), len(batch) * len(starts))
        found.append(_record(gates, np.concatenate(norms), int(walked["target"])))
    return tuple(found)


def passes_in(blocks: int) -> int:
    """How many passes `compute` runs for one image."""
    return -(-len(draw(blocks, BRANCHES)) // TOGETHER)


def work(blocks: int) -> float:
    """The work of `compute` for one image, in forward passes: a residual branch pulled back is one block's share."""
    gates = draw(blocks, BRANCHES)
    return 2 * passes_in(blocks) + float(gates.sum()) / blocks


def draw(blocks: int, branches: int) -> np.ndarray:
    """Gates int32 (paths, blocks), 1 where a path takes the residual branch; no path twice.

    Of each length so many that they pass about `branches` residual branches in all, or all that there are.
    """
    rng = np.random.default_rng(0)
    drawn: list[np.ndarray] = []
    for length in range(blocks + 1):
        wanted = max(FEWEST, branches // max(length, 1))
        paths = set(combinations(range(blocks), length)) if comb(blocks, length) <= wanted else set()
        while len(paths) < min(wanted, comb(blocks, length)):
            paths.add(tuple(sorted(rng.choice(blocks, length, replace=False).tolist())))
        drawn += [np.isin(np.arange(blocks), path) for path in sorted(paths)]
    return np.array(drawn, np.int32)


def _record(gates: np.ndarray, norms: np.ndarray, target: int) -> SampledPaths:
    blocks, lengths = gates.shape[1], gates.sum(axis=1)
    of_length = [norms[lengths == k].astype(np.float64) for k in range(blocks + 1)]
    counts = tuple(comb(blocks, k) for k in range(blocks + 1))
    return SampledPaths(
        target=target,
        counts=counts,
        drawn=tuple(len(one) for one in of_length),
        means=tuple(float(one.mean()) for one in of_length),
        errors=tuple(_standard_error(one, count) for one, count in zip(of_length, counts, strict=True)),
    )


def _standard_error(drawn: np.ndarray, count: int) -> float:
    """Of the mean of values drawn without replacement from `count`; 0 where all were drawn."""
    if len(drawn) == count:
        return 0.0
    return float(drawn.std(ddof=1) / np.sqrt(len(drawn)) * np.sqrt(1 - len(drawn) / count))


def walk(engine: Engine, batch: tf.Tensor, target: tf.Tensor, gates: tf.Tensor) -> dict[str, tf.Tensor]:
    """Inside a compiled pass: down P paths, of gates int (P, blocks), 1 for the residual branch and 0 for the shortcut.

    Returns:
        `norms`, float (P,): ‖∂logit/∂input of the first block‖ along each; and the `target`.
    """
    spec = engine.architecture
    values, gradients = run_with_gradients(engine, batch, target, [spec.blocks[0].input, spec.head_input])
    came, above = tf.repeat(gradients[spec.head_input], tf.shape(gates)[0], axis=0), spec.head_input
    for i, block in reversed(list(enumerate(spec.blocks))):
        came = pull_all_back(engine, block.output, above, values[block.output], came)
        came = through_gates(block, values, came)
        x, parts, rows_of = values[block.input], [], []
        for branch, gate in ((block.shortcut, 0), (block.residual, 1)):
            rows = tf.where(gates[:, i] == gate)[:, 0]
            parts.append(pull_all_back(engine, block.input, branch, x, tf.gather(came, rows)))
            rows_of.append(tf.cast(rows, tf.int32))
        came, above = tf.dynamic_stitch(rows_of, parts), block.input
    return {
        "norms": tf.sqrt(tf.reduce_sum(came**2, axis=(1, 2, 3))),
        "target": choose_target(values[spec.logits], target)[0],
    }
