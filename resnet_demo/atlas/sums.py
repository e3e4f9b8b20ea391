"""What the atlas keeps of a photo's blocks: the sums of its profile over whole blocks, without the maps."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.measures.residual import SUMS, reduced


def sums_and_logits(engine: Engine, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One pass of a batch float32 (N, h, w, c): float64 (N, blocks, len(SUMS)), and logits float32 (N, classes)."""
    sums, logits = engine.run(_sums_and_logits, batch)
    return sums, logits


def _sums_and_logits(engine: Engine, batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    spec = engine.architecture
    values = engine.forward(batch, keep=spec.residuals)
    sums = [reduced(values, block).totals for block in spec.blocks]
    return tf.stack(sums, axis=1), values[spec.logits]


def quantities(engine: Engine, sums: np.ndarray) -> dict[str, np.ndarray]:
    """The quantities of a photo's blocks, each float64 (N, blocks); NaN where one is not defined.

    Args:
        sums: float64 (N, blocks, len(SUMS)).
    """
    blocks = engine.architecture.blocks
    of = dict(zip(SUMS, np.moveaxis(sums, -1, 0), strict=True))
    s2, f2, y2, out2 = (of[f"square_{tensor}"] for tensor in ("shortcut", "residual", "sum", "output"))
    cross, overlap = of["cross"], of["overlap"]
    closed = np.where([block.has_relu for block in blocks], of["closed"], 0)
    units = np.array([math.prod(block.shape) for block in blocks])
    unchanged = np.array([block.skips_unchanged for block in blocks])
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
