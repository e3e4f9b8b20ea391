"""What every format takes, a file, and gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from resnet_demo.errors import CheckpointError, WeightsNotFoundError

CheckpointFormat = Literal["safetensors", "torch", "legacy-h5", "weights-h5", "keras"]
LONGEST_REASON = 160  # characters of another library's message


@dataclass(frozen=True, eq=False)
class Contents:
    """A file's tensors under their own names, and its metadata.

    HDF5 files name variables in many ways or not at all; theirs are given as "layer/variable", by order.
    """

    format: CheckpointFormat
    tensors: dict[str, np.ndarray]
    metadata: dict[str, str]


def not_floating_point(path: Path, name: str, dtype: object) -> CheckpointError:
    """What is raised for a tensor of another type."""
    return CheckpointError(
        "A checkpoint's tensors are floating-point numbers. Received: {name!r} of type {dtype}, in {path!r}. "
        "Accepted: the network before it was quantized, in 16 to 64 bits.",
        name=name,
        dtype=dtype,
        path=str(path),
    )


def require_file(path: Path) -> None:
    """WeightsNotFoundError unless `path` is a file."""
    if not path.is_file():
        raise WeightsNotFoundError(
            "There is no such weights file. Received: {path!r}. Accepted: the path of a file.",
            path=str(path),
        )


def first_line(error: BaseException) -> str:
    """What another library says, cut to one line."""
    line = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return line if len(line) <= LONGEST_REASON else line[:LONGEST_REASON] + " …"
