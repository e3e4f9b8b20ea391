"""`.pth`, `.pt`, `.bin`: PyTorch's pickles, read without running their code."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np

from resnet_demo.errors import CheckpointError
from resnet_demo.networks.checkpoints.files.contents import Contents

# What torch.load raises for damaged files, depending on where they are damaged.
DAMAGED = (RuntimeError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError)


def read_torch(path: Path) -> Contents:
    """Every tensor of a state dict, or of the state dict inside a training checkpoint.

    Raises:
        CheckpointError: PyTorch is not installed; the pickle wants to run code; damaged, or no state dict.
    """
    try:
        import torch
    except ImportError as error:
        raise CheckpointError(
            "Only PyTorch can read its pickles: either `pip install torch`, or, where PyTorch is "
            "installed, `safetensors.torch.save_file(model.state_dict(), 'model.safetensors')`, and "
            "give that file. Received: {path!r}.",
            path=str(path),
        ) from error
    if _is_torchscript(path):
        raise CheckpointError(
            "This is a TorchScript archive, which is code; save the state dict alone, with "
            "`torch.save(model.state_dict(), path)`. Received: {path!r}.",
            path=str(path),
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise _refusal(str(error), path) from error
    except DAMAGED as error:
        raise CheckpointError("The PyTorch file is damaged. Received: {path!r}.", path=str(path)) from error
    tensors = {name: _to_numpy(value) for name, value in _named(state, torch.Tensor)}
    if not tensors:
        raise CheckpointError(
            "A PyTorch checkpoint is a state dict. Received: an object of type {kind}, in {path!r}.",
            kind=type(state).__name__,
            path=str(path),
        )
    return Contents("torch", tensors, {})


def _named(state: Any, kind: type) -> Iterator[tuple[str, Any]]:
    """Every tensor in nested dicts, under all its keys: "model.module.conv1.weight".

    What stands under numbers, as in an optimizer's state, is no network's.
    """
    if not isinstance(state, dict):
        return
    for key, value in state.items():
        if not isinstance(key, str):
            continue
        if isinstance(value, kind):
            yield key, value
        for name, tensor in _named(value, kind):
            yield f"{key}.{name}", tensor


def _to_numpy(tensor: Any) -> np.ndarray:
    if tensor.is_floating_point():  # bfloat16 included, which NumPy lacks
        tensor = tensor.float()
    array: np.ndarray = tensor.detach().numpy()
    return array


def _is_torchscript(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def _refusal(message: str, path: Path) -> CheckpointError:
    wanted = re.search(r"Unsupported (?:global|class|operand)\S*:? (?:GLOBAL )?(\S+)", message)
    if wanted is None:
        return CheckpointError("The PyTorch pickle is damaged. Received: {path!r}.", path=str(path))
    return CheckpointError(
        "The pickle wants to run code ({code}), which is refused; save the state dict alone, with "
        "`torch.save(model.state_dict(), path)`, or as safetensors. Received: {path!r}.",
        code=wanted[1],
        path=str(path),
    )
