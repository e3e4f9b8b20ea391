"""`.keras`, and `.h5` by `model.save`: a whole model, its graph as JSON and its weights."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h5py
import keras
import numpy as np

# Neither is exported, and `keras.saving.load_model` takes paths only, not a configuration that was put right.
from keras.src.legacy.saving import legacy_h5_format
from keras.src.saving import saving_lib
from keras.src.saving.serialization_lib import SafeModeScope

from resnet_demo.errors import CheckpointError, Phrase
from resnet_demo.networks.checkpoints.files.contents import Contents, first_line, require_file
from resnet_demo.networks.checkpoints.files.keras2 import modernized

RECORD = "resnet_demo.json"  # `convert`'s metadata; Keras does not look at it
CONFIG, METADATA = "config.json", "metadata.json"
LARGEST_CONFIG = 64 * 2**20  # bytes
OPERATIONS = ("SlicingOpLambda", "TFOpLambda")


def is_keras_zip(path: Path) -> bool:
    """Whether this is a `.keras` archive."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return CONFIG in archive.namelist()


def is_model_file(path: Path) -> bool:
    """Whether the file has a graph beside its weights."""
    if is_keras_zip(path):
        return True
    try:
        with h5py.File(path, "r") as file:
            return "model_config" in file.attrs
    except OSError:  # no HDF5, or damaged, which the reader of its weights will tell
        return False


def read_keras_model(path: str | Path) -> keras.Model:
    """The model a file describes, with its weights, uncompiled; none of its code is run.

    Its graph is its own: softmax at the end, say. `read` and `build` make it one of this project's networks.

    Args:
        path: a `.keras` archive or an `.h5` with a configuration, by Keras 3 or Keras 2.

    Raises:
        WeightsNotFoundError: no such file.
        CheckpointError: no file with a graph; damaged, or with code in it (Lambda layers, custom objects).
    """
    path = Path(path)
    require_file(path)
    if not is_model_file(path):
        raise CheckpointError(
            "A Keras model file is a zip named `.keras`, or an `.h5` by `model.save`. Received: "
            "{path!r}, which has no graph.",
            path=str(path),
        )
    try:
        if not is_keras_zip(path):
            return _from_hdf5(path)
        if path.suffix == ".keras" and not _is_keras_2(path):
            return keras.saving.load_model(path, compile=False, safe_mode=True)
        return _from_zip(path)
    # Whatever is wrong with a file, Keras may raise anything from its many layers' constructors.
    except Exception as error:
        reason = str(error).rpartition("Exception encountered: ")[2]  # the innermost, of layers within layers
        raise CheckpointError(
            "The Keras model cannot be loaded without running code from it, or is damaged ({kind}: "
            "{reason}). Received: {path!r}. Accepted: {accepted}.",
            kind=type(error).__name__,
            reason=first_line(ValueError(reason)),
            path=str(path),
            accepted=_way_out(str(error)),
        ) from error


def with_weights(graph: str, path: Path) -> keras.Model:
    """The model that Keras' JSON describes, with the weights of a `.weights.h5`; none of its code is run."""
    try:
        with SafeModeScope(True):
            model = keras.models.model_from_json(graph)
        model.load_weights(path)
    except Exception as error:  # as above
        raise CheckpointError(
            "The graph in the file and its weights do not go together ({reason}). Received: {path!r}.",
            reason=first_line(error),
            path=str(path),
        ) from error
    return model


def write_record(path: Path, metadata: dict[str, str]) -> None:
    """Add metadata to a `.keras` by Keras."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(RECORD, json.dumps(metadata, ensure_ascii=False))


def read_record(path: Path) -> dict[str, str]:
    """What `write_record` wrote, into this file."""
    if not is_keras_zip(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        if RECORD not in archive.namelist():
            return {}
        try:
            return {str(key): str(value) for key, value in json.loads(_bounded(archive, RECORD)).items()}
        except (ValueError, AttributeError) as error:
            raise CheckpointError(
                "The record in the model file is damaged. Received: {path!r}.", path=str(path)
            ) from error


def model_contents(model: keras.Model) -> Contents:
    """A model's variables as "layer/variable", those of models inside it with their names before."""
    return Contents("keras", dict(_variables(model)), {})


def _variables(model: keras.Model, prefix: str = "") -> Iterator[tuple[str, np.ndarray]]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _variables(layer, f"{prefix}{layer.name}/")
        else:
            for variable in layer.variables:
                if "seed_generator" not in variable.path:  # of dropout and augmentation
                    yield f"{prefix}{layer.name}/{variable.name}", np.asarray(variable)


def _is_keras_2(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        if METADATA not in archive.namelist():
            return False
        return str(json.loads(_bounded(archive, METADATA)).get("keras_version", "")).startswith("2.")


def _bounded(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST_CONFIG:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


def _from_zip(path: Path) -> keras.Model:
    """A `.keras` of Keras 2, or of another name: the same archive in memory, its configuration put right."""
    archive = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for name in source.namelist():
            if name == CONFIG:
                target.writestr(name, json.dumps(modernized(json.loads(_bounded(source, name)))))
            elif name == METADATA:
                target.writestr(name, json.dumps({"keras_version": keras.__version__}))
            else:
                saving_lib._reject_zip_bomb(source, name)
                target.writestr(name, source.read(name))
    return saving_lib._load_model_from_fileobj(archive, None, False, True)


def _from_hdf5(path: Path) -> keras.Model:
    """An `.h5`, changed in memory only: its configuration put right, optimizer and all else left alone."""
    with h5py.File(io.BytesIO(path.read_bytes()), "r+") as file:
        if not _text(file.attrs.get("keras_version", "2")).startswith("3"):
            config = modernized(json.loads(_text(file.attrs["model_config"])))
            file.attrs["model_config"] = json.dumps(config).encode()
        return legacy_h5_format.load_model_from_hdf5(file, compile=False, safe_mode=True)


def _text(attribute: bytes | str) -> str:
    return attribute.decode() if isinstance(attribute, bytes) else str(attribute)


def _way_out(message: str) -> Phrase:
    """What helps with what people meet."""
    if any(name in message for name in OPERATIONS):
        return Phrase(
            "the same model without TensorFlow's operations among its layers, `preprocess_input` for "
            "one: made anew "
            "with the photo preprocessed outside or by a Rescaling layer, `set_weights`, and saved"
        )
    if "Lambda" in message:
        return Phrase("the same model with a layer of Keras' own in place of Lambda")
    return Phrase("a whole file of Keras' own layers, or the weights alone by `model.save_weights`")
