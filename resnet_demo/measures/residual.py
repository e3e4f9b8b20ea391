"""Shortcut against residual branch, for every block: the measurement this project exists for.

Inside the compiled pass each block's S, F, y and output shrink to sums over channels, one row of numbers for
each position. Everything else follows from those rows in float64, so that the sums a reader checks are not blurred
by adding up a million float32 numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.engine.sweep import summed
from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.measures.reductions import divide
from resnet_demo.measures.requirements import require
from resnet_demo.results.blocks import BlockProfile, EnergyShares, Magnitude

NAME = "blocks"
REQUIRES = frozenset({"residual"})
COST = "forward"
TARGETED = False

# One number per position (sum over channels) of a block, in the order of `_terms`.
SUMS = (
    *(
        f"{what}_{t}"
        for t in ("shortcut", "residual", "sum", "output")
        for what in ("abs", "total", "square")
    ),
    "cross",  # S·F
    "closed",  # how many y are below zero
    "overlap",  # S·x⁺
)


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None]
) -> tuple[tuple[BlockProfile, ...], ...]:
    """The profile of every block, for N images, float32 (N, h, w, 3). The targets do not matter.

    Raises:
        ArchitectureError: the network has no shortcuts.
    """
    require(model.engine, REQUIRES)
    out = model.engine.run(_profiles, batch)
    return tuple(profiles(model.engine, out, image) for image in range(len(batch)))


def _profiles(engine: Engine, batch: tf.Tensor) -> list[tf.Tensor]:
    spec = engine.architecture
    values = engine.forward(batch, spec.blocks[-1].output)
    return [channel_sums(values, block) for block in spec.blocks]


def profiles(engine: Engine, sums: list[np.ndarray], image: int) -> tuple[BlockProfile, ...]:
    """Every block's profile, of one image of a pass that holds the `channel_sums` of every block."""
    blocks = zip(engine.architecture.blocks, sums, strict=True)
    return tuple(profile(block, one[image]) for block, one in blocks)


def channel_sums(values: dict[str, tf.Tensor], block: BlockSpec) -> tf.Tensor:
    """Inside a compiled pass: the sums of one block, float32 (N, len(SUMS), h, w), in the order of `SUMS`.

    Args:
        values: every layer's output by name, as `Engine.execute` returns it.
    """
    return summed(_terms, *(values[name] for name in (block.shortcut, block.residual, block.output)))


def _terms(s: tf.Tensor, f: tf.Tensor, out: tf.Tensor) -> list[tf.Tensor]:
    y = s + f  # as the engine adds them; not fetched, for then it would have to be written down
    terms = [term for t in (s, f, y, out) for term in (tf.abs(t), t, t * t)]
    return [*terms, s * f, tf.cast(y < 0, y.dtype), s * out]


def profile(block: BlockSpec, sums: np.ndarray) -> BlockProfile:
    """One block's profile.

    Args:
        sums: float32 (len(SUMS), h, w), `channel_sums` of one image.
    """
    positions = sums.astype(np.float64)
    at = dict(zip(SUMS, positions, strict=True))  # each (h, w)
    total = dict(zip(SUMS, positions.sum(axis=(1, 2)).tolist(), strict=True))
    height, width, channels = block.shape
    units = height * width * channels

    def magnitude(tensor: str) -> Magnitude:
        mean, square = total[f"total_{tensor}"] / units, total[f"square_{tensor}"] / units
        return Magnitude(total[f"abs_{tensor}"] / units, sqrt(square), sqrt(max(square - mean**2, 0.0)))

    squares = [f"square_{tensor}" for tensor in ("shortcut", "residual", "sum", "output")]
    s2, f2, y2, out2 = (total[name] for name in squares)
    rms_maps = np.sqrt(np.stack([at[name] for name in squares]) / channels).astype(np.float32)
    cosine = divide(total["cross"], sqrt(s2 * f2))
    both = at["square_shortcut"] + at["square_residual"]
    share = np.divide(at["square_residual"], both, out=np.full_like(both, 0.5), where=both > 0)
    return BlockProfile(
        name=block.name,
        stage=block.stage,
        kind=block.kind,
        shape=block.shape,
        shortcut=magnitude("shortcut"),
        residual=magnitude("residual"),
        sum=magnitude("sum"),
        output=magnitude("output"),
        ratio=divide(sqrt(f2), sqrt(s2)),
        cosine=cosine,
        novelty=sqrt(max(1 - cosine**2, 0.0)) if isfinite(cosine) else float("nan"),
        energy=EnergyShares(divide(s2, y2), divide(f2, y2), divide(2 * total["cross"], y2)),
        closed_gates=total["closed"] / units if block.has_relu else 0.0,
        change=1 - divide(total["overlap"], sqrt(s2 * out2)) if block.skips_unchanged else None,
        shortcut_map=rms_maps[0],
        residual_map=rms_maps[1],
        sum_map=rms_maps[2],
        output_map=rms_maps[3],
        share_map=share.astype(np.float32),
    )
