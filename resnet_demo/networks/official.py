"""Keras' official ImageNet weights: which there are, and how one is had, from this machine or downloaded."""

from __future__ import annotations

import os
from pathlib import Path

# Keras does not export these two; a copy of them here could disagree with the Keras that is installed.
from keras.src.applications.resnet import BASE_WEIGHTS_PATH, WEIGHTS_HASHES

from resnet_demo.errors import DownloadError, HashMismatchError, ResNetDemoError
from resnet_demo.networks import download
from resnet_demo.networks.download import Progress, RemoteFile
from resnet_demo.networks.preprocessing import NAMED, Preprocessing
from resnet_demo.networks.reasons import Reason

# By what `--weights` calls them: what the function of `keras.applications` is called.
TITLES = {
    "resnet50": "ResNet50",
    "resnet101": "ResNet101",
    "resnet152": "ResNet152",
    "resnet50v2": "ResNet50V2",
    "resnet101v2": "ResNet101V2",
    "resnet152v2": "ResNet152V2",
}


def title(name: str) -> str:
    """What the weights are called: "Keras ResNet101V2 ImageNet"."""
    return f"Keras {TITLES[name]} ImageNet"


def preprocessing_of(name: str) -> Preprocessing:
    """What the network of this name was trained to eat."""
    return NAMED["tf" if name.endswith("v2") else "caffe"]


def remote_file(name: str) -> RemoteFile:
    """Keras' own file of this network, with its classifier; RESNET_DEMO_WEIGHTS_URL names a mirror of its folder."""
    file = f"{name}_weights_tf_dim_ordering_tf_kernels.h5"
    base = os.environ.get("RESNET_DEMO_WEIGHTS_URL") or BASE_WEIGHTS_PATH
    return RemoteFile(file, f"{base.rstrip('/')}/{file}", md5=WEIGHTS_HASHES[name][0])


def obtain(
    name: str, progress: Progress | None = None, answer_seconds: float = download.ANSWER_SECONDS
) -> tuple[Path, Reason]:
    """The official file, from this machine or downloaded, and how it was found; others of its name are refused.

    Args:
        name: one of `TITLES`.
        progress, answer_seconds: as `download.download`.

    Raises:
        DownloadError: it is not on this machine and cannot be downloaded.
        HashMismatchError: the same, and a file of that name was refused.
    """
    official = remote_file(name)
    refusals = []
    for path in download.local_copies(official.name):
        try:
            download.require_hash(path, official.md5)
        except HashMismatchError as error:
            refusals.append(error)
        else:
            return path, Reason("official_found")
    try:
        downloaded = download.download(official, progress=progress, answer_seconds=answer_seconds)
        return downloaded, Reason("official_downloaded", {"url": official.url})
    except (DownloadError, HashMismatchError) as error:
        raised: ResNetDemoError = error
        for refused in reversed(refusals):
            raised = HashMismatchError("{refused} {error}", refused=refused, error=raised)
        raise raised from error
