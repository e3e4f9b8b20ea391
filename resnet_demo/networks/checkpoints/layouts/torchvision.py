"""torchvision's names, `layer4.2.conv1.weight`, which timm's plain ResNets share tensor for tensor.

Kept for networks with stride 2 on the 3×3 convolution (v1.5), RGB/255 with ImageNet's mean and std.
"""

import re

from resnet_demo.errors import Phrase
from resnet_demo.networks.checkpoints.layouts.layout import Layout

BATCH_NORM = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
NOT_WEIGHTS = re.compile(r"\.num_batches_tracked$")  # a training counter
WRAPPERS = (r"^(?:(?:module|model|_orig_mod)\.)+", "")  # DataParallel, Lightning and torch.compile


def _name_of(keras_name: str) -> str:
    layer, variable = keras_name.split("/")
    if layer == "predictions":
        return "fc.weight" if variable == "kernel" else "fc.bias"
    variable = "weight" if variable == "kernel" else BATCH_NORM[variable]
    if layer in ("conv1_conv", "conv1_bn"):
        return f"{'conv1' if layer == 'conv1_conv' else 'bn1'}.{variable}"
    stage, block, unit, kind = re.fullmatch(r"conv(\d)_block(\d+)_(\d)_(conv|bn)", layer).groups()  # type: ignore[union-attr]
    module = f"downsample.{0 if kind == 'conv' else 1}" if unit == "0" else f"{kind}{unit}"
    return f"layer{int(stage) - 1}.{int(block) - 1}.{module}.{variable}"


TORCHVISION = Layout(
    name="torchvision",
    variant="v1.5",
    preprocessing="torch",
    conv_bias=False,
    kernels_oihw=True,
    block_convolution=re.compile(r"layer([1-4])\.(\d+)\.conv([123])\.weight"),
    name_of=_name_of,
    alias=WRAPPERS,
    ignored=NOT_WEIGHTS,
    refused={
        "conv1.0.weight": Phrase("a ResNet-C or -D, whose stem is three 3×3 convolutions and not one 7×7")
    },
)
