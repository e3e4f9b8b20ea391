"""What a user calls weights, a file, a folder or a repository of the Hub -> the file to read."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from resnet_demo.errors import DownloadError, WeightsNotFoundError
from resnet_demo.networks import download
from resnet_demo.networks.checkpoints.files.contents import first_line
from resnet_demo.networks.checkpoints.files.folders import INDEX, shards, weights_in

HUB = "hf://"
# One format after the other, so that no weights are fetched twice.
HUB_PATTERNS = (("*.safetensors",), ("*.bin", "*.pth", "*.pt"), ("*.keras", "*.h5"))


def locate(source: str | Path) -> Path:
    """The file of weights that `source` means.

    Args:
        source: a file; a folder with one network's weights, whole or in shards with an index; or "hf://org/name",
            with "@revision" at its end or without: a repository of the Hugging Face Hub, from this machine's cache
            where it is there and the Hub cannot be asked, else downloaded.

    Raises:
        WeightsNotFoundError: no such file, nothing in the folder, or no such repository.
        CheckpointError: the folder holds several networks.
        DownloadError: the Hub cannot be reached, and the cache does not have it.
    """
    if str(source).startswith(HUB):
        return weights_in(_from_hub(str(source)))
    path = Path(source).expanduser()
    if path.is_dir():
        return weights_in(path)
    if not path.is_file():
        raise WeightsNotFoundError(
            "There is no such weights file. Received: {source!r}. Accepted: 'auto', 'bundled', 'resnet50', "
            "'resnet101', 'resnet152', 'resnet50v2', 'resnet101v2', 'resnet152v2', a file of weights, a folder "
            "with one, or 'hf://org/name' for a repository of the "
            "Hugging Face Hub.",
            source=str(source),
        )
    return path


def sha256(path: Path) -> str:
    """A file's SHA-256; of an index, that of its shards' bytes one after another."""
    if not path.name.endswith(INDEX):
        return download.digest(path, "sha256")
    found = hashlib.sha256()
    for shard in shards(path):
        with shard.open("rb") as file:
            while part := file.read(2**20):
                found.update(part)
    return found.hexdigest()


def _from_hub(source: str) -> Path:
    """The folder of a repository, its weights and JSON in it."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    match = re.fullmatch(r"hf://([\w.-]+/[\w.-]+)(?:@([\w./-]+))?/?", source)
    if match is None:
        raise WeightsNotFoundError(
            "A repository of the Hub is written 'hf://org/name' or 'hf://org/name@revision'. Received: "
            "{source!r}.",
            source=source,
        )
    repository, revision = match.groups()
    try:
        for patterns in HUB_PATTERNS:
            folder = Path(
                snapshot_download(repository, revision=revision, allow_patterns=["*.json", *patterns])
            )
            if any(found.is_file() for pattern in patterns for found in folder.glob(pattern)):
                return folder
    except GatedRepoError as error:
        raise DownloadError(
            "This repository asks for an account that was let in; `hf auth login`, then again. Received: "
            "{source!r}.",
            source=source,
        ) from error
    except (RepositoryNotFoundError, RevisionNotFoundError, HFValidationError) as error:
        raise WeightsNotFoundError(
            "The Hugging Face Hub has no such repository or revision, or not for everyone. Received: "
            "{source!r}.",
            source=source,
        ) from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise DownloadError(
            "The Hugging Face Hub cannot be reached ({reason}), and this machine's cache does not have "
            "the repository. Received: {source!r}. Accepted: a folder of it that is on this machine.",
            reason=first_line(error),
            source=source,
        ) from error
    return folder
