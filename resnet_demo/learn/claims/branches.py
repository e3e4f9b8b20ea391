"""Every block's input, shortcut and residual branch as the engine has them; and one channel, to be looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine

SIDE = 14  # positions drawn at most along a side


def branches(engine: Engine, batch: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """x, S and F of every block, each float32 (h, w, c), on one photo (1, h, w, c)."""
    return [(x[0], s[0], f[0]) for x, s, f in engine.run(_branches_pass, batch)]


def _branches_pass(engine: Engine, batch: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor, tf.Tensor]]:
    blocks = engine.architecture.blocks
    values = engine.forward(batch, blocks[-1].sum)
    return [(values[block.input], values[block.shortcut], values[block.residual]) for block in blocks]


def telling_channel(shortcut: np.ndarray, residual: np.ndarray) -> int:
    """The channel of two maps (h, w, c) in which the weaker of the two is strongest, so that there are two to see."""
    rms = [np.sqrt(np.mean(np.square(t, dtype=np.float64), axis=(0, 1))) for t in (shortcut, residual)]
    return int(np.argmax(np.minimum(*rms)))


def drawn(tensor: np.ndarray, channel: int) -> list[list[float]]:
    """One channel of (h, w, c), at every so many positions that `SIDE` of them suffice."""
    step = _step(tensor)
    rows: list[list[float]] = tensor[::step, ::step, channel].astype(float).tolist()
    return rows


def described(tensor: np.ndarray, channel: int) -> dict[str, Any]:
    """What `drawn` shows, in numbers, for the words beside it."""
    height, width, channels = tensor.shape
    return {
        "height": height,
        "width": width,
        "channels": channels,
        "channel": channel,
        "step": _step(tensor),
    }


def _step(tensor: np.ndarray) -> int:
    side: int = max(tensor.shape[:2])
    return -(-side // SIDE)
