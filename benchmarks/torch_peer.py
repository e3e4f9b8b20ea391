"""pytorch-grad-cam in a process of its own, since PyTorch beside TensorFlow crashed: a line in, a heatmap, a line out.

usage: python -m benchmarks.torch_peer THREADS
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torchvision.models import resnet50


def main(threads: int) -> None:
    """Answer each line of stdin with one Grad-CAM at layer4's last block of torchvision's ResNet50, random weights."""
    torch.set_num_threads(threads)
    cam_model = resnet50(weights=None).eval()
    cam = GradCAM(model=cam_model, target_layers=[cam_model.layer4[-1]])
    batch = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 3, 224, 224)).astype(np.float32))
    for _ in sys.stdin:
        heatmap = cam(input_tensor=batch, targets=[ClassifierOutputTarget(0)])
        print(heatmap.shape, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
