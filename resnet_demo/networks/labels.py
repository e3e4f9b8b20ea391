"""Class names, English and Chinese. ImageNet's are in the package: nothing is downloaded to name a class."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from resnet_demo.errors import OptionError, Phrase, UnknownClassError
from resnet_demo.results.classes import Label

DATA = Path(__file__).parent / "data"


@cache
def imagenet_labels() -> tuple[Label, ...]:
    """The 1000 classes of ImageNet-1k, in the order of every network trained on it."""
    return _bilingual(DATA / "imagenet_class_index.json", DATA / "imagenet_zh.json")


def _bilingual(class_index: Path, chinese_names: Path) -> tuple[Label, ...]:
    """Pair Keras' class index with a JSON list of Chinese names in the same order."""
    english = _pairs(json.loads(class_index.read_text("utf-8")))
    chinese = json.loads(chinese_names.read_text("utf-8"))
    if len(english) != len(chinese):
        raise ValueError(
            "Each class needs one English and one Chinese name. "
            f"Received: {len(english)} in {class_index.name} and {len(chinese)} in {chinese_names.name}."
        )
    return tuple(Label(wnid, name, zh) for (wnid, name), zh in zip(english, chinese, strict=True))


@cache
def _imagenet_by_wnid() -> dict[str, Label]:
    return {label.wnid: label for label in imagenet_labels()}


def label_for_wnid(wnid: str) -> Label:
    """ImageNet's label with this WordNet id, e.g. "n02504458"; UnknownClassError where there is none."""
    try:
        return _imagenet_by_wnid()[wnid]
    except KeyError:
        raise UnknownClassError(
            "ImageNet-1k has no class with this WordNet id. Received: {wnid!r}. Accepted: one like "
            "'n02504458'.",
            wnid=wnid,
        ) from None


def make_label(wnid: str, name: str) -> Label:
    """A label from what a checkpoint or a file tells; a wnid of ImageNet's brings its Chinese name along."""
    name = name.replace("_", " ")
    known = _imagenet_by_wnid().get(wnid)
    return Label(wnid, name, known.chinese if known else name)


def numbered_labels(classes: int) -> tuple[Label, ...]:
    """Labels for weights that tell no names: "0", "1", …"""
    return tuple(Label("", str(i), str(i)) for i in range(classes))


def labels_from_file(path: str | Path, classes: int) -> tuple[Label, ...]:
    """Read class names from a file of the user's.

    Args:
        path: JSON: a list of names, a list of [wnid, name], or Keras' class index {"0": [wnid, name], …};
            or plain text with one name a line. UTF-8.
        classes: how many names the network needs.

    Raises:
        OptionError: the file cannot be read, has another form, or another number of names.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(
            "The labels file cannot be read as UTF-8 text. Received: {path!r} ({reason}).",
            path=str(path),
            reason=getattr(error, "strerror", None) or Phrase("not UTF-8"),
        ) from error
    try:
        if text.lstrip().startswith(("[", "{")):
            pairs = _pairs(json.loads(text))
        else:
            pairs = [("", line.strip()) for line in text.splitlines() if line.strip()]
    except (ValueError, TypeError, KeyError) as error:
        raise OptionError(
            "A labels file is a JSON list of names or of [wnid, name], Keras' class index, or text "
            "with one name a line. Received: {path!r}, JSON of another form.",
            path=str(path),
        ) from error
    if len(pairs) != classes:
        raise OptionError(
            "The labels file must name each of the network's {classes} classes once. Received: "
            "{count_of_pairs} names in {path!r}.",
            classes=classes,
            count_of_pairs=len(pairs),
            path=str(path),
        )
    return tuple(make_label(wnid, name) for wnid, name in pairs)


def _pairs(content: object) -> list[tuple[str, str]]:
    """(wnid, name) per class from a JSON form of `labels_from_file`; another is a ValueError or KeyError."""
    if isinstance(content, dict):
        content = [content[str(i)] for i in range(len(content))]
    if not isinstance(content, list):
        raise ValueError("neither a list nor an object")
    pairs = []
    for entry in content:
        wnid, name = ("", entry) if isinstance(entry, str) else entry
        if not (isinstance(wnid, str) and isinstance(name, str) and name):
            raise ValueError("a name that is not text")
        pairs.append((wnid, name.replace("_", " ")))
    return pairs


def find_class(labels: Sequence[Label], text: str | int) -> int:
    """The index of the class the user means.

    Args:
        labels: the network's classes in output order.
        text: an index, a WordNet id, or an English or Chinese name. Case does not matter, except where it
            alone tells two classes apart (ImageNet has a dog "Cardigan" and a garment "cardigan").

    Raises:
        UnknownClassError: no such class, with names near to it; or several, with the index of each.
    """
    wanted = str(text).strip()
    if wanted.isdecimal():
        if int(wanted) < len(labels):
            return int(wanted)
        raise UnknownClassError(
            "There is no class with this index. Received: {wanted}. Accepted: 0 to {last}.",
            wanted=wanted,
            last=len(labels) - 1,
        )
    for fold in (str, _fold):
        found = [
            i for i, label in enumerate(labels) if fold(wanted) in map(fold, vars(label).values()) and wanted
        ]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(f"{i} ({_describe(labels[i])})" for i in found)
            raise UnknownClassError(
                "Several classes have this name. Received: {wanted!r}. Accepted: an index, one of {several}.",
                wanted=wanted,
                several=several,
            )
    if near := ", ".join(repr(name) for name in _near(labels, wanted)):
        raise UnknownClassError(
            "There is no such class. Received: {wanted!r}. Near to it: {near}.", wanted=wanted, near=near
        )
    raise UnknownClassError(
        "There is no such class. Received: {wanted!r}. Accepted: an index, a WordNet id, or an English or "
        "Chinese name.",
        wanted=wanted,
    )


def _describe(label: Label) -> str:
    return ", ".join(dict.fromkeys(filter(None, (label.wnid, label.english, label.chinese))))


def _fold(text: str) -> str:
    return text.replace("_", " ").casefold()


def _near(labels: Sequence[Label], wanted: str, most: int = 5) -> list[str]:
    """Up to `most` names that contain `wanted` or are spelled like it, the closest first."""
    names = {_fold(name): name for label in labels for name in (label.chinese, label.english)}
    spelled = get_close_matches(_fold(wanted), names, n=most, cutoff=0.7)
    containing = sorted((n for n in names if wanted and _fold(wanted) in n), key=len)
    return [names[n] for n in Counter([*spelled, *containing])][:most]
