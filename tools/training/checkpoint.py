"""Everything a run needs to go on, in one file: weights, average, momenta, and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from resnet_demo.errors import CheckpointError, OptionError
from resnet_demo.networks.checkpoints.files.safetensors_file import read_safetensors
from training.learning import Learner
from training.progress import Progress
from training.writing import save_whole


def save(path: Path, learner: Learner, progress: Progress, run: Mapping[str, Any]) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        path: ends in ".safetensors".
        learner: whose variables to keep.
        progress: how far it has come.
        run: what it must be the same as when the run goes on; JSON can hold it.
    """
    tensors = {name: variable.numpy() for name, variable in learner.variables().items()}
    save_whole(tensors, {"progress": json.dumps(asdict(progress)), "run": json.dumps(run)}, path)


def restore(path: Path, learner: Learner, run: Mapping[str, Any]) -> Progress:
    """Give a learner all it had when the checkpoint was written, and return how far it had come.

    Raises:
        OptionError: the checkpoint is of another run; the first difference is named.
        CheckpointError: the file is damaged, or no checkpoint of this program.
    """
    contents = read_safetensors(path)
    if not {"progress", "run"} <= contents.metadata.keys():
        raise CheckpointError(
            f"The file is no checkpoint of a training run. Received: {str(path)!r}. "
            "Accepted: one that this program wrote, or none, to begin anew."
        )
    before = json.loads(contents.metadata["run"])
    for key, value in json.loads(json.dumps(run)).items():
        if before.get(key) != value:
            raise OptionError(
                f"A run goes on with the options and photos it began with. Received: {key}={value!r}, "
                f"where the checkpoint {str(path)!r} has {before.get(key)!r}."
            )
    variables = learner.variables()
    shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
    if shapes != {name: tensor.shape for name, tensor in contents.tensors.items()}:
        raise CheckpointError(f"The checkpoint's tensors are not this network's. Received: {str(path)!r}.")
    for name, variable in variables.items():
        variable.assign(np.asarray(contents.tensors[name]))
    return Progress(**json.loads(contents.metadata["progress"]))
