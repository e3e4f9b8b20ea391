"""The names of Hugging Face transformers' ResNetForImageClassification: `resnet.encoder.stages.0.layers.0…`.

Its networks are v1.5 unless their `config.json` says `downsample_in_bottleneck`; the tensors are the same.
"""

import json
import re
from pathlib import Path

from resnet_demo.errors import CheckpointError
from resnet_demo.networks.checkpoints.layouts.layout import Layout
from resnet_demo.networks.checkpoints.layouts.torchvision import BATCH_NORM, NOT_WEIGHTS, WRAPPERS


def _name_of(keras_name: str) -> str:
    layer, variable = keras_name.split("/")
    if layer == "predictions":
        return "classifier.1.weight" if variable == "kernel" else "classifier.1.bias"
    leaf = "convolution.weight" if variable == "kernel" else f"normalization.{BATCH_NORM[variable]}"
    if layer in ("conv1_conv", "conv1_bn"):
        return f"resnet.embedder.embedder.{leaf}"
    stage, block, unit = re.fullmatch(r"conv(\d)_block(\d+)_(\d)_(?:conv|bn)", layer).groups()  # type: ignore[union-attr]
    branch = "shortcut" if unit == "0" else f"layer.{int(unit) - 1}"
    return f"resnet.encoder.stages.{int(stage) - 2}.layers.{int(block) - 1}.{branch}.{leaf}"


HUGGINGFACE = Layout(
    name="huggingface",
    variant="v1.5",
    preprocessing="torch",
    conv_bias=False,
    kernels_oihw=True,
    block_convolution=re.compile(
        r"resnet\.encoder\.stages\.([0-3])\.layers\.(\d+)\.layer\.([012])\.convolution\.weight"
    ),
    name_of=_name_of,
    alias=WRAPPERS,
    ignored=NOT_WEIGHTS,
)


def require_v1_5(weights: Path) -> None:
    """Raise CheckpointError if the `config.json` beside the weights tells another geometry than v1.5."""
    config = weights.with_name("config.json")
    try:
        settings = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    except (OSError, ValueError) as error:
        raise CheckpointError(
            "The configuration beside the weights is damaged. Received: {config!r}.",
            config=str(config),
        ) from error
    if isinstance(settings, dict) and settings.get("downsample_in_bottleneck"):
        raise CheckpointError(
            "A ResNet in Hugging Face's layout has stride 2 on its 3×3 convolutions (v1.5). Received: "
            "{weights!r}, whose config.json says `downsample_in_bottleneck`.",
            weights=str(weights),
        )
