"""Where weights come from, in which order, and what is known of them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from resnet_demo.assets import WEIGHTS
from resnet_demo.errors import (
    DownloadError,
    HashMismatchError,
    ResNetDemoError,
)
from resnet_demo.graph.flat import flatten
from resnet_demo.networks import bundle, checkpoints, download
from resnet_demo.networks.checkpoints import OWN_GRAPH as OWN_GRAPH
from resnet_demo.networks.checkpoints import Checkpoint
from resnet_demo.networks.checkpoints.reading import LEFT_OUT
from resnet_demo.networks.described import stated_labels, stated_preprocessing
from resnet_demo.networks.labels import Label, imagenet_labels, labels_from_file, make_label, numbered_labels
from resnet_demo.networks.preprocessing import NAMED, named_or_file
from resnet_demo.networks.reasons import Reason
from resnet_demo.networks.settled import Settled, Statement, settle

BUNDLE = WEIGHTS / "imagenette.json"
IMAGENET_CLASSES = 1000
OPEN_SIZE = (224, 224)  # of the photo, where nothing says another
IMPATIENT = 1.0  # seconds for the official file's server to answer, where bundled weights can stand in for it


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

    @property
    def warnings(self) -> tuple[Reason, ...]:
        """What looks wrong about it."""
        return self.preprocessing.warnings


@dataclass(frozen=True)
class Told:
    """What the user says of the weights, whichever they are."""

    labels: str | Path | None = None
    preprocessing: Statement | None = None
    size: tuple[int, int] | None = None


def load(
    weights: str | None = "auto",
    labels: str | Path | None = None,
    progress: download.Progress | None = None,
    preprocessing: str | None = None,
    size: tuple[int, int] | None = None,
) -> Network:
    """Load weights and build their network.

    Args:
        weights: "auto" or None: what RESNET_DEMO_WEIGHTS names, a file or one of the words below; without it
            the official Keras ImageNet file from Keras' cache or the Hub's; else its download; else the
            bundled weights. "imagenet": the official file or an error. "bundled": the bundled weights.
            Anything else: that file, a folder with one, or "hf://org/name" (see `checkpoints.locate`).
        labels: a file of class names (see `labels_from_file`) instead of those the weights bring along.
        progress: called during a download with (bytes done, bytes in all or None), from another thread;
            without it a terminal shows a bar.
        preprocessing: what the network eats, where the user knows: a name of `preprocessing.NAMED` or a JSON file;
            None: what RESNET_DEMO_PREPROCESSING says, else it is found out (see `settled.settle`).
        size: (height, width) of the photo for a network that leaves it open, as weights alone do; None: what the
            metadata says, else (224, 224).

    Raises:
        WeightsNotFoundError: no such file.
        CheckpointError: the file cannot be turned into a whole network.
        ArchitectureError: a `.keras` model of its own kind that cannot be analysed; a size it does not take.
        DownloadError: "imagenet" only: the official file is not on this machine and cannot be downloaded.
        HashMismatchError: the same, and a file of that name was refused; or the bundled weights are damaged.
        OptionError: the labels file does not fit; no such preprocessing.
    """
    told = Told(labels, _told_preprocessing(preprocessing), size)
    choice, asked = weights or "auto", "asked"
    if choice == "auto" and (named := os.environ.get("RESNET_DEMO_WEIGHTS")):
        choice, asked = named, "environment"
    if choice == "bundled":
        return _bundled(told, Reason(f"bundled_{asked}"))
    if choice not in ("auto", "imagenet"):
        return _file(choice, told, asked)
    try:
        patience = IMPATIENT if choice == "auto" else download.ANSWER_SECONDS
        path, found = _official_file(progress, patience)
    except (DownloadError, HashMismatchError) as error:
        if choice == "imagenet":
            raise
        return _bundled(told, Reason("bundled_fallback", {"error": str(error)}))
    return _network(
        checkpoints.read(path),
        told,
        "Keras ImageNet",
        download.digest(path, "sha256"),
        (found,),
        Statement(NAMED["caffe"], ""),
    )


def _told_preprocessing(option: str | None) -> Statement | None:
    """What the option says, or the environment."""
    environment = os.environ.get("RESNET_DEMO_PREPROCESSING")
    if option or environment:
        origin = "--preprocessing" if option else "RESNET_DEMO_PREPROCESSING"
        return Statement(named_or_file(option or environment or ""), origin)
    return None


def _official_file(progress: download.Progress | None, answer_seconds: float) -> tuple[Path, Reason]:
    """The official file, from this machine or downloaded, and how it was found; others are refused."""
    official = download.official_resnet50()
    refusals = []
    for path in download.places(official.name):
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
        told: ResNetDemoError = error
        for refused in reversed(refusals):
            told = HashMismatchError("{refused} {error}", refused=refused, error=told)
        raise told from error


def _bundled(told: Told, reason: Reason) -> Network:
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
    described = Statement(NAMED[manifest.preprocessing], "")
    return _network(checkpoint, told, "bundled Imagenette", manifest.sha256, (reason,), described)


def _file(choice: str, told: Told, asked: str) -> Network:
    path = checkpoints.locate(choice)
    name = path.name if Path(choice).expanduser() == path else choice  # of a folder or repository, that
    reasons = [Reason(f"file_{asked}", {"file": name})]
    official = download.official_resnet50()
    if path.name == official.name and download.digest(path, "md5") != official.md5:
        reasons.append(Reason("not_official"))
    checkpoint = checkpoints.read(path)
    if checkpoint.variant == OWN_GRAPH:
        reasons.append(Reason("own_graph"))
    if left_out := checkpoint.metadata.get(LEFT_OUT):
        reasons.append(Reason("left_out", {"names": left_out}))
    return _network(checkpoint, told, name, checkpoints.sha256(path), reasons)


def _network(
    checkpoint: Checkpoint,
    told: Told,
    name: str,
    sha256: str,
    reasons: Sequence[Reason],
    known: Statement | None = None,
) -> Network:
    """The network of a checkpoint; `known` is what is known of weights of ours or of Keras."""
    # What is written first: a file of names that does not fit is known before the network is built.
    named, about_names = _labels(checkpoint.path, checkpoint.metadata, checkpoint.classes, told.labels)
    if known:
        about_names = ()  # of these the names are known too
    described = known or stated_preprocessing(checkpoint.path, checkpoint.metadata)
    provenance = Provenance(
        name=name,
        variant=checkpoint.variant,
        sha256=sha256,
        path=str(checkpoint.path),
        reasons=(*reasons, *about_names),
        classes=checkpoint.classes,
    )
    size = told.size or (described.preprocessing.size if described else None) or OPEN_SIZE
    model = checkpoint.model or checkpoints.build(checkpoint, input_shape=(*size, 3))
    settled = settle(
        flatten(model, told.size), NAMED[checkpoint.preprocessing], told.preprocessing, described
    )
    return Network(model, named, settled, provenance)


def _labels(
    path: Path, metadata: Mapping[str, str], classes: int, file: str | Path | None
) -> tuple[tuple[Label, ...], tuple[Reason, ...]]:
    """A label a class, and what is to be said of them.

    From the user's file, else the weights' own, else those written beside, else ImageNet's if 1000, else numbers.
    """
    if not classes:
        return (), (Reason("headless"),)
    if file is not None:
        return labels_from_file(file, classes), ()
    if stored := metadata.get("classes"):
        return tuple(make_label(wnid, name) for wnid, name in json.loads(stored)), ()
    if stated := stated_labels(path, metadata):
        names, origin = stated
        if len(names) == classes:
            return tuple(make_label("", name) for name in names), ()
        unfit = Reason("names_unfit", {"origin": origin, "names": str(len(names)), "classes": str(classes)})
        return numbered_labels(classes), (unfit, Reason("numbers"))
    if classes == IMAGENET_CLASSES:
        return imagenet_labels(), (Reason("imagenet_names"),)
    return numbered_labels(classes), (Reason("numbers"),)
