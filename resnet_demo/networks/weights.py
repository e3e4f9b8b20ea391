"""Where weights come from, in which order, and what is known of them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from resnet_demo.assets import WEIGHTS
from resnet_demo.errors import DownloadError, HashMismatchError, OptionError
from resnet_demo.graph.flat import flatten
from resnet_demo.networks import bundle, checkpoints, download, official
from resnet_demo.networks.checkpoints import OWN_GRAPH as OWN_GRAPH
from resnet_demo.networks.checkpoints import Checkpoint
from resnet_demo.networks.described import stated_labels, stated_preprocessing, stated_problem
from resnet_demo.networks.labels import (
    counted_from,
    imagenet_labels,
    labels_from_file,
    labels_of_question,
    make_label,
    numbered_labels,
)
from resnet_demo.networks.metadata import AVERAGES, POOLING_ASSUMED
from resnet_demo.networks.outputs import ONE_OF_THE_CLASSES, Outputs, settle_outputs
from resnet_demo.networks.preprocessing import NAMED, named_or_file
from resnet_demo.networks.reasons import Reason
from resnet_demo.networks.settled import Settled, Statement, settle
from resnet_demo.results.classes import Label

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
    size: tuple[int, int] | None = None  # (height, width) where the model leaves them open; None: 224 × 224
    outputs: Outputs = ONE_OF_THE_CLASSES

    def warnings(self, photo_fit: Mapping[str, float] | None = None) -> tuple[Reason, ...]:
        """What looks wrong about it, with the fit of the user's photo (see `Settled.warnings`)."""
        return (*self.preprocessing.warnings(photo_fit), *self.outputs.warnings)


@dataclass(frozen=True)
class Overrides:
    """What the user says of the weights, whichever they are."""

    labels: str | Path | None = None
    preprocessing: Statement | None = None
    size: tuple[int, int] | None = None
    activation: tuple[str, str] | None = None  # and who says so


def load(
    weights: str | None = "auto",
    labels: str | Path | None = None,
    progress: download.Progress | None = None,
    preprocessing: str | None = None,
    size: tuple[int, int] | None = None,
    activation: str | None = None,
    *,
    environment: bool = True,
) -> Network:
    """Load weights and build their network.

    Args:
        weights: "auto" or None: what RESNET_DEMO_WEIGHTS names first, a file or one of the words below; without it
            the official Keras ImageNet file from Keras' cache or the Hub's; else its download; else the
            bundled weights. "imagenet" or "resnet50", "resnet101", … "resnet152v2" (`official.TITLES`): Keras'
            official file or an error. "bundled": the bundled weights. Anything else: that file, a folder with one, or
            "hf://org/name" (see `checkpoints.locate`).
        labels: a file of class names (see `labels_from_file`) instead of those the weights bring along.
        progress: called during a download with (bytes done, bytes in all or None), from another thread;
            without it a terminal shows a bar.
        preprocessing: what the network eats, where the user knows: a name of `preprocessing.NAMED` or a JSON file;
            None: what RESNET_DEMO_PREPROCESSING says, else it is found out (see `settled.settle`).
        size: (height, width) of the photo for a network that leaves it open, as weights alone do; None: what the
            metadata says, else (224, 224).
        activation: what its outputs mean, where the user knows: one of `outputs.ACTIVATIONS`; None: what
            RESNET_DEMO_ACTIVATION says, else it is found out (see `outputs.settle_outputs`).
        environment: whether RESNET_DEMO_PREPROCESSING and RESNET_DEMO_ACTIVATION speak of these weights.

    Raises:
        WeightsNotFoundError: no such file.
        CheckpointError: the file cannot be turned into a whole network.
        ArchitectureError: a `.keras` model of its own kind that cannot be analysed; a size it does not take.
        DownloadError: an official file only: it is not on this machine and cannot be downloaded.
        HashMismatchError: the same, and a file of that name was refused; or the bundled weights are damaged.
        OptionError: the labels file does not fit; no such preprocessing or activation.
    """
    overrides = Overrides(
        labels,
        _stated_preprocessing(preprocessing, environment),
        size,
        _stated("activation", activation, environment),
    )
    choice, asked = weights or "auto", "asked"
    if choice == "auto" and (named := named_by_environment()):
        choice, asked = named[0], "environment"
    if choice == "bundled":
        return _bundled(overrides, Reason(f"bundled_{asked}"))
    if choice == "auto":
        try:
            return _official("resnet50", overrides, progress, IMPATIENT)
        except (DownloadError, HashMismatchError) as error:
            return _bundled(overrides, Reason("bundled_fallback", {"error": str(error)}))
    name = "resnet50" if choice == "imagenet" else choice
    if name in official.TITLES:
        return _official(name, overrides, progress, download.ANSWER_SECONDS)
    return _file(choice, overrides, asked)


def named_by_environment() -> tuple[str, ...]:
    """The weights that RESNET_DEMO_WEIGHTS names, separated by commas; the first are a server's default."""
    return tuple(filter(None, map(str.strip, os.environ.get("RESNET_DEMO_WEIGHTS", "").split(","))))


def _stated(name: str, option: str | None, environment: bool) -> tuple[str, str] | None:
    """What the option of this name says, or else the environment, and which of them it is."""
    variable = f"RESNET_DEMO_{name.upper()}"
    if option:
        return option, f"--{name}"
    said = os.environ.get(variable) if environment else None
    return (said, variable) if said else None


