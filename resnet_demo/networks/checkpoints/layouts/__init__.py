"""How tensors are named: one layout a file."""

from resnet_demo.networks.checkpoints.layouts.huggingface import HUGGINGFACE
from resnet_demo.networks.checkpoints.layouts.keras_names import KERAS, KERAS_APPLICATIONS, KERAS_V1_5
from resnet_demo.networks.checkpoints.layouts.layout import Layout
from resnet_demo.networks.checkpoints.layouts.torchvision import TORCHVISION
from resnet_demo.networks.checkpoints.layouts.tutorial_a import TUTORIAL_A

__all__ = ["HUGGINGFACE", "KERAS", "KERAS_APPLICATIONS", "KERAS_V1_5", "TORCHVISION", "TUTORIAL_A", "Layout"]
