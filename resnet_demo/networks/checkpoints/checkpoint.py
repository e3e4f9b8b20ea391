"""What a weights file holds, once read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A file read whole, checked, in Keras' names and axes, not yet in a model.

    A layout leaves open some of the geometry, and preprocessing: `variant` and `preprocessing` are what files
    of that layout are made for, unless the file itself says more, as those by `convert` do.

    Attributes:
        path: the file.
        layout: "keras", "keras-applications-h5", "tutorial-a", "torchvision" (timm's too) or "huggingface".
        depth: 18, 34, 50, 101 or 152.
        variant: the variant of `resnet()` it is for: "keras", "v1.5" or "tutorial-a".
        preprocessing: "caffe": BGR minus mean · "torch": RGB/255, minus mean, over std.
        classes: number of logits.
        tensors: "conv2_block1_1_conv/kernel" and so on, in every layout: float32, finite, read-only; kernels
            HWIO, the Dense kernel (in, out).
        metadata: the file's own. "classes", where there is one, is a JSON list of [wnid, name], one a logit.
    """

    path: Path
    layout: str
    depth: int
    variant: str
    preprocessing: str
    classes: int
    tensors: Mapping[str, np.ndarray]
    metadata: Mapping[str, str]
