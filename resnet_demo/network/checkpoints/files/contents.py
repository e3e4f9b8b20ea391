"""What every format gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Format = Literal["safetensors", "torch", "legacy-h5", "weights-h5", "keras"]


@dataclass(frozen=True, eq=False)
class Contents:
    """A file's tensors under their own names, and its metadata.

    HDF5 files name variables in many ways or not at all; theirs are given as "layer/variable", by order.
    """

    format: Format
    tensors: dict[str, np.ndarray]
    metadata: dict[str, str]
