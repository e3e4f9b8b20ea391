"""The gradient that reaches a block's input, split between shortcut and residual branch.

With y = S(x) + F(x), ∂L/∂x = g_S + g_F, where g_S = J_Sᵀ ∂L/∂y and g_F = J_Fᵀ ∂L/∂y; L is the
target's logit. The tutorials write dL/dx = dL/dy·(1 + dF/dx). That is this sum where S is the
block's input itself, for then g_S = ∂L/∂y, and only if y is the sum before its ReLU: of the
gradient at the block's output, closed gates stop a share first.

References:
    He et al. 2016, arXiv:1603.05027, equations 4 and 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import run_with_gradients
from resnet_demo.engine.branches import pull_back
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.engine.sweep import summed, swept
from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.measures.reductions import divide
from resnet_demo.measures.requirements import require
from resnet_demo.results.laboratory import GradientSplit

NAME = "gradients"
REQUIRES = frozenset({"classes", "residual"})
COST = "backward"

# Sums over channels, in the order of `_at_input` and `_at_sum`.
AT_INPUT = ("input", "shortcut", "residual", "cross")
AT_SUM = ("sum", "output", "closed")


@dataclass(frozen=True)
class BlockGradients:
    """Inside a compiled pass: the gradients of one block.

    `input` (N, h, w, c) is ∂L/∂x, from everything that reads x; `shortcut` and `residual`, of its shape,
    are g_S and g_F by the block's branches alone. `sum` and `output` are ∂L/∂y and
    ∂L/∂x⁺, and `branches` S and F themselves, each (N, *shape).
    """

    input: tf.Tensor
    shortcut: tf.Tensor
    residual: tf.Tensor
    sum: tf.Tensor
    output: tf.Tensor
    branches: tuple[tf.Tensor, tf.Tensor]


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None]
) -> tuple[tuple[GradientSplit, ...], ...]:
    """The gradient split of every block, for N images, from one backward pass.

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified.
        targets: N class indices; None for the top class.

    Raises:
        ArchitectureError: the network has no shortcuts.
        UnknownClassError: no such class.
    """
    engine = model.engine
    require(engine, REQUIRES)
    out = engine.run(_gradients_pass, batch, model.targets(targets, len(batch)))
    return tuple(
        tuple(
            _split(block, {key: value[i] for key, value in maps.items()})
            for block, maps in zip(engine.architecture.blocks, out, strict=True)
        )
        for i in range(len(batch))
    )


def gradient_splits(
    model: InstrumentedModel, batch: np.ndarray, target: int | None = None
) -> tuple[GradientSplit, ...]:
    """`compute` for one image (1, h, w, 3)."""
    return compute(model, batch, [target])[0]


def _gradients_pass(engine: Engine, batch: tf.Tensor, target: tf.Tensor) -> list[dict[str, tf.Tensor]]:
    return [_reduce(gradients) for gradients in block_gradients(engine, batch, target)]


def block_gradients(engine: Engine, batch: tf.Tensor, target: tf.Tensor) -> list[BlockGradients]:
    """Inside a compiled pass: every block's gradients, of a batch (N, h, w, 3) and classes int32 (N,)."""
    blocks = engine.architecture.blocks
    layers = [name for block in blocks for name in (block.input, block.sum, block.output)]
    values, gradients = run_with_gradients(engine, batch, target, layers)

    def of(block: BlockSpec) -> BlockGradients:
        x, at_sum = values[block.input], gradients[block.sum]
        return BlockGradients(
            input=gradients[block.input],
            shortcut=pull_back(engine, block, block.shortcut, x, at_sum),
            residual=pull_back(engine, block, block.residual, x, at_sum),
            sum=at_sum,
            output=gradients[block.output],
            branches=(values[block.shortcut], values[block.residual]),
        )

    return [of(block) for block in blocks]


def _reduce(gradients: BlockGradients) -> dict[str, tf.Tensor]:
    """Means over channels (N, h, w) and the largest values (N,)."""
    g = gradients
    at_input = swept(_at_input, g.input, g.shortcut, g.residual)
    at_sum = swept(_at_sum, g.sum, g.output, *g.branches)
    means = {name: sums / g.input.shape[-1] for name, sums in zip(AT_INPUT, at_input, strict=True)}
    means |= {name: sums / g.sum.shape[-1] for name, sums in zip(AT_SUM, at_sum, strict=True)}
    largest = {"remainder": g.shortcut + g.residual - g.input, "largest": g.input}
    return means | {name: tf.reduce_max(tf.abs(t), axis=(1, 2, 3)) for name, t in largest.items()}


def _at_input(total: tf.Tensor, shortcut: tf.Tensor, residual: tf.Tensor) -> list[tf.Tensor]:
    return summed([total * total, shortcut * shortcut, residual * residual, shortcut * residual])


def _at_sum(at_sum: tf.Tensor, output: tf.Tensor, s: tf.Tensor, f: tf.Tensor) -> list[tf.Tensor]:
    return summed([at_sum * at_sum, output * output, tf.cast(s + f < 0, s.dtype)])


def _split(block: BlockSpec, maps: dict[str, np.ndarray]) -> GradientSplit:
    mean = {name: float(values.mean(dtype=np.float64)) for name, values in maps.items()}
    return GradientSplit(
        block=block.name,
        shortcut_rms=float(np.sqrt(mean["shortcut"])),
        residual_rms=float(np.sqrt(mean["residual"])),
        total_rms=float(np.sqrt(mean["input"])),
        cosine=divide(mean["cross"], np.sqrt(mean["shortcut"] * mean["residual"])),
        unchanged=block.skips_unchanged,
        closed_gates=mean["closed"] if block.has_relu else 0.0,
        stopped=1 - divide(mean["sum"], mean["output"]),
        error=divide(mean["remainder"], mean["largest"]),
    )
