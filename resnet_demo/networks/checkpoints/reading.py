"""A weights file -> a `Checkpoint`, or an error that says why not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras
import ml_dtypes
import numpy as np

from resnet_demo.errors import CheckpointError
from resnet_demo.graph.flat import flatten
from resnet_demo.graph.head import read_head
from resnet_demo.networks import resnet_v2
from resnet_demo.networks.checkpoints.building import build
from resnet_demo.networks.checkpoints.checkpoint import OWN_GRAPH, USUAL_SIZE, Checkpoint
from resnet_demo.networks.checkpoints.files.contents import Contents, not_floating_point
from resnet_demo.networks.checkpoints.files.keras_model import (
    is_model_file,
    model_contents,
    read_keras_model,
    read_record,
    with_weights,
)
from resnet_demo.networks.checkpoints.files.opening import read_contents
from resnet_demo.networks.checkpoints.layouts import HUGGINGFACE, V2_ONLY, Layout
from resnet_demo.networks.checkpoints.locating import locate
from resnet_demo.networks.checkpoints.matching import require_match
from resnet_demo.networks.checkpoints.recognizing import (
    HeadTensors,
    Recognized,
    find_head,
    measure,
    recognize,
)
from resnet_demo.networks.checkpoints.variables import variable_shapes
from resnet_demo.networks.geometry import Geometry, standard
from resnet_demo.networks.metadata import (
    ACTIVATION,
    AVERAGES,
    GRAPH,
    POOLING_ASSUMED,
    PREPROCESSING,
    TRAITS,
    VARIANT,
)
from resnet_demo.networks.preprocessing import NAMED


def read(source: str | Path) -> Checkpoint:
    """Read a network's weights from any file, folder or repository of the formats and layouts below.

    Args:
        source: `.safetensors`, `.h5`, `.weights.h5`, `.keras`; with PyTorch also `.pth`, `.pt`, `.bin`; a folder with
            one of them, or with shards and their index; "hf://org/name" (see `locate`).

    Returns:
        The whole file, checked. A model file's graph has been run beside ours: where it computes the same up to its
        head, its weights are given under our names, else as it has them, with the variant OWN_GRAPH.

    Raises:
        WeightsNotFoundError: no such file.
        DownloadError: a repository is neither on this machine nor to be had.
        CheckpointError: not a ResNet or one of its relatives; tensors missing, too many, misshapen, not
            floating-point or not finite; a pickle that wants to run code; a damaged file.
        ArchitectureError: a Keras model that is no network of photos, with one output.
    """
    path = locate(source)
    if is_model_file(path):
        return _of_model(path, read_keras_model(path), read_record(path))
    contents = read_contents(path)
    if GRAPH in contents.metadata:
        return _of_model(path, with_weights(contents.metadata[GRAPH], path), contents.metadata)
    return to_checkpoint(path, contents)


def _of_model(path: Path, model: keras.Model, metadata: Mapping[str, str]) -> Checkpoint:
    """A model file's content: one of our networks where it computes the same, else the model as it is."""
    if not model.built:
        raise CheckpointError(
            "A model is read where it says what goes in. Received: {path!r}, whose model was never "
            "built. Accepted: the same after it has seen one photo.",
            path=str(path),
        )
    metadata = {key: value for key, value in metadata.items() if key != GRAPH}
    contents = replace(model_contents(model), metadata=metadata)
    head = read_head(flatten(model))
    ours = _ours(path, model, contents)
    if ours is None:
        usual = "tf" if any(name.endswith(V2_ONLY) for name in contents.tensors) else "caffe"
        return Checkpoint(
            path=path,
            layout="keras",
            depth=0,
            variant=OWN_GRAPH,
            preprocessing=_stated(path, metadata, PREPROCESSING, tuple(NAMED), usual),
            classes=head.classes,
            tensors=MappingProxyType(contents.tensors),
            metadata=MappingProxyType(metadata),
            model=model,
            activation=head.activation,
        )
    checkpoint, same = replace(ours[0], activation=head.activation or ours[0].activation), ours[1]
    usual_size = tuple(model.input_shape[1:3]) in ((None, None), USUAL_SIZE)
    return checkpoint if same and usual_size else replace(checkpoint, model=model)


def _ours(path: Path, model: keras.Model, contents: Contents) -> tuple[Checkpoint, bool] | None:
    """Our network with the model's weights, and whether outputs are the same too; None where it is none of ours."""
    if contents.metadata.get(VARIANT) == OWN_GRAPH:
        return None
    try:
        checkpoint = to_checkpoint(path, contents, graph_is_known=True)
        return checkpoint, _same_outputs(model, checkpoint)
    except CheckpointError:
        return None


