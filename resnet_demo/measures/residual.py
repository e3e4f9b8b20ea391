"""Shortcut against residual branch, for every block: the measurement this project exists for.

Inside the compiled pass each block's S, F, y and output shrink to sums over channels, one row of numbers for
each position. Everything else follows from those rows: maps as they are, and totals in float64, so that the sums a
reader checks are not blurred by adding up a million float32 numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from math import isfinite, sqrt
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.engine.sweep import summed, swept
from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.measures.reductions import divide
from resnet_demo.measures.requirements import require
from resnet_demo.results.blocks import BlockProfile, EnergyShares, Magnitude

NAME = "blocks"
REQUIRES = frozenset({"residual"})
COST = "forward"

TENSORS = ("shortcut", "residual", "sum", "output")
# What is summed over a block, in the order of `_reduced`.
SUMS = (
    *(f"{what}_{tensor}" for tensor in TENSORS for what in ("abs", "total", "square")),
    "cross",  # S·F
    "closed",  # how many y are below zero
    "overlap",  # S·x⁺
)


class Reduced(NamedTuple):
    """What a compiled pass reduces the blocks' tensors of N images to.

    Attributes:
        totals: float64 (N, len(SUMS)), over positions and channels.
        maps: float32 (N, 5, h, w): root mean square over channels of S, F, y and the output, and F²/(S²+F²).
    """

    totals: tf.Tensor | np.ndarray
    maps: tf.Tensor | np.ndarray


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


def _profiles(engine: Engine, batch: tf.Tensor) -> list[Reduced]:
    spec = engine.architecture
    values = engine.forward(batch, spec.blocks[-1].output, keep=spec.residuals)
    return [reduced(values, block) for block in spec.blocks]


def profiles(engine: Engine, found: Sequence[Reduced], image: int) -> tuple[BlockProfile, ...]:
    """Every block's profile, of one image of a pass that holds what every block was `reduced` to."""
    blocks = zip(engine.architecture.blocks, found, strict=True)
    return tuple(profile(block, one.totals[image], one.maps[image]) for block, one in blocks)


def reduced(values: Mapping[str, tf.Tensor], block: BlockSpec) -> Reduced:
    """Inside a compiled pass: what a block's profile is made of.

    Args:
        values: every layer's output by name, as `Engine.execute` returns it.
    """
    found: Reduced = swept(_reduced, values[block.shortcut], values[block.residual], block.has_relu)
    return found


def _reduced(s: tf.Tensor, f: tf.Tensor, has_relu: bool) -> Reduced:
    # As the engine adds them, and cuts the sum off. Made anew it need not be read, and y not be written down.
    y = s + f
    out = tf.nn.relu(y) if has_relu else y
    terms = [term for t in (s, f, y, out) for term in (tf.abs(t), t, t * t)]
    sums = summed([*terms, s * f, tf.cast(y < 0, y.dtype), s * out])
    at = dict(zip(SUMS, sums, strict=True))
    squares = [at[f"square_{tensor}"] for tensor in TENSORS]
    both = at["square_shortcut"] + at["square_residual"]
    share = tf.where(both > 0, at["square_residual"] / both, 0.5)
    maps = tf.stack([*(tf.sqrt(square / s.shape[-1]) for square in squares), share], axis=1)
    totals = tf.reduce_sum(tf.cast(tf.stack(sums, axis=1), tf.float64), axis=(2, 3))
    return Reduced(totals, tf.cast(maps, tf.float32))


def profile(block: BlockSpec, totals: np.ndarray, maps: np.ndarray) -> BlockProfile:
    """One block's profile, of what it was `reduced` to: float64 (len(SUMS),) and float32 (5, h, w) of one image."""
    total = dict(zip(SUMS, totals.tolist(), strict=True))
    units = math.prod(block.shape)

    def magnitude(tensor: str) -> Magnitude:
        mean, square = total[f"total_{tensor}"] / units, total[f"square_{tensor}"] / units
        return Magnitude(total[f"abs_{tensor}"] / units, sqrt(square), sqrt(max(square - mean**2, 0.0)))

    s2, f2, y2, out2 = (total[f"square_{tensor}"] for tensor in TENSORS)
    cosine = divide(total["cross"], sqrt(s2 * f2))
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
        shortcut_map=maps[0],
        residual_map=maps[1],
        sum_map=maps[2],
        output_map=maps[3],
        share_map=maps[4],
    )
