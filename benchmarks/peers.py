"""Other people's Grad-CAM on the same network and layer, where it is installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras
import numpy as np

from resnet_demo.measures import attribution

NEEDED = ("torch", "torchvision", "pytorch_grad_cam")


def missing() -> list[str]:
    """What would have to be installed: torch, torchvision, grad-cam."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


@contextmanager
def pytorch_grad_cam(threads: int) -> Iterator[Callable[[], object]]:
    """pytorch-grad-cam at layer4's last block of torchvision's ResNet50, on `threads` threads; see `torch_peer`."""
    command = [sys.executable, "-m", "benchmarks.torch_peer", str(threads)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        stdin, stdout = peer.stdin, peer.stdout

        def once() -> str:
            stdin.write("\n")
            stdin.flush()
            answer = stdout.readline()
            if not answer:
                raise RuntimeError("pytorch-grad-cam's process ended.")
            return answer

        yield once
        stdin.close()


def tf_keras_vis(model: keras.Model, batch: np.ndarray, layer: str, target: int) -> Callable[[], object]:
    """tf-keras-vis' Grad-CAM as its users call it, on the Keras model, at `layer`; made once, called many times."""
    cam = attribution.package().Gradcam(model, clone=False)
    return lambda: cam(
        lambda logits: logits[:, target], batch, penultimate_layer=layer, seek_penultimate_conv_layer=False
    )
