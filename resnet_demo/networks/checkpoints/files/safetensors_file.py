"""`.safetensors`: a JSON header, then the tensors."""

from __future__ import annotations

from pathlib import Path

import ml_dtypes  # noqa: F401  (teaches NumPy bfloat16, which the reader asks it for by name)
from safetensors import SafetensorError, safe_open

from resnet_demo.errors import CheckpointError
from resnet_demo.networks.checkpoints.files.contents import Contents, first_line, not_floating_point

DTYPES = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"}


def read_safetensors(path: Path) -> Contents:
    """Every tensor of a safetensors file, with the header's metadata.

    Raises:
        CheckpointError: the file is damaged, or a tensor has a type NumPy lacks.
    """
    tensors = {}
    try:
        with safe_open(path, framework="numpy") as file:
            for name in file.keys():  # noqa: SIM118  (not a mapping)
                dtype = file.get_slice(name).get_dtype()
                if dtype not in DTYPES:
                    raise not_floating_point(path, name, dtype)
                tensors[name] = file.get_tensor(name)
            metadata = dict(file.metadata() or {})
    except SafetensorError as error:
        raise CheckpointError(
            "The safetensors file is damaged ({reason}). Received: {path!r}.",
            reason=first_line(error),
            path=str(path),
        ) from error
    return Contents("safetensors", tensors, metadata)
