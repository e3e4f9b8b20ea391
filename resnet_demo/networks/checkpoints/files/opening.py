"""Which format a file has, by its first bytes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from resnet_demo.errors import CheckpointError
from resnet_demo.networks.checkpoints import strangers
from resnet_demo.networks.checkpoints.files.contents import Contents, require_file
from resnet_demo.networks.checkpoints.files.folders import INDEX, beside, shards
from resnet_demo.networks.checkpoints.files.hdf5 import read_hdf5
from resnet_demo.networks.checkpoints.files.safetensors_file import read_safetensors
from resnet_demo.networks.checkpoints.files.torch_file import read_torch


def read_contents(path: Path) -> Contents:
    """The tensors of any weights file, or of all shards of an index (a `.keras` model is neither).

    The metadata of safetensors and PyTorch's files has under "config.json" and "preprocessor_config.json" the texts of
    these files, where they lie beside.

    Raises:
        WeightsNotFoundError: no such file.
        CheckpointError: none of the formats, or damaged.
    """
    require_file(path)
    parts = [_read(part) for part in (shards(path) if path.name.endswith(INDEX) else [path])]
    tensors = {name: tensor for part in parts for name, tensor in part.tensors.items()}
    metadata = {key: value for part in parts for key, value in part.metadata.items()}
    if parts[0].format in ("safetensors", "torch"):
        metadata = beside(path) | metadata
    return Contents(parts[0].format, tensors, metadata)


def _read(path: Path) -> Contents:
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"\x89HDF"):
        return read_hdf5(path)
    if start.startswith(b"PK") and not zipfile.is_zipfile(path):
        raise CheckpointError(
            "The archive is damaged or cut off. Received: {path!r}.",
            path=str(path),
        )
    if start.startswith((b"PK", b"\x80")):  # zip, or a pickle by itself as PyTorch before 1.6 wrote it
        return read_torch(path)
    if start[8:9] == b"{":  # after the header's length
        return read_safetensors(path)
    if what := strangers.of_bytes(start):
        raise CheckpointError(
            "The file has none of the formats .safetensors, .h5, .weights.h5, .keras, .pth, .pt and "
            ".bin. Received: "
            "{path!r}, which is {what}.",
            path=str(path),
            what=what,
        )
    raise CheckpointError(
        "The file has none of the formats .safetensors, .h5, .weights.h5, .keras, .pth, .pt and .bin. "
        "Received: "
        "{path!r}, which begins with {start!r}.",
        path=str(path),
        start=start[:9],
    )
