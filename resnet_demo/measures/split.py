"""One Grad-CAM map, split between shortcut and residual branch.

A block's output is x⁺ = m·(S + F), so the map before its ReLU, Σ_k α_k x⁺_k, is the sum of Σ_k α_k
m_k S_k, what the block passed on, and Σ_k α_k m_k F_k, what it added.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import run_with_gradients
from resnet_demo.engine.branches import through_gates
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.measures.gradcam import channel_weights, weighted_sum
from resnet_demo.measures.requirements import require
from resnet_demo.results.heatmaps import SplitHeatmap

NAME = "split_gradcam"
REQUIRES = frozenset({"classes", "spatial", "residual"})
COST = "backward"


def compute(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int | None],
    *,
    last_alone: bool = False,
) -> tuple[tuple[SplitHeatmap, ...], ...]:
    """The Grad-CAM map of every block, split between shortcut and residual branch, for N images.

    One pass serves all blocks: it costs no more than the first block's alone, and is traced once. At the last block
    nothing runs backwards but the head: that block alone takes half the time, in a pass of its own.

    Args:
        batch: float32 (N, h, w, 3), preprocessed for the loaded weights. Not modified.
        targets: N class indices; None for the top class.
        last_alone: leave out all blocks but the last.

    Raises:
        ArchitectureError: the network has no shortcuts.
        UnknownClassError: no such class.

    References:
        Selvaraju et al. 2016, arXiv:1610.02391.
    """
    engine = model.engine
    require(engine, REQUIRES)
    blocks = engine.architecture.blocks[-1:] if last_alone else engine.architecture.blocks
    out = engine.run(_split_pass, batch, model.targets(targets, len(batch)), count=len(blocks))
    return tuple(
        tuple(
            SplitHeatmap(block.name, *(part[i] for part in parts))
            for block, parts in zip(blocks, out, strict=True)
        )
        for i in range(len(batch))
    )


def split_gradcam(
    model: InstrumentedModel, batch: np.ndarray, block: str, target: int | None = None
) -> SplitHeatmap:
    """`compute` for one image (1, h, w, 3), at one block; UnknownBlockError lists the blocks there are."""
    index = model.engine.architecture.blocks.index(model.engine.architecture.block(block))
    return compute(model, batch, [target])[0][index]


def _split_pass(
    engine: Engine, batch: tf.Tensor, target: tf.Tensor, count: int
) -> list[tuple[tf.Tensor, ...]]:
    """The shortcut part, residual part and total, (N, h, w), of each of the last `count` blocks."""
    blocks = engine.architecture.blocks[-count:]
    values, gradients = run_with_gradients(engine, batch, target, [block.output for block in blocks])
    return [_parts(block, values, gradients[block.output]) for block in blocks]


def _parts(block: BlockSpec, values: dict[str, tf.Tensor], gradient: tf.Tensor) -> tuple[tf.Tensor, ...]:
    weights = channel_weights(gradient)

    return (
        weighted_sum(weights, through_gates(block, values, values[block.shortcut])),
        weighted_sum(weights, through_gates(block, values, values[block.residual])),
        weighted_sum(weights, values[block.output]),
    )
