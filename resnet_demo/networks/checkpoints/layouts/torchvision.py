"""torchvision's names, `layer4.2.conv1.weight`, which timm's plain ResNets share tensor for tensor.

Kept for networks with stride 2 on the 3×3 convolution (v1.5), RGB/255 with ImageNet's mean and std.
"""

import re
from dataclasses import replace

from resnet_demo.networks.checkpoints.layouts.layout import Layout

BATCH_NORM = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
# A training counter; what a loss holds, as the weights of classes.
NOT_WEIGHTS = re.compile(r"(?:^|\.)num_batches_tracked$|(?:^|\.)\w*(?:criterion|loss)\w*\.")
CHILDREN = {"conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5", "layer3": "6", "layer4": "7"}


def _name_of(keras_name: str) -> str:
    layer, variable = keras_name.split("/")
    if layer == "predictions":
        return "fc.weight" if variable == "kernel" else "fc.bias"
    variable = {"kernel": "weight", **BATCH_NORM}.get(variable, variable)
    if layer in ("conv1_conv", "conv1_bn"):
        return f"{'conv1' if layer == 'conv1_conv' else 'bn1'}.{variable}"
    if deep := re.fullmatch(
        r"conv1_([123])_(conv|bn)", layer
    ):  # convolution, BatchNorm and ReLU, three times
        number = 3 * (int(deep[1]) - 1) + (deep[2] == "bn")
        return f"conv1.{number}.{variable}" if number < 7 else f"bn1.{variable}"
    stage, block, unit = re.fullmatch(r"conv(\d)_block(\d+)_(\w+)", layer).groups()  # type: ignore[union-attr]
    module = {
        "0_conv": "downsample.0",
        "0_bn": "downsample.1",
        "se_reduce": "se.fc1",
        "se_expand": "se.fc2",
    }.get(unit) or f"{unit[2:]}{unit[0]}"
    return f"layer{int(stage) - 1}.{int(block) - 1}.{module}.{variable}"


TORCHVISION = Layout(
    name="torchvision",
    variant="v1.5",
    preprocessing="torch",
    conv_bias=False,
    kernels_oihw=True,
    block_convolution=re.compile(r"layer([1-4])\.(\d+)\.conv([123])\.weight"),
    name_of=_name_of,
    ignored=NOT_WEIGHTS,
)


def _number_of(keras_name: str) -> str:
    """As in `nn.Sequential(*resnet.children())`, which calls the modules by their order."""
    module, _, rest = _name_of(keras_name).partition(".")
    return f"{CHILDREN.get(module, module)}.{rest}"


# How many cut the dense layer off.
TORCHVISION_CHILDREN = replace(
    TORCHVISION, name_of=_number_of, block_convolution=re.compile(r"([4-7])\.(\d+)\.conv([123])\.weight")
)


def with_pooled_shortcuts(layout: Layout) -> Layout:
    """The layout of a network whose projections begin with a pooling, which has no tensors but a number."""

    def name_of(keras_name: str) -> str:
        name = layout.name_of(keras_name)
        return name.replace("downsample.1.", "downsample.2.").replace("downsample.0.", "downsample.1.")

    return replace(layout, name_of=name_of)