def _stated_preprocessing(option: str | None, environment: bool) -> Statement | None:
    stated = _stated("preprocessing", option, environment)
    return Statement(named_or_file(stated[0]), stated[1]) if stated else None


def _official(
    name: str, overrides: Overrides, progress: download.Progress | None, answer_seconds: float
) -> Network:
    path, found = official.obtain(name, progress, answer_seconds)
    return _network(
        checkpoints.read(path),
        overrides,
        official.title(name),
        download.digest(path, "sha256"),
        (found,),
        Statement(official.preprocessing_of(name), ""),
    )


def _bundled(overrides: Overrides, reason: Reason) -> Network:
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
    return _network(checkpoint, overrides, "bundled Imagenette", manifest.sha256, (reason,), described)


def _file(choice: str, overrides: Overrides, asked: str) -> Network:
    path = checkpoints.locate(choice)
    # Of a folder or a repository, its own name; where it lies on this machine is not for visitors.
    name = choice if choice.startswith("hf://") else Path(choice).expanduser().resolve().name
    reasons = [Reason(f"file_{asked}", {"file": name})]
    known = next((f for f in map(official.remote_file, official.TITLES) if f.name == path.name), None)
    if known and download.digest(path, "md5") != known.md5:
        reasons.append(Reason("not_official"))
    checkpoint = checkpoints.read(path)
    if checkpoint.variant == OWN_GRAPH:
        reasons.append(Reason("own_graph"))
    if averages := checkpoint.metadata.get(AVERAGES):
        reasons.append(Reason("averages", {"names": averages}))
    if head := checkpoint.metadata.get(POOLING_ASSUMED):
        reasons.append(Reason("pooling_assumed", {"head": head}))
    return _network(checkpoint, overrides, name, checkpoints.sha256(path), reasons)


def _network(
    checkpoint: Checkpoint,
    overrides: Overrides,
    name: str,
    sha256: str,
    reasons: Sequence[Reason],
    known: Statement | None = None,
) -> Network:
    """The network of a checkpoint; `known` is what is known of weights of ours or of Keras."""
    described = known or stated_preprocessing(checkpoint.path, checkpoint.metadata)
    problem = stated_problem(checkpoint.path, checkpoint.metadata)
    outputs = settle_outputs(checkpoint.classes, checkpoint.activation, overrides.activation, problem)
    if known and outputs.source == "assumed":
        outputs = replace(outputs, source="metadata")
    # What is written first: a file of names that does not fit is known before the network is built.
    named, about_names = _labels(checkpoint, outputs, overrides.labels)
    if known:
        about_names = ()  # of these the names are known too
    provenance = Provenance(
        name=name,
        variant=checkpoint.variant,
        sha256=sha256,
        path=str(checkpoint.path),
        reasons=(*reasons, *about_names),
        classes=len(named),
    )
    said = (s.preprocessing.size for s in (overrides.preprocessing, described) if s)
    size = overrides.size or next(filter(None, said), None)
    model = checkpoint.model or checkpoints.build(checkpoint, input_shape=(*(size or OPEN_SIZE), 3))
    _require_size(model, overrides.size)
    graph = flatten(model, size)
    settled = settle(graph, NAMED[checkpoint.preprocessing], overrides.preprocessing, described)
    return Network(model, named, settled, provenance, size, outputs)


def _require_size(model: keras.Model, size: tuple[int, int] | None) -> None:
    """OptionError where the user says a size, and the network has another of its own."""
    own = tuple(model.input_shape[1:3])
    if size and any(side not in (None, asked) for side, asked in zip(own, size, strict=True)):
        raise OptionError(
            "The network has an input size of its own. Received: --size {height} {width}. Accepted: {own}.",
            height=size[0],
            width=size[1],
            own=" ".join("*" if side is None else str(side) for side in own),
        )


def _labels(
    checkpoint: Checkpoint, outputs: Outputs, file: str | Path | None
) -> tuple[tuple[Label, ...], tuple[Reason, ...]]:
    """A label a class, two for one question, and what is to be said of them.

    From the user's file, else the weights' own, else those written beside, else ImageNet's if 1000, else numbers.
    """
    classes = 2 if outputs.is_question else checkpoint.classes
    if not classes:
        return (), (Reason("headless"),)
    if file is not None:
        named = labels_from_file(file, classes, yes_or_no=outputs.is_question)
        first = counted_from(file)
        counted = Reason("names_counted", {"file": Path(file).name, "first": str(first)})
        return named, () if first is None else (counted,)
    if stored := checkpoint.metadata.get("classes"):
        stored_pairs = tuple(make_label(wnid, name) for wnid, name in json.loads(stored))
        return labels_of_question(stored_pairs[0].english) if outputs.is_question else stored_pairs, ()
    unfit: tuple[Reason, ...] = ()
    if stated := stated_labels(checkpoint.path, checkpoint.metadata):
        names, origin = stated
        if len(names) == classes:
            return tuple(make_label("", name) for name in names), ()
        if outputs.is_question and len(names) == 1:
            return labels_of_question(names[0]), ()
        values = {"origin": origin, "names": str(len(names)), "classes": str(classes)}
        unfit = (Reason("names_unfit", values),)
    if outputs.is_question:
        return labels_of_question(), (*unfit, Reason("question"))
    if classes == IMAGENET_CLASSES:
        return imagenet_labels(), (*unfit, Reason("imagenet_names"))
    return numbered_labels(classes), (*unfit, Reason("numbers"))
