"""What a network was trained to eat: from photos to its batch."""

from __future__ import annotations

import numpy as np
from PIL import Image

from resnet_demo.errors import OptionError
from resnet_demo.photos.decoding import Photo

CAFFE_MEAN_BGR = np.array([103.939, 116.779, 123.68], np.float32)
TORCH_MEAN_RGB = np.array([0.485, 0.456, 0.406], np.float32)
TORCH_STD_RGB = np.array([0.229, 0.224, 0.225], np.float32)


def to_batch(photos: list[Photo], preprocessing: str, size: tuple[int, int] = (224, 224)) -> np.ndarray:
    """Resize whole photos and bring them into a network's input range.

    The whole photo is resized (bilinear, antialiased), as the tutorials do, so that every map covers every pixel.

    Args:
        photos: not modified.
        preprocessing: "caffe", BGR minus the ImageNet mean (Keras ResNet v1); "torch", RGB / 255, minus mean, by std.
        size: (height, width) the network eats.

    Returns:
        float32 (N, height, width, 3).
    """
    height, width = size
    resized = [Image.fromarray(p.pixels).resize((width, height), Image.Resampling.BILINEAR) for p in photos]
    rgb = np.stack([np.asarray(image) for image in resized])  # uint8 (N, height, width, 3)
    if preprocessing == "caffe":
        return np.subtract(rgb[..., ::-1], CAFFE_MEAN_BGR, dtype=np.float32)
    if preprocessing == "torch":
        return (rgb / np.float32(255) - TORCH_MEAN_RGB) / TORCH_STD_RGB
    raise OptionError(
        f"There is no such preprocessing. Received: {preprocessing!r}. Accepted: 'caffe', 'torch'."
    )
