"""`.keras`: a whole model, its graph as JSON and its weights."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np

from resnet_demo.errors import CheckpointError
from resnet_demo.networks.checkpoints.files.contents import Contents, require_file


def is_keras_zip(path: Path) -> bool:
    """Whether this is a `.keras` archive."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "config.json" in archive.namelist()


def read_keras_model(path: str | Path) -> keras.Model:
    """The model a `.keras` file describes, with its weights, uncompiled; none of its code is run.

    Its graph is its own: softmax at the end, say. `read` and `build` make it one of this project's networks.

    Args:
        path: must end in ".keras", for Keras goes by the name.

    Raises:
        WeightsNotFoundError: no such file.
        CheckpointError: the file is damaged, or has code in it (Lambda layers, custom objects).
    """
    path = Path(path)
    require_file(path)
    if path.suffix != ".keras" or not is_keras_zip(path):
        raise CheckpointError(
            "A Keras model file is a zip named `.keras`. Received: {path!r}.",
            path=str(path),
        )
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    # Whatever is wrong with a file, Keras may raise anything from its many layers' constructors.
    except Exception as error:
        reason = str(error).split("\n")[0]
        raise CheckpointError(
            "The Keras model cannot be loaded without running code from it, or is damaged ({kind}: "
            "{reason}). Received: {path!r}.",
            kind=type(error).__name__,
            reason=reason,
            path=str(path),
        ) from error


def model_contents(model: keras.Model) -> Contents:
    """A model's variables as "layer/variable"."""
    tensors = {
        f"{layer.name}/{variable.name}": np.asarray(variable)
        for layer in model.layers
        for variable in layer.variables
    }
    return Contents("keras", tensors, {})
