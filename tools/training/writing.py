"""The weights, as `resnet_demo` reads them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from safetensors.numpy import save_file

from resnet_demo.errors import UnknownClassError
from resnet_demo.networks.checkpoints.reading import PREPROCESSING, VARIANT
from resnet_demo.networks.labels import label_for_wnid


def write_weights(model: keras.Model, class_folders: Sequence[str], path: Path, training: Mapping) -> None:
    """Write "layer/variable" float32 tensors, kernels HWIO, and what `resnet_demo` has to know about them.

    Args:
        model: of variant "keras", trained on "caffe" inputs.
        class_folders: the class folders' names in output order.
        path: ends in ".safetensors".
        training: what the file tells about its making, for whoever reads its metadata.
    """
    metadata = {
        "classes": json.dumps(class_names(class_folders)),
        VARIANT: "keras",
        PREPROCESSING: "caffe",
        "training": json.dumps(training),
    }
    save_whole({variable.path: variable.numpy() for variable in model.variables}, metadata, path)


def class_names(folders: Sequence[str]) -> list[tuple[str, str]]:
    """(wnid, name) of each class: a folder called by an ImageNet wnid has its name there, another its own."""
    names = []
    for folder in folders:
        try:
            names.append((folder, label_for_wnid(folder).english))
        except UnknownClassError:
            names.append(("", folder.replace("_", " ")))
    return names


def save_whole(tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str], path: Path) -> None:
    """Write a safetensors file that is never there in part: a kill leaves the file before it, or none."""
    partial = path.with_name(path.name + ".part")
    save_file(dict(tensors), partial, dict(metadata))
    os.replace(partial, path)