def to_checkpoint(path: Path, contents: Contents, *, graph_is_known: bool = False) -> Checkpoint:
    """Recognize the network by the tensors' names and shapes, and bring them into Keras' form.

    It touches no file, and builds no network but Keras' own ResNet V2. Errors as `read`.
    """
    recognized = recognize(path, contents)
    layout = recognized.layout
    relevant = _relevant(contents, recognized)
    shapes = {name: tensor.shape for name, tensor in relevant.items()}
    config = _config(contents.metadata)
    geometry = _with_config(path, measure(path, recognized, shapes), config)
    if traits := contents.metadata.get(TRAITS, "").split():
        geometry = replace(geometry, pooled_shortcut="pooled_shortcut" in traits, blur="blur" in traits)
    backbone = _backbone_shapes(layout, geometry)
    names = {key: recognized.prefix + layout.name_of(key) for key in backbone}
    for name in set(relevant) - set(names.values()):
        if relevant[name].dtype.kind in "iub":  # counters and indices are no weights
            del relevant[name], shapes[name]
    head = find_head(path, recognized, shapes, set(names.values()), geometry)
    expected = dict(backbone)
    if head:
        expected |= {
            "predictions/kernel": (geometry.channels[-1], head.classes),
            "predictions/bias": (head.classes,),
        }
        names |= {"predictions/kernel": head.kernel}
        names |= {"predictions/bias": head.bias} if head.bias else {}
        if relevant[head.kernel].ndim == 4:  # a 1×1 convolution
            matrix = relevant[head.kernel].reshape(layout.foreign_shape(expected["predictions/kernel"]))
            relevant[head.kernel], shapes[head.kernel] = matrix, matrix.shape
    require_match(
        {name: layout.foreign_shape(expected[key]) for key, name in names.items()},
        shapes,
        f"{geometry.title} in {layout.name} layout",
        path,
    )
    tensors = {key: _float32(path, name, layout.to_keras(relevant[name])) for key, name in names.items()}
    if head and head.bias is None:
        tensors["predictions/bias"] = np.zeros(head.classes, np.float32)
    _require_positive_variances(path, tensors)
    classes = head.classes if head else 0
    _require_class_names(path, contents.metadata, classes)
    variant = "v1" if config.get("downsample_in_bottleneck") and layout is HUGGINGFACE else layout.variant
    variants = (variant, "v1") if variant == "v1.5" else (variant,)
    said = {AVERAGES: ", ".join(recognized.averages)} if recognized.averages else {}
    if head and not graph_is_known and _pooling_is_assumed(layout, head, contents.metadata):
        said[POOLING_ASSUMED] = head.kernel
    return Checkpoint(
        path=path,
        layout=layout.name,
        depth=geometry.depth,
        variant=_stated(path, contents.metadata, VARIANT, variants, variant),
        preprocessing=_stated(path, contents.metadata, PREPROCESSING, tuple(NAMED), layout.preprocessing),
        classes=classes,
        tensors=MappingProxyType(tensors),
        metadata=MappingProxyType({**contents.metadata, **said}),
        sizes=None if geometry == standard(geometry.depth) else geometry,
        activation=contents.metadata.get(ACTIVATION),
    )


def _pooling_is_assumed(layout: Layout, head: HeadTensors, metadata: Mapping[str, str]) -> bool:
    """Whether its author built the head: PyTorch's backbones bring their pooling, as Keras' "predictions" do."""
    return layout.name.startswith("keras") and "predictions" not in head.kernel and VARIANT not in metadata


def _relevant(contents: Contents, recognized: Recognized) -> dict[str, np.ndarray]:
    """The tensors that could matter: neither counters and losses, nor those of an average of the network."""
    return {
        name: tensor
        for name, tensor in contents.tensors.items()
        if not recognized.layout.ignored.search(name) and not name.startswith(recognized.averages)
    }


def _backbone_shapes(layout: Layout, geometry: Geometry) -> dict[str, tuple[int, ...]]:
    """Every variable but the head's."""
    if layout.variant != "v2":
        return variable_shapes(geometry, None, conv_bias=layout.conv_bias)
    return {
        f"{layer.name}/{variable.name}": tuple(variable.shape)
        for layer in resnet_v2.backbone(geometry.depth).layers
        for variable in layer.variables
    }


def _config(metadata: Mapping[str, str]) -> dict[str, Any]:
    """What `config.json` beside the weights says, of Hugging Face's or timm's form."""
    try:
        config = json.loads(metadata.get("config.json", "{}"))
    except ValueError:
        config = {}
    return config if isinstance(config, dict) else {}


def _with_config(path: Path, geometry: Geometry, config: Mapping[str, Any]) -> Geometry:
    """The sizes with what no tensor tells and `config.json` does.

    Raises:
        CheckpointError: it tells of a network that we do not build.
    """
    architecture = str(config.get("architecture") or "")
    refused = {
        "hidden_act": config.get("hidden_act", "relu") != "relu",
        "downsample_in_first_stage": bool(config.get("downsample_in_first_stage")),
        "architecture": architecture.startswith("resnetaa"),
    }
    if said := [f"{key} = {config[key]!r}" for key, it_is in refused.items() if it_is]:
        raise CheckpointError(
            "A ResNet has ReLUs, and halves its maps where this project's do. Received: {path!r}, whose "
            "config.json "
            "says {said}.",
            path=str(path),
            said=", ".join(said),
        )
    return replace(geometry, blur="blur" in architecture)


