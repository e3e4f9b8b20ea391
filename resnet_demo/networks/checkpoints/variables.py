"""The variables of a ResNet in Keras' grammar, computed without building it.

References:
    He et al. 2015, arXiv:1512.03385, Table 1, with option B's projections.
"""

from __future__ import annotations

from dataclasses import dataclass

from resnet_demo.networks.blocks import EXPANSION
from resnet_demo.networks.resnet import BASIC_DEPTHS, DEPTHS, STAGE_FILTERS

BATCH_NORM_VARIABLES = ("gamma", "beta", "moving_mean", "moving_variance")  # in Keras' order


@dataclass(frozen=True)
class Unit:
    """One convolution with its BatchNorm: layers `{name}_conv` and `{name}_bn`."""

    name: str  # "conv1", "conv4_block6_2"
    kernel: tuple[int, int, int, int]  # HWIO


def units(depth: int) -> list[Unit]:
    """The convolutions of a ResNet of this depth, in the order Keras keeps its layers.

    That order goes by distance from the output: a projection stands right before the last unit of its block.
    """
    found = [Unit("conv1", (7, 7, 3, 64))]
    c_in = 64
    for stage, (count, filters) in enumerate(zip(DEPTHS[depth], STAGE_FILTERS, strict=True), start=2):
        for number in range(1, count + 1):
            name = f"conv{stage}_block{number}"
            if depth in BASIC_DEPTHS:
                c_out = filters
                branch = [(3, c_in, filters), (3, filters, filters)]
            else:
                c_out = EXPANSION * filters
                branch = [(1, c_in, filters), (3, filters, filters), (1, filters, c_out)]
            block = [Unit(f"{name}_{i}", (k, k, c, d)) for i, (k, c, d) in enumerate(branch, start=1)]
            if c_in != c_out:
                block.insert(-1, Unit(f"{name}_0", (1, 1, c_in, c_out)))
            found += block
            c_in = c_out
    return found


def variable_shapes(depth: int, classes: int, *, conv_bias: bool) -> dict[str, tuple[int, ...]]:
    """Every variable of a ResNet: "layer/variable" -> shape, kernels HWIO, the Dense kernel (in, out).

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: size of the dense layer "predictions".
        conv_bias: whether convolutions have biases (variant "keras"), or none (v1.5).
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for unit in units(depth):
        channels = unit.kernel[-1:]
        shapes[f"{unit.name}_conv/kernel"] = unit.kernel
        if conv_bias:
            shapes[f"{unit.name}_conv/bias"] = channels
        shapes |= {f"{unit.name}_bn/{variable}": channels for variable in BATCH_NORM_VARIABLES}
    shapes["predictions/kernel"] = (*channels, classes)
    shapes["predictions/bias"] = (classes,)
    return shapes
