"""A folder of Hugging Face or timm, or of one's own: which file in it holds the weights, and what stands beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from resnet_demo.errors import CheckpointError, Phrase, WeightsNotFoundError

INDEX = ".index.json"
# In this order: safetensors hold no code, `.keras` a graph; the same weights often lie beside in other formats.
ENDINGS = (".safetensors", ".keras", ".bin", ".pth", ".pt", ".weights.h5", ".h5")
BESIDE = ("config.json", "preprocessor_config.json")
LARGEST_JSON = 4 * 2**20  # bytes; 1000 classes take 0.1 MB


def weights_in(folder: Path) -> Path:
    """The one file of weights in a folder, or the index of its shards.

    Raises:
        WeightsNotFoundError: there is none.
        CheckpointError: there are several, or what the folder is can be told to be something else.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    names = {path.name for path in files}
    for ending in ENDINGS:
        indices = [path for path in files if path.name.endswith(ending + INDEX)]
        whole = [path for path in files if path.name.endswith(ending) and path.name != "training_args.bin"]
        preferred = [path for path in whole if path.name in ("model.safetensors", "pytorch_model.bin")]
        found = preferred or indices or whole
        if len(found) == 1:
            return found[0]
        if found:
            raise CheckpointError(
                "A folder of weights holds one network. Received: {folder!r} with {files}. Accepted: one "
                "of these files, by its own name.",
                folder=str(folder),
                files=", ".join(path.name for path in found[:5]),
            )
    if "saved_model.pb" in names:
        raise CheckpointError(
            "A TensorFlow SavedModel is a graph of code; in the program that has it, "
            "`model.save('model.keras')` writes what can be read. Received: {folder!r}.",
            folder=str(folder),
        )
    raise WeightsNotFoundError(
        "There is no such weights file: in the folder lies none that ends in {endings}. Received: "
        "{folder!r} with {names}.",
        endings=", ".join(ENDINGS),
        folder=str(folder),
        names=", ".join(sorted(names)[:5]) or Phrase("no files"),
    )


def shards(index: Path) -> list[Path]:
    """The files that an index, `model.safetensors.index.json`, says to read together.

    Raises:
        CheckpointError: the index is damaged, or names a file that is missing or not beside it.
    """
    weight_map = read_json(index).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise CheckpointError(
            "An index of shards says under `weight_map` which file holds which tensor. Received: {index!r}.",
            index=str(index),
        )
    paths = [
        index.with_name(str(name))
        for name in sorted(set(map(str, weight_map.values())))
        if Path(name).name == name
    ]
    missing = sorted(set(map(str, weight_map.values())) - {path.name for path in paths if path.is_file()})
    if missing:
        raise CheckpointError(
            "{count_of_missing} of the files that the index names are not beside it: {missing}. "
            "Received: {index!r}.",
            count_of_missing=len(missing),
            missing=", ".join(missing[:5]),
            index=str(index),
        )
    return paths


def beside(path: Path) -> dict[str, str]:
    """The texts of `config.json` and `preprocessor_config.json` in the file's folder, where they are a network's.

    Raises:
        CheckpointError: one of them is damaged.
    """
    found = {}
    for name in BESIDE:
        if (neighbour := path.with_name(name)).is_file():
            found[name] = json.dumps(read_json(neighbour), ensure_ascii=False)
    return found


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; CheckpointError for anything else."""
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ValueError("too large")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            "The configuration beside the weights is damaged. Received: {config!r}.", config=str(path)
        ) from error
    if not isinstance(found, dict):
        raise CheckpointError(
            "The configuration beside the weights is a JSON object. Received: {path!r}.", path=str(path)
        )
    return found
