"""How tensors are named: one layout a file."""

from resnet_demo.networks.checkpoints.layouts.huggingface import HUGGINGFACE
from resnet_demo.networks.checkpoints.layouts.keras_names import (
    KERAS,
    KERAS_APPLICATIONS,
    KERAS_V1_5,
    KERAS_V2,
    V2_ONLY,
)
from resnet_demo.networks.checkpoints.layouts.layout import Layout
from resnet_demo.networks.checkpoints.layouts.torchvision import (
    TORCHVISION,
    TORCHVISION_CHILDREN,
    with_pooled_shortcuts,
)
from resnet_demo.networks.checkpoints.layouts.tutorial_a import TUTORIAL_A

__all__ = [
    "HUGGINGFACE",
    "KERAS",
    "KERAS_APPLICATIONS",
    "KERAS_V1_5",
    "KERAS_V2",
    "TORCHVISION",
    "TORCHVISION_CHILDREN",
    "TUTORIAL_A",
    "V2_ONLY",
    "Layout",
    "with_pooled_shortcuts",
]
