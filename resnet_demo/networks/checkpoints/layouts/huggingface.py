"""The names of Hugging Face transformers' ResNetModel: `encoder.stages.0.layers.0…`, mostly after `resnet.`.

Its networks are v1.5 unless their `config.json` says `downsample_in_bottleneck`; the tensors are the same.
"""

import re

from resnet_demo.networks.checkpoints.layouts.layout import Layout
from resnet_demo.networks.checkpoints.layouts.torchvision import BATCH_NORM, NOT_WEIGHTS


def _name_of(keras_name: str) -> str:
    layer, variable = keras_name.split("/")
    if layer == "predictions":
        return "classifier.1.weight" if variable == "kernel" else "classifier.1.bias"
    leaf = "convolution.weight" if variable == "kernel" else f"normalization.{BATCH_NORM[variable]}"
    if layer in ("conv1_conv", "conv1_bn"):
        return f"embedder.embedder.{leaf}"
    match = re.fullmatch(r"conv(\d)_block(\d+)_(\d)_(?:conv|bn)", layer)
    if match is None:  # of a relative, which this layout does not have
        return ""
    stage, block, unit = match.groups()
    branch = "shortcut" if unit == "0" else f"layer.{int(unit) - 1}"
    return f"encoder.stages.{int(stage) - 2}.layers.{int(block) - 1}.{branch}.{leaf}"


HUGGINGFACE = Layout(
    name="huggingface",
    variant="v1.5",
    preprocessing="torch",
    conv_bias=False,
    kernels_oihw=True,
    block_convolution=re.compile(
        r"encoder\.stages\.([0-3])\.layers\.(\d+)\.layer\.([012])\.convolution\.weight"
    ),
    name_of=_name_of,
    ignored=NOT_WEIGHTS,
)
