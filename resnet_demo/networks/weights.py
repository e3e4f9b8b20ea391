"""Where weights come from, in which order, and what is known of them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras

from resnet_demo.assets import WEIGHTS
from resnet_demo.errors import CheckpointError, DownloadError, HashMismatchError, WeightsNotFoundError
from resnet_demo.graph import architecture
from resnet_demo.networks import bundle, checkpoints, download
from resnet_demo.networks.checkpoints import Checkpoint
from resnet_demo.networks.described import described
from resnet_demo.networks.labels import Label, imagenet_labels, labels_from_file, make_label, numbered_labels
from resnet_demo.networks.preprocessing import NAMED, Preprocessing, named_or_file
from resnet_demo.networks.settled import Settled, settle

BUNDLE = WEIGHTS / "imagenette.json"
IMAGENET_CLASSES = 1000
OWN_GRAPH = "its own graph"  # the variant of a `.keras` model that is none of ours

# Why these weights, and what was assumed of them; {…} is filled in.
REASONS = {
    "bundled_asked": "Bundled Imagenette weights, as asked for.",
    "bundled_environment": "Bundled Imagenette weights, as RESNET_DEMO_WEIGHTS says.",
    "bundled_fallback": "Bundled Imagenette weights, for want of the official Keras ImageNet file: {error}",
    "official_found": "Official Keras ImageNet weights, found on this machine.",
    "official_downloaded": "Official Keras ImageNet weights, downloaded from {url}.",
    "file_asked": "Weights from the file {file}, as asked for.",
    "file_environment": "Weights from the file {file}, as RESNET_DEMO_WEIGHTS says.",
    "not_official": "It bears the name of Keras' official file, but is another.",
    "own_graph": "Its own graph is used.",
    "imagenet_names": "It brings no class names; those of ImageNet are assumed, since it has 1000 classes.",
    "numbers": "It brings no class names, so its classes are numbers.",
}


@dataclass(frozen=True)
class Reason:
    """One of REASONS, with what fills it in."""

    key: str
    values: dict[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return REASONS[self.key].format(**self.values)


@dataclass(frozen=True)
class Provenance:
    """Which weights were loaded, and why these."""

    name: str
    variant: str
    sha256: str  # of the file's bytes; of the bundled weights, `bundle.Manifest.sha256`
    path: str | None  # the file; of the bundled weights, their manifest
    reasons: tuple[Reason, ...]  # why these weights, what was tried before, and what was assumed
    classes: int

    @property
    def reason(self) -> str:
        """The reasons in English."""
        return " ".join(map(str, self.reasons))


@dataclass(frozen=True)
class Network:
    """A network ready for use: from a preprocessed batch float32 (N, 224, 224, 3) to logits (N, classes)."""

    model: keras.Model
    labels: tuple[Label, ...]
    preprocessing: Settled
    provenance: Provenance


def load(
    weights: str | None = "auto",
    labels: str | Path | None = None,
    progress: download.Progress | None = None,
) -> Network:
    """Load weights and build their network.

    Args:
        weights: "auto" or None: what RESNET_DEMO_WEIGHTS names, a file or one of the words below; without it
            the official Keras ImageNet file from Keras' cache or the Hub's; else its download; else the
            bundled weights. "imagenet": the official file or an error. "bundled": the bundled weights.
            Anything else: that file.
        labels: a file of class names (see `labels_from_file`) instead of those the weights bring along.
        progress: called during a download with (bytes done, bytes in all or None), from another thread;
            without it a terminal shows a bar.

    Raises:
        WeightsNotFoundError: no such file.
        CheckpointError: the file cannot be turned into a whole network.
        ArchitectureError: a `.keras` model of its own kind that cannot be analysed.
        DownloadError: "imagenet" only: the official file is not on this machine and cannot be downloaded.
        HashMismatchError: the same, and a file of that name was refused; or the bundled weights are damaged.
        OptionError: the labels file does not fit.
    """
    choice, asked = weights or "auto", "asked"
    if choice == "auto" and (named := os.environ.get("RESNET_DEMO_WEIGHTS")):
        choice, asked = named, "environment"
    if choice == "bundled":
        return _bundled(labels, Reason(f"bundled_{asked}"))
    if choice not in ("auto", "imagenet"):
        return _file(Path(choice).expanduser(), labels, asked)
    try:
        path, found = _official_file(progress)
    except (DownloadError, HashMismatchError) as error:
        if choice == "imagenet":
            raise
        return _bundled(labels, Reason("bundled_fallback", {"error": str(error)}))
    return _network(
        checkpoints.read(path), labels, "Keras ImageNet", download.digest(path, "sha256"), (found,)
    )


def _official_file(progress: download.Progress | None) -> tuple[Path, Reason]:
    """The official file, from this machine or downloaded, and how it was found; others are refused."""
    official = download.official_resnet50()
    refusals = []
    for path in download.places(official.name):
        try:
            download.require_hash(path, official.md5)
        except HashMismatchError as error:
            refusals.append(str(error))
        else:
            return path, Reason("official_found")
    try:
        downloaded = download.download(official, progress=progress)
        return downloaded, Reason("official_downloaded", {"url": official.url})
    except (DownloadError, HashMismatchError) as error:
        if refusals:
            raise HashMismatchError(" ".join([*refusals, str(error)])) from error
        raise


def _bundled(labels: str | Path | None, reason: Reason) -> Network:
    manifest, tensors = bundle.unpack(BUNDLE)
    checkpoint = Checkpoint(
        path=BUNDLE,
        layout="keras",
        depth=manifest.depth,
        variant=manifest.variant,
        preprocessing=manifest.preprocessing,
        classes=len(manifest.classes),
        tensors=tensors,
        metadata={"classes": json.dumps(manifest.classes)},
    )
    return _network(checkpoint, labels, "bundled Imagenette", manifest.sha256, (reason,))


def _file(path: Path, labels: str | Path | None, asked: str) -> Network:
    if not path.is_file():
        raise WeightsNotFoundError(
            f"There is no such weights file. Received: {str(path)!r}. "
            "Accepted: 'auto', 'imagenet', 'bundled', or a file of weights."
        )
    reasons = [Reason(f"file_{asked}", {"file": path.name})]
    official = download.official_resnet50()
    if path.name == official.name and download.digest(path, "md5") != official.md5:
        reasons.append(Reason("not_official"))
    try:
        checkpoint = checkpoints.read(path)
    except CheckpointError:
        if path.suffix != ".keras":
            raise
        return _own_graph(path, labels, reasons)
    if labels is None and "classes" not in checkpoint.metadata:
        reasons.append(Reason("imagenet_names" if checkpoint.classes == IMAGENET_CLASSES else "numbers"))
    return _network(checkpoint, labels, path.name, download.digest(path, "sha256"), reasons)


def _own_graph(path: Path, labels: str | Path | None, reasons: Sequence[Reason]) -> Network:
    """A `.keras` model that is none of ours, a plain network or shortcut option A, say, used as it is.

    ArchitectureError where it is no chain of blocks between a stem and a dense layer.
    """
    model = checkpoints.read_keras_model(path)
    classes = architecture.read(model).classes
    provenance = Provenance(
        name=path.name,
        variant=OWN_GRAPH,
        sha256=download.digest(path, "sha256"),
        path=str(path),
        reasons=(*reasons, Reason("own_graph")),
        classes=classes,
    )
    named = labels_from_file(labels, classes) if labels is not None else numbered_labels(classes)
    return Network(model, named, provenance.preprocessing, provenance)


def _network(
    checkpoint: Checkpoint, labels: str | Path | None, name: str, sha256: str, reasons: Sequence[Reason]
) -> Network:
    provenance = Provenance(
        name=name,
        variant=checkpoint.variant,
        sha256=sha256,
        path=str(checkpoint.path),
        reasons=tuple(reasons),
        classes=checkpoint.classes,
    )
    # Labels first: a file of names that does not fit is known before the network is built.
    named = _labels(checkpoint, labels)
    return Network(checkpoints.build(checkpoint), named, checkpoint.preprocessing, provenance)


def _labels(checkpoint: Checkpoint, file: str | Path | None) -> tuple[Label, ...]:
    """A label a class: from the user's file, else the weights' own, else ImageNet's if 1000, else numbers."""
    if file is not None:
        return labels_from_file(file, checkpoint.classes)
    if stored := checkpoint.metadata.get("classes"):
        return tuple(make_label(wnid, name) for wnid, name in json.loads(stored))
    if checkpoint.classes == IMAGENET_CLASSES:
        return imagenet_labels()
    return numbered_labels(checkpoint.classes)
