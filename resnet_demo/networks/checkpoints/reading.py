"""A weights file -> a `Checkpoint`, or an error that says why not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import keras
import ml_dtypes
import numpy as np

from resnet_demo.errors import CheckpointError, Phrase
from resnet_demo.networks.checkpoints.building import build
from resnet_demo.networks.checkpoints.checkpoint import Checkpoint
from resnet_demo.networks.checkpoints.files.contents import Contents, require_file
from resnet_demo.networks.checkpoints.files.keras_zip import is_keras_zip, model_contents, read_keras_model
from resnet_demo.networks.checkpoints.files.opening import read_contents
from resnet_demo.networks.checkpoints.layouts import (
    HUGGINGFACE,
    KERAS,
    KERAS_APPLICATIONS,
    KERAS_V1_5,
    TORCHVISION,
    TUTORIAL_A,
    Layout,
)
from resnet_demo.networks.checkpoints.layouts.huggingface import require_v1_5
from resnet_demo.networks.checkpoints.matching import require_match
from resnet_demo.networks.checkpoints.variables import variable_shapes
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.networks.resnet import BASIC_DEPTHS, DEPTHS

# Metadata by which a file tells what its layout leaves open; `convert` writes them.
VARIANT = "resnet_demo.variant"
PREPROCESSING = "resnet_demo.preprocessing"
PREPROCESSING_SOURCE = (
    "resnet_demo.preprocessing.source"  # "metadata", or "assumed" from the layout converted from
)


def read(path: str | Path) -> Checkpoint:
    """Read a ResNet's weights from any file of DESIGN's formats and layouts.

    Args:
        path: `.safetensors`, `.h5`, `.weights.h5`, `.keras`; with PyTorch also `.pth`, `.pt`, `.bin`.

    Returns:
        The whole file, checked. A `.keras` model's graph has been run beside ours and computes the same.

    Raises:
        WeightsNotFoundError: no such file.
        CheckpointError: not a ResNet-18, 34, 50, 101 or 152 with option B's shortcuts; tensors missing,
            too many, misshapen, not floating-point or not finite; a pickle that wants to run code; a
            damaged file.
    """
    path = Path(path)
    require_file(path)
    if is_keras_zip(path):
        model = read_keras_model(path)
        checkpoint = to_checkpoint(path, model_contents(model))
        _require_same_network(model, checkpoint)
        return checkpoint
    checkpoint = to_checkpoint(path, read_contents(path))
    if checkpoint.layout == HUGGINGFACE.name:
        require_v1_5(path)
    return checkpoint


def to_checkpoint(path: Path, contents: Contents) -> Checkpoint:
    """Recognize layout, depth and classes by the tensors' names and shapes, and bring them into Keras' form.

    Pure: it touches no file and builds no network. Errors as `read`.
    """
    layout = _recognize(path, contents)
    spelled = layout.normalized(contents.tensors)
    relevant = {name for name in contents.tensors if not layout.ignored.search(name)}
    if others := sorted(relevant - set(spelled.values())):
        raise CheckpointError(
            "A checkpoint holds one network. Received: {path!r}, with {others!r} and {count_of_others} "
            "others under two names.",
            path=str(path),
            others=others[0],
            count_of_others=len(others) - 1,
        )
    for name, what in layout.refused.items():
        if name in spelled:
            raise CheckpointError(
                "A ResNet's stem is one 7×7 convolution. Received: {path!r}, which is {what} ({spelled}).",
                path=str(path),
                what=what,
                spelled=spelled[name],
            )
    depth = _depth(path, layout, spelled)
    head = spelled.get(layout.name_of("predictions/bias"))
    classes = 0 if head is None else contents.tensors[head].size  # where it is None, the match below fails
    shapes = variable_shapes(depth, classes, conv_bias=layout.conv_bias)
    names = {key: layout.name_of(key) for key in shapes}
    require_match(
        {names[key]: layout.foreign_shape(shape) for key, shape in shapes.items()},
        {name: contents.tensors[original].shape for name, original in spelled.items()},
        f"ResNet-{depth} in {layout.name} layout",
        path,
    )
    tensors = {
        key: _float32(path, spelled[name], layout.to_keras(contents.tensors[spelled[name]]))
        for key, name in names.items()
    }
    _require_positive_variances(path, tensors)
    _require_class_names(path, contents.metadata, classes)
    return Checkpoint(
        path=path,
        layout=layout.name,
        depth=depth,
        variant=_stated(path, contents.metadata, VARIANT, (layout.variant,), layout.variant),
        preprocessing=_stated(path, contents.metadata, PREPROCESSING, tuple(NAMED), layout.preprocessing),
        classes=classes,
        tensors=MappingProxyType(tensors),
        metadata=MappingProxyType(contents.metadata),
    )


def _recognize(path: Path, contents: Contents) -> Layout:
    for layout in (KERAS, TUTORIAL_A, TORCHVISION, HUGGINGFACE):
        names = layout.normalized(contents.tensors)
        if not any(layout.block_convolution.fullmatch(name) for name in names):
            continue
        if layout is not KERAS:
            return layout
        if not any(name.endswith("_conv/bias") for name in names):
            return KERAS_V1_5
        return KERAS_APPLICATIONS if contents.format == "legacy-h5" else KERAS
    raise CheckpointError(
        "Not a ResNet: its tensors have names of none of the layouts Keras "
        "(conv2_block1_1_conv/kernel), tutorial A (res2a_branch2a/kernel), torchvision and timm "
        "(layer1.0.conv1.weight), Hugging Face "
        "(resnet.encoder.stages.0.layers.0.layer.0.convolution.weight). Received: {path!r} with "
        "{tensors}.",
        path=str(path),
        tensors=", ".join(list(contents.tensors)[:5]) or Phrase("no tensors"),
    )


def _depth(path: Path, layout: Layout, names: Iterable[str]) -> int:
    """The depth whose stages have as many blocks, and whose blocks as many convolutions."""
    found = [match.groups() for name in names if (match := layout.block_convolution.fullmatch(name))]
    stages = sorted({stage for stage, _, _ in found})
    blocks = tuple(len({block for stage, block, _ in found if stage == s}) for s in stages)
    convolutions = len({convolution for _, _, convolution in found})
    for depth, counts in DEPTHS.items():
        if counts == blocks and convolutions == (2 if depth in BASIC_DEPTHS else 3):
            return depth
    accepted = "; ".join(
        f"{depth}: {list(counts)} of {2 if depth in BASIC_DEPTHS else 3}" for depth, counts in DEPTHS.items()
    )
    raise CheckpointError(
        "No ResNet has these stages. Received: {blocks} blocks of {convolutions} convolutions, in "
        "{path!r}. Accepted: {accepted}.",
        blocks=list(blocks),
        convolutions=convolutions,
        path=str(path),
        accepted=accepted,
    )


def _float32(path: Path, name: str, array: np.ndarray) -> np.ndarray:
    """A contiguous, read-only float32 copy; finite."""
    if array.dtype.kind != "f" and array.dtype != ml_dtypes.bfloat16:
        raise CheckpointError(
            "A checkpoint's tensors are floating-point numbers. Received: {name!r} of type {dtype}, in "
            "{path!r}.",
            name=name,
            dtype=array.dtype,
            path=str(path),
        )
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


def _require_same_network(model: keras.Model, checkpoint: Checkpoint) -> None:
    """Run a model, and our network with its weights, on one batch: they must agree up to their dense layer.

    Names do not tell strides, padding or epsilon, nor a rescaling in front; running it does.
    """
    inputs = model.inputs
    shape = tuple(inputs[0].shape[1:])
    if len(inputs) != 1 or len(shape) != 3 or shape[-1] != 3:
        raise CheckpointError(
            "A ResNet has one input of shape (height, width, 3). Received: {value}, in {path!r}.",
            value=[tuple(i.shape[1:]) for i in inputs],
            path=str(checkpoint.path),
        )
    height, width = shape[0] or 64, shape[1] or 64
    ours = build(checkpoint, input_shape=(height, width, 3))
    batch = np.random.default_rng(0).normal(0, 60, (1, height, width, 3)).astype(np.float32)
    received, expected = (_pooled(network, batch) for network in (model, ours))
    tolerance = 1e-3 * expected.std()
    if received.shape != expected.shape or not np.allclose(received, expected, rtol=1e-3, atol=tolerance):
        raise CheckpointError(
            "The model's layers are named as {ours}'s and compute something else. Received: {path!r}.",
            ours=ours.name,
            path=str(checkpoint.path),
        )


def _pooled(model: keras.Model, batch: np.ndarray) -> np.ndarray:
    """What the dense layer reads: float32 (1, 2048), or (1, 512)."""
    head = next(layer for layer in reversed(model.layers) if isinstance(layer, keras.layers.Dense))
    return np.asarray(keras.Model(model.inputs[0], head.input)(batch, training=False))