def _float32(path: Path, name: str, array: np.ndarray) -> np.ndarray:
    """A contiguous, read-only float32 copy; finite."""
    if array.dtype.kind != "f" and array.dtype != ml_dtypes.bfloat16:
        raise not_floating_point(path, name, array.dtype)
    with np.errstate(over="ignore"):  # a float64 too large for float32 becomes infinite, and is named below
        converted = np.array(array, dtype=np.float32, order="C")
    if not np.isfinite(converted).all():
        raise CheckpointError(
            "A checkpoint's values are finite numbers. Received: {name!r} with {sum} that are not, in "
            "{path!r}.",
            name=name,
            sum=np.sum(~np.isfinite(converted)),
            path=str(path),
        )
    converted.flags.writeable = False
    return converted


def _require_positive_variances(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    for name, tensor in tensors.items():
        if name.endswith("/moving_variance") and tensor.min() < 0:
            raise CheckpointError(
                "A variance is never negative. Received: {name!r} with {min:.3g}, in {path!r}.",
                name=name,
                min=tensor.min(),
                path=str(path),
            )


def _require_class_names(path: Path, metadata: Mapping[str, str], classes: int) -> None:
    if "classes" not in metadata:
        return
    try:
        pairs = json.loads(metadata["classes"])
        valid = len(pairs) == classes and all(
            isinstance(s, str) for wnid, name in pairs for s in (wnid, name)
        )
    except (ValueError, TypeError):
        valid = False
    if not valid:
        raise CheckpointError(
            "The metadata `classes` must be a JSON list of [wnid, name], one for each of {classes} "
            "logits. Received: {metadata!r}, in {path!r}.",
            classes=classes,
            metadata=metadata["classes"][:80],
            path=str(path),
        )


def _stated(path: Path, metadata: Mapping[str, str], key: str, accepted: Sequence[str], usual: str) -> str:
    """What the metadata says, or what is usual where it says nothing."""
    stated = metadata.get(key, usual)
    if stated not in accepted:
        raise CheckpointError(
            "With these tensors, the metadata `{key}` must be one of: {accepted}. Received: "
            "{stated!r}, in {path!r}.",
            key=key,
            accepted=", ".join(accepted),
            stated=stated,
            path=str(path),
        )
    return stated


def _same_outputs(model: keras.Model, checkpoint: Checkpoint) -> bool:
    """Run a model, and our network with its weights, on one batch: whether logits or their softmax come out of it.

    Names do not tell strides, padding or epsilon, nor a rescaling in front; running it does.

    Raises:
        CheckpointError: the two do not even agree up to their dense layer.
    """
    inputs = model.inputs
    shape = tuple(inputs[0].shape[1:])
    if len(inputs) != 1 or len(shape) != 3 or shape[-1] != checkpoint.geometry.inputs:
        raise CheckpointError(
            "A ResNet has one input of shape (height, width, 3). Received: {value}, in {path!r}.",
            value=[tuple(i.shape[1:]) for i in inputs],
            path=str(checkpoint.path),
        )
    height, width, channels = shape[0] or 64, shape[1] or 64, shape[2]
    ours = build(checkpoint, input_shape=(height, width, channels))
    batch = np.random.default_rng(0).normal(0, 60, (1, height, width, channels)).astype(np.float32)
    received, expected = (_pooled(network, batch) for network in (model, ours))
    if not _near(received, expected):
        raise CheckpointError(
            "The model's layers are named as {ours}'s and compute something else. Received: {path!r}.",
            ours=ours.name,
            path=str(checkpoint.path),
        )
    output, logits = np.asarray(flatten(model, (height, width)).run(batch)), np.asarray(ours(batch))
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return _near(output, logits) or _near(output, powers / powers.sum(axis=-1, keepdims=True))


def _near(received: np.ndarray, expected: np.ndarray) -> bool:
    return received.shape == expected.shape and np.allclose(
        received, expected, rtol=1e-3, atol=1e-3 * expected.std()
    )


def _pooled(model: keras.Model, batch: np.ndarray) -> np.ndarray:
    """What the dense layer reads: float32 (1, 2048), or (1, 512)."""
    head = next((layer for layer in reversed(model.layers) if isinstance(layer, keras.layers.Dense)), None)
    if head is None:
        raise CheckpointError("The model has no dense layer. Received: {model!r}.", model=model.name)
    return np.asarray(keras.Model(model.inputs[0], head.input)(batch, training=False))
