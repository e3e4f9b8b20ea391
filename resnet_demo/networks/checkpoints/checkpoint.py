"""What a weights file holds, once read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from resnet_demo.networks.geometry import Geometry, standard

USUAL_SIZE = (224, 224)  # of the photo
OWN_GRAPH = "its own graph"  # the variant of a model file that is none of ours


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A file read whole, checked, in Keras' names and axes, not yet in a model.

    A layout leaves open some of the geometry, and preprocessing: `variant` and `preprocessing` are what files
    of that layout are made for, unless the file itself says more, as those by `convert` do.

    Attributes:
        path: the file; of shards, their index.
        layout: "keras", "keras-applications-h5", "tutorial-a", "torchvision" (timm's too) or "huggingface".
        depth: of a ResNet, counted along the residual branches; of another network, 0.
        variant: the variant of `resnet()` it is for: "keras", "v1.5", "v1" or "tutorial-a"; "v2"; or OWN_GRAPH.
        preprocessing: "caffe": BGR minus mean · "torch": RGB/255, minus mean, over std · "tf": RGB from -1 to 1.
        classes: number of logits; 0 without a head.
        tensors: "conv2_block1_1_conv/kernel" and so on, in every layout: float32, finite, read-only; kernels
            HWIO, the Dense kernel (in, out).
        metadata: the file's own. "classes", where there is one, is a JSON list of [wnid, name], one a logit. The texts
            of a Hugging Face folder's files are under their names, "config.json" and "preprocessor_config.json".
        sizes: of a relative of ResNet, where `depth` is not enough.
        model: of a model file, `.keras` or `.h5` by `model.save`, the model itself where ours would be another: in its
            graph, its output's activation or its input's size.
        activation: of a model file, the activation at its end by name, "softmax"; None where it has none, and of
            weights alone.
    """

    path: Path
    layout: str
    depth: int
    variant: str
    preprocessing: str
    classes: int
    tensors: Mapping[str, np.ndarray]
    metadata: Mapping[str, str]
    sizes: Geometry | None = None
    model: keras.Model | None = None
    activation: str | None = None

    @property
    def geometry(self) -> Geometry:
        """The network's sizes."""
        return self.sizes or standard(self.depth)

    @property
    def title(self) -> str:
        """What the network is called: "ResNet-50", "ResNeXt-50 32x4d"."""
        if self.variant == OWN_GRAPH:
            return self.model.name if self.model is not None else OWN_GRAPH
        return self.geometry.title + ("V2" if self.variant == "v2" else "")
