"""`.h5` and `.weights.h5`: HDF5 as Keras 1 to 3 write it.

    legacy-h5     root attribute `layer_names`, one group a layer, each with an attribute `weight_names`
    weights-h5    groups `layers/conv2d_17/vars` with datasets "0", "1", …, and, in files of newer versions
                  of Keras 3, the layer's own name as an attribute of `vars`; of a model inside the model,
                  `layers/functional/layers/…`. Some versions of Keras 2 write another word than `layers`

Names of variables changed with every version (`_W_1:0`, `_running_std_1:0`, `/kernel:0`, `0`); their order
never did, and `running_std` always held the variance. So they are named here by their order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import h5py
import keras

from resnet_demo.errors import CheckpointError, Phrase
from resnet_demo.networks import resnet_v2
from resnet_demo.networks.checkpoints.files.contents import CheckpointFormat, Contents, first_line
from resnet_demo.networks.checkpoints.variables import BATCH_NORM_VARIABLES, units
from resnet_demo.networks.geometry import DEPTHS, standard

RECORD = "resnet_demo"  # the dataset with `convert`'s metadata, as JSON; Keras does not look at it
CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
LARGEST = 2**31  # bytes, all tensors; a ResNet-152 has 2.4e8, and a few bytes of HDF5 can declare terabytes


def read_hdf5(path: Path) -> Contents:
    """Every variable of an HDF5 weights file as "layer/variable".

    Raises:
        CheckpointError: damaged, not written by Keras, or reaching outside itself.
    """
    try:
        with h5py.File(path, "r") as file:
            return _read(file, path)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise CheckpointError(
            "The HDF5 file is damaged ({reason}). Received: {path!r}.",
            reason=first_line(error),
            path=str(path),
        ) from error


def _read(file: h5py.File, path: Path) -> Contents:
    # `model.save("x.h5")` keeps the weights in a group of their own, beside the optimizer's.
    root = _member(file, "model_weights", h5py.Group) if "model_weights" in file else file
    if "layer_names" in root.attrs or "layer_names0" in root.attrs:
        kind: CheckpointFormat = "legacy-h5"
        layers = _legacy_layers(root)
    elif inside := _container(file):
        kind = "weights-h5"
        layers = _numbered_layers(inside)
    else:
        raise CheckpointError(
            "A Keras weights file has the attribute `layer_names` or the group `layers`. Received: "
            "{path!r} with {file}.",
            path=str(path),
            file=", ".join(file) or Phrase("nothing"),
        )
    datasets = {
        f"{layer}/{variable}": dataset
        for layer, found in layers.items()
        for variable, dataset in zip(_variables(found), found, strict=True)
    }
    if (size := sum(dataset.nbytes for dataset in datasets.values())) > LARGEST:
        raise CheckpointError(
            "A ResNet's tensors take less than {largest} bytes. Received: {size}, in {path!r}.",
            largest=LARGEST,
            size=size,
            path=str(path),
        )
    return Contents(kind, {name: dataset[()] for name, dataset in datasets.items()}, _record(file))


def _legacy_layers(root: h5py.Group) -> dict[str, list[h5py.Dataset]]:
    layers: dict[str, list[h5py.Dataset]] = {}
    for layer in _names(root, "layer_names"):
        group = _member(root, layer, h5py.Group)
        weights = _names(group, "weight_names")
        # A model inside the model is one layer here, its weights called "conv1_conv/kernel:0".
        parents = [weight.rpartition("/")[0].rpartition("/")[2] for weight in weights]
        inside = len(set(parents)) > 1
        for weight, parent in zip(weights, parents, strict=True):
            name = f"{layer}/{parent}" if inside else layer
            layers.setdefault(name, []).append(_member(group, weight, h5py.Dataset))
    return layers


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """A list of names; past HDF5's 64 KB, Keras cuts it into `attribute0`, `attribute1`, …."""
    names = list(group.attrs.get(attribute, ()))
    part = 0
    while f"{attribute}{part}" in group.attrs:
        names += list(group.attrs[f"{attribute}{part}"])
        part += 1
    return [name.decode() if isinstance(name, bytes) else str(name) for name in names]


