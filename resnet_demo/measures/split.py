"""One Grad-CAM map, split between shortcut and residual branch.

A block's output is x⁺ = m·(S + F), so the map before its ReLU, Σ_k α_k x⁺_k, is the sum of Σ_k α_k
m_k S_k, what the block passed on, and Σ_k α_k m_k F_k, what it added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import run_with_gradients
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.measures.gradcam import channel_weights, weighted_sum


@dataclass(frozen=True)
class SplitHeatmap:
    """A Grad-CAM map in two parts, each float32 (h, w) of the block, signed, in units of the logit.

    Attributes:
        block: the block's name.
        shortcut: Σ_k α_k m_k S_k.
        residual: Σ_k α_k m_k F_k.
        total: Σ_k α_k x⁺_k, from the block's output itself; its positive part is the Grad-CAM map.
    """

    block: str
    shortcut: np.ndarray
    residual: np.ndarray
    total: np.ndarray

    @property
    def limit(self) -> float:
        """The largest |value| of the three maps: the end of the one diverging scale they share."""
        return float(max(np.abs(part).max() for part in (self.shortcut, self.residual, self.total)))

    @property
    def error(self) -> float:
        """Largest |shortcut + residual − total|, relative to `limit`; 0 where all is 0."""
        remainder = np.abs(self.shortcut + self.residual - self.total).max()
        return float(remainder / self.limit) if self.limit else 0.0


def split_gradcam(
    model: InstrumentedModel, batch: np.ndarray, block: str, target: int | None = None
) -> SplitHeatmap:
    """Split one Grad-CAM map between the shortcut and the residual branch.

    With x⁺ = m·(S + F), the map before its ReLU is the sum of the two parts (DESIGN.md §4).

    Args:
        batch: float32 (1, h, w, 3), preprocessed for the loaded weights. Not modified.
        block: a block's name, "conv5_block3".
        target: class index; None for the top class.

    Raises:
        UnknownBlockError: no such block; the message lists them.
        UnknownClassError: no such class.

    References:
        Selvaraju et al. 2016, arXiv:1610.02391.
    """
    index = model.engine.architecture.blocks.index(model.engine.architecture.block(block))
    return split_gradcams(model.engine, batch, [model.require_class(target)])[0][index]


def split_gradcams(
    engine: Engine, batch: np.ndarray, targets: Sequence[int]
) -> list[tuple[SplitHeatmap, ...]]:
    """As `split_gradcam`, at every block, for N images (N, h, w, 3).

    `targets` holds a class index for each; negative for the top class.

    One pass serves all blocks: it costs no more than the first block's alone, and is traced once.

    Raises:
        ArchitectureError: the network has no shortcuts.
    """
    engine.require_blocks()
    out = engine.run(_split_pass, batch, targets)
    return [
        tuple(
            SplitHeatmap(block.name, *(part[i] for part in parts))
            for block, parts in zip(engine.architecture.blocks, out, strict=True)
        )
        for i in range(len(batch))
    ]


def _split_pass(engine: Engine, batch: tf.Tensor, target: tf.Tensor) -> list[tuple[tf.Tensor, ...]]:
    """Each block's shortcut part, residual part and total, (N, h, w)."""
    blocks = engine.architecture.blocks
    values, gradients = run_with_gradients(engine, batch, target, [block.output for block in blocks])
    return [_parts(block, values, gradients[block.output]) for block in blocks]


def _parts(block: BlockSpec, values: dict[str, tf.Tensor], gradient: tf.Tensor) -> tuple[tf.Tensor, ...]:
    weights = channel_weights(gradient)

    def through_gates(branch: tf.Tensor) -> tf.Tensor:
        return tf.where(values[block.sum] > 0, branch, tf.zeros_like(branch)) if block.has_relu else branch

    return (
        weighted_sum(weights, through_gates(values[block.shortcut])),
        weighted_sum(weights, through_gates(values[block.residual])),
        weighted_sum(weights, values[block.output]),
    )
