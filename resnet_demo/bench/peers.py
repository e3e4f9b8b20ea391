"""Other people's Grad-CAM on the same network and layer, where it is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import keras
import numpy as np

from resnet_demo.analysis import saliency

NEEDED = ("torch", "torchvision", "pytorch_grad_cam")


def missing() -> list[str]:
    """What would have to be installed: torch, torchvision, grad-cam."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def pytorch_grad_cam(threads: int) -> Callable[[], object]:
    """pytorch-grad-cam at layer4's last block of torchvision's ResNet50, random weights; warm, on `threads` threads."""
    import torch
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    from torchvision.models import resnet50

    torch.set_num_threads(threads)
    model = resnet50(weights=None).eval()
    cam = GradCAM(model=model, target_layers=[model.layer4[-1]])
    batch = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 3, 224, 224)).astype(np.float32))
    return lambda: cam(input_tensor=batch, targets=[ClassifierOutputTarget(0)])


def tf_keras_vis(model: keras.Model, batch: np.ndarray, layer: str, target: int) -> Callable[[], object]:
    """tf-keras-vis' Grad-CAM as its users call it, on the Keras model, at `layer`; made once, called again and again."""
    cam = saliency.package().Gradcam(model, clone=False)
    return lambda: cam(
        lambda logits: logits[:, target], batch, penultimate_layer=layer, seek_penultimate_conv_layer=False
    )
