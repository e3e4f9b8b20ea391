"""What the atlas needs of a forward pass, at little more than the cost of one.

`measures/residual.py` gives a photo's profile with its maps, and takes half as long again as the network. Here only
sums over a whole block leave TensorFlow, and most of them are norms, which it takes without writing anything down:
⟨S,F⟩ is (‖y‖² − ‖S‖² − ‖F‖²) / 2.
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.graph.architecture import BlockSpec

SUMS = (
    "shortcut",
    "residual",
    "sum",
    "output",
    "overlap",
    "closed",
)  # ‖S‖², ‖F‖², ‖y‖², ‖x⁺‖², ⟨S,x⁺⟩, units y < 0


def sums_and_logits(engine: Engine, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One pass of a batch float32 (N, h, w, c): float64 (N, blocks, len(SUMS)), and logits float32 (N, classes)."""
    return engine.run(_sums_and_logits, batch)


def _sums_and_logits(engine: Engine, batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    spec = engine.architecture
    values = engine.forward(batch)
    squares: dict[str, tf.Tensor] = {}  # a block's output is the next one's shortcut

    def square(name: str) -> tf.Tensor:
        if name not in squares:
            # A row at a time in the network's precision, then all rows in float64.
            rows = tf.math.reduce_euclidean_norm(values[name], axis=(2, 3))
            squares[name] = tf.reduce_sum(tf.square(tf.cast(rows, tf.float64)), axis=1)
        return squares[name]

    def of(block: BlockSpec) -> tf.Tensor:
        y, nothing = values[block.sum], tf.zeros_like(square(block.sum))
        found = [square(name) for name in (block.shortcut, block.residual, block.sum, block.output)]
        overlaps = block.skips_unchanged
        found.append(_total(values[block.shortcut] * values[block.output]) if overlaps else nothing)
        found.append(_total(tf.cast(y < 0, y.dtype)) if block.has_relu else nothing)
        return tf.stack(found, axis=-1)

    return tf.stack([of(block) for block in spec.blocks], axis=1), values[spec.logits]


def _total(values: tf.Tensor) -> tf.Tensor:
    """float64 (N,) of values (N, h, w, c)."""
    return tf.reduce_sum(tf.cast(tf.reduce_sum(values, axis=(2, 3)), tf.float64), axis=1)


def quantities(engine: Engine, sums: np.ndarray) -> dict[str, np.ndarray]:
    """The quantities of a photo's blocks, each float64 (N, blocks); NaN where one is not defined.

    Args:
        sums: float64 (N, blocks, len(SUMS)).
    """
    blocks = engine.architecture.blocks
    s2, f2, y2, out2, overlap, closed = np.moveaxis(sums, -1, 0)
    units = np.array([math.prod(block.shape) for block in blocks])
    unchanged = np.array([block.skips_unchanged for block in blocks])
    cross = (y2 - s2 - f2) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = cross / np.sqrt(s2 * f2)
        found = {
            "ratio": np.sqrt(f2 / s2),
            "cosine": cosine,
            "novelty": np.sqrt(np.maximum(1 - cosine**2, 0)),
            "closed_gates": closed / units,
            "change": np.where(unchanged, 1 - overlap / np.sqrt(s2 * out2), np.nan),
            "shortcut_rms": np.sqrt(s2 / units),
            "residual_rms": np.sqrt(f2 / units),
            "energy_shortcut": s2 / y2,
            "energy_residual": f2 / y2,
            "energy_cross": 2 * cross / y2,
        }
    return {name: np.where(np.isfinite(values), values, np.nan) for name, values in found.items()}