def _container(group: h5py.Group) -> h5py.Group | None:
    """The layers of a model or of a model inside it."""
    name = next((name for name in CONTAINERS if name in group), None)
    return _member(group, name, h5py.Group) if name else None


def _numbered_layers(root: h5py.Group) -> dict[str, list[h5py.Dataset]]:
    groups: dict[str, h5py.Group] = {}
    layers: dict[str, list[h5py.Dataset]] = {}
    for name in sorted(root, key=_number):
        layer = _member(root, name, h5py.Group)
        if "vars" in layer and len(found := _member(layer, "vars", h5py.Group)):
            groups[name] = found
        if inside := _container(layer):
            layers |= {f"{name}/{inner}": found for inner, found in _numbered_layers(inside).items()}
    own_names = {name: str(found.attrs["name"]) for name, found in groups.items() if "name" in found.attrs}
    if not own_names:
        own_names = names_by_order(list(groups))
    return layers | {
        own_names.get(name, name): [_member(found, key, h5py.Dataset) for key in sorted(found, key=int)]
        for name, found in groups.items()
    }


def names_by_order(groups: Sequence[str]) -> dict[str, str]:
    """Names for a file without them: convolutions and BatchNorms are numbered in the Keras graph's order."""
    convolutions = [name for name in groups if re.fullmatch(r"conv2d(_\d+)?", name)]
    batch_norms = [name for name in groups if re.fullmatch(r"batch_normalization(_\d+)?", name)]
    for depth in DEPTHS:
        order = [unit.name for unit in units(standard(depth))]
        if len(order) == len(convolutions) == len(batch_norms):
            return {
                **{group: f"{name}_conv" for group, name in zip(convolutions, order, strict=True)},
                **{group: f"{name}_bn" for group, name in zip(batch_norms, order, strict=True)},
            }
    for depth in resnet_v2.DEPTHS:
        if len(convolutions) == 3 * sum(DEPTHS[depth]) + 5 and len(batch_norms) == len(convolutions) - 4:
            model = resnet_v2.backbone(depth)
            kinds = ((convolutions, keras.layers.Conv2D), (batch_norms, keras.layers.BatchNormalization))
            return {
                group: name
                for groups, kind in kinds
                for group, name in zip(
                    groups, (la.name for la in model.layers if isinstance(la, kind)), strict=True
                )
            }
    return {}


def _number(name: str) -> tuple[str, int]:
    kind, number = re.fullmatch(r"(.*?)(?:_(\d+))?", name).groups()  # type: ignore[union-attr]
    return kind, int(number or 0)


def _variables(datasets: Sequence[h5py.Dataset]) -> Sequence[str]:
    """The variables of one layer by their order: kernel, bias, or gamma, beta, mean, variance."""
    if datasets[0].ndim > 1 and len(datasets) <= 2:
        return ("kernel", "bias")[: len(datasets)]
    if len(datasets) == 4:
        return BATCH_NORM_VARIABLES
    # No layer of a ResNet has these; `read` will name them as too many.
    return [f"variable {i}" for i in range(len(datasets))]


def _member(group: h5py.Group, path: str, kind: type) -> h5py.Group | h5py.Dataset:
    """A member of this very file: links and external storage could show other files of this machine."""
    for part in path.split("/"):
        if not isinstance(group.get(part, getlink=True), h5py.HardLink):
            raise KeyError(f"{path} is missing, or a link")
        group = group[part]
    if not isinstance(group, kind) or getattr(group, "external", None) or getattr(group, "is_virtual", False):
        raise ValueError(f"{path} is no plain {kind.__name__.lower()}")
    return group


def _record(file: h5py.File) -> dict[str, str]:
    if RECORD not in file:
        return {}
    dataset = _member(file, RECORD, h5py.Dataset)
    return {str(key): str(value) for key, value in json.loads(dataset.asstr()[()]).items()}


def write_record(path: Path, metadata: dict[str, str]) -> None:
    """Add metadata to a `.weights.h5` by Keras; not as an attribute, which may not exceed 64 KB."""
    with h5py.File(path, "a") as file:
        file.create_dataset(RECORD, data=json.dumps(metadata, ensure_ascii=False), dtype=h5py.string_dtype())
