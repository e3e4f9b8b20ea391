"""The variables of a ResNet in Keras' grammar, computed without building it.

References:
    He et al. 2015, arXiv:1512.03385, Table 1, with option B's projections.
"""

from __future__ import annotations

from dataclasses import dataclass

from resnet_demo.networks.geometry import Geometry

BATCH_NORM_VARIABLES = ("gamma", "beta", "moving_mean", "moving_variance")  # in Keras' order


@dataclass(frozen=True)
class Unit:
    """One convolution with its BatchNorm: layers `{name}_conv` and `{name}_bn`."""

    name: str  # "conv1", "conv4_block6_2"
    kernel: tuple[int, int, int, int]  # HWIO, I the channels of one group


def units(geometry: Geometry) -> list[Unit]:
    """The convolutions of a ResNet, without those of squeeze-and-excitation, in the order Keras keeps its layers.

    That order goes by distance from the output: a projection stands right before the last unit of its block.
    """
    if len(geometry.stem) == 1:
        found = [Unit("conv1", (7, 7, geometry.inputs, geometry.stem[0]))]
    else:
        before = (geometry.inputs, *geometry.stem)
        found = [
            Unit(f"conv1_{i}", (3, 3, *pair))
            for i, pair in enumerate(zip(before, geometry.stem, strict=False), start=1)
        ]
    c_in = geometry.stem[-1]
    for stage, count in enumerate(geometry.blocks):
        width, c_out = geometry.widths[stage], geometry.channels[stage]
        for number in range(1, count + 1):
            name = f"conv{stage + 2}_block{number}"
            if geometry.bottleneck:
                branch = [(1, c_in, width), (3, width // geometry.groups, width), (1, width, c_out)]
            else:
                branch = [(3, c_in, width), (3, width, c_out)]
            block = [Unit(f"{name}_{i}", (k, k, c, d)) for i, (k, c, d) in enumerate(branch, start=1)]
            if geometry.projects(stage, number):
                block.insert(-1, Unit(f"{name}_0", (1, 1, c_in, c_out)))
            found += block
            c_in = c_out
    return found


def variable_shapes(
    geometry: Geometry, classes: int | None, *, conv_bias: bool
) -> dict[str, tuple[int, ...]]:
    """Every variable of a ResNet: "layer/variable" -> shape, kernels HWIO, the Dense kernel (in, out).

    Args:
        geometry: the network's sizes.
        classes: size of the dense layer "predictions"; None: without it.
        conv_bias: whether convolutions have biases (variant "keras"), or none (v1.5).
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for unit in units(geometry):
        channels = unit.kernel[-1:]
        shapes[f"{unit.name}_conv/kernel"] = unit.kernel
        if conv_bias:
            shapes[f"{unit.name}_conv/bias"] = channels
        shapes |= {f"{unit.name}_bn/{variable}": channels for variable in BATCH_NORM_VARIABLES}
    for stage, middle in enumerate(geometry.squeeze):
        wide = geometry.channels[stage]
        for number in range(1, geometry.blocks[stage] + 1):
            for part, (c, d) in {"reduce": (wide, middle), "expand": (middle, wide)}.items():
                layer = f"conv{stage + 2}_block{number}_se_{part}"
                shapes |= {f"{layer}/kernel": (1, 1, c, d), f"{layer}/bias": (d,)}
    if classes is not None:
        shapes["predictions/kernel"] = (geometry.channels[-1], classes)
        shapes["predictions/bias"] = (classes,)
    return shapes
