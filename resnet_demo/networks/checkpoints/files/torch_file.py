"""`.pth`, `.pt`, `.bin`: PyTorch's pickles, read without running their code."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np

from resnet_demo.errors import CheckpointError
from resnet_demo.networks.checkpoints.files.contents import Contents

# Where training scripts put the network's tensors.
WRAPPING_KEYS = ("state_dict", "model_state_dict", "model")
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
            "Only PyTorch can read its pickles: either `pip install torch`, or, where PyTorch is installed, "
            "`safetensors.torch.save_file(model.state_dict(), 'model.safetensors')`, and give that file. "
            f"Received: {str(path)!r}."
        ) from error
    if _is_torchscript(path):
        raise CheckpointError(
            "This is a TorchScript archive, which is code; save the state dict alone, with "
            f"`torch.save(model.state_dict(), path)`. Received: {str(path)!r}."
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise CheckpointError(_refusal(str(error), path)) from error
    except DAMAGED as error:
        raise CheckpointError(f"The PyTorch file is damaged. Received: {str(path)!r}.") from error
    tensors = {}
    for name, value in _unwrapped(state, path).items():
        if not isinstance(value, torch.Tensor):
            raise CheckpointError(
                "A state dict holds tensors under their names. "
                f"Received: {name!r}, of type {type(value).__name__}, in {str(path)!r}."
            )
        tensors[str(name)] = _to_numpy(value)
    return Contents("torch", tensors, {})


def _to_numpy(tensor: Any) -> np.ndarray:
    if tensor.is_floating_point():  # bfloat16 included, which NumPy lacks
        tensor = tensor.float()
    return tensor.detach().numpy()


def _unwrapped(state: Any, path: Path) -> dict[Any, Any]:
    for key in WRAPPING_KEYS:
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            return state[key]
    if isinstance(state, dict):
        return state
    raise CheckpointError(
        "A PyTorch checkpoint is a state dict. "
        f"Received: an object of type {type(state).__name__}, in {str(path)!r}."
    )


def _is_torchscript(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def _refusal(message: str, path: Path) -> str:
    wanted = re.search(r"Unsupported (?:global|class|operand)\S*:? (?:GLOBAL )?(\S+)", message)
    if wanted is None:
        return f"The PyTorch pickle is damaged. Received: {str(path)!r}."
    return (
        f"The pickle wants to run code ({wanted[1]}), which is refused; save the state dict alone, with "
        f"`torch.save(model.state_dict(), path)`, or as safetensors. Received: {str(path)!r}."
    )
