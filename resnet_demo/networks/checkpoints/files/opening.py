"""Which format a file has, by its first bytes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from resnet_demo.errors import CheckpointError
from resnet_demo.networks.checkpoints.files.contents import Contents, require_file
from resnet_demo.networks.checkpoints.files.hdf5 import read_hdf5
from resnet_demo.networks.checkpoints.files.safetensors_file import read_safetensors
from resnet_demo.networks.checkpoints.files.torch_file import read_torch


def read_contents(path: Path) -> Contents:
    """The tensors of any weights file (a `.keras` model is not one).

    Raises:
        WeightsNotFoundError: no such file.
        CheckpointError: none of the formats, or damaged.
    """
    require_file(path)
    with path.open("rb") as file:
        start = file.read(9)
    if start.startswith(b"\x89HDF"):
        return read_hdf5(path)
    if start.startswith(b"PK") and not zipfile.is_zipfile(path):
        raise CheckpointError(
            "The archive is damaged or cut off. Received: {path!r}.",
            path=str(path),
        )
    if start.startswith((b"PK", b"\x80")):  # zip, or a pickle by itself as PyTorch before 1.6 wrote it
        return read_torch(path)
    if start[8:] == b"{":  # after the header's length
        return read_safetensors(path)
    raise CheckpointError(
        "The file has none of the formats .safetensors, .h5, .weights.h5, .keras, .pth, .pt and "
        ".bin. Received: {path!r}, which begins with {start!r}.",
        path=str(path),
        start=start,
    )
