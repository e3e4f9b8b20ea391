"""Class names, English and Chinese. ImageNet's are in the package: nothing is downloaded to name a class."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

from resnet_demo.errors import OptionError, Phrase, UnknownClassError
from resnet_demo.networks import label_files
from resnet_demo.results.classes import Label

DATA = Path(str(files("resnet_demo.networks"))) / "data"

UNNAMED = (
    "The labels file must name each of the network's {classes} classes once. Received: {names} names in {path!r}, "
    "counted from {first}; the first class without a name is {number}."
)
UNUSED = (
    "The labels file must name each of the network's {classes} classes once. Received: {names} names in {path!r}, "
    "counted from {first}; the first name without a class is {number}, {name!r}."
)
TWICE = (
    "The labels file must name each of the network's {classes} classes once. Received: {names} names in {path!r}, "
    "counted from {first}; the first class with two names is {number}."
)


@cache
def imagenet_labels() -> tuple[Label, ...]:
    """The 1000 classes of ImageNet-1k, in the order of every network trained on it."""
    return _bilingual(DATA / "imagenet_class_index.json", DATA / "imagenet_zh.json")


def _bilingual(class_index: Path, chinese_names: Path) -> tuple[Label, ...]:
    """Pair Keras' class index with a JSON list of Chinese names in the same order."""
    entries = label_files.parse(class_index.read_text("utf-8")).entries
    english = [(wnid, name.replace("_", " ")) for _, wnid, name in sorted(entries)]
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
    known = _imagenet_by_wnid().get(wnid)
    name = name.replace("_", " ") or (known.english if known else wnid)
    return Label(wnid, name, known.chinese if known else name)


def numbered_labels(classes: int) -> tuple[Label, ...]:
    """Labels for weights that tell no names: "0", "1", …"""
    return tuple(Label("", str(i), str(i)) for i in range(classes))


def labels_from_file(path: str | Path, classes: int, *, yes_or_no: bool = False) -> tuple[Label, ...]:
    """Read class names from a file of the user's.

    Args:
        path: UTF-8, in any form that `label_files.parse` reads. Numbers in it may begin with 0 or with 1.
        classes: how many names the network needs.
        yes_or_no: the network answers one question, whose two classes are no and yes; one name is that of yes.

    Raises:
        OptionError: the file cannot be read, has another form, or another number of names.
    """
    path = Path(path)
    file = _label_file(path)
    if yes_or_no and len(file.entries) == 1:
        return labels_of_question(file.entries[0][2])
    first, numbers = file.first or 0, [number for number, _, _ in file.entries]
    wanted = range(first, first + classes)
    if sorted(numbers) != list(wanted):
        mismatch, values = _first_mismatch(file, wanted)
        raise OptionError(
            mismatch, classes=classes, names=len(numbers), path=str(path), first=first, **values
        )
    by_number = {number: (wnid, name) for number, wnid, name in file.entries}
    return tuple(make_label(*by_number[number]) for number in wanted)


def counted_from(path: str | Path) -> int | None:
    """The number that a labels file gives its first class; None where it gives none. Errors as `labels_from_file`."""
    return _label_file(Path(path)).first


def _label_file(path: Path) -> label_files.LabelFile:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(
            "The labels file cannot be read as UTF-8 text. Received: {path!r} ({reason}).",
            path=str(path),
            reason=getattr(error, "strerror", None) or Phrase("not UTF-8"),
        ) from error
    try:
        return label_files.parse(text)
    except (ValueError, TypeError, KeyError) as error:
        raise OptionError(
            "A labels file is a JSON list of names or of [wnid, name], Keras' class index or class_indices, id2label, "
            "a table with a header, synset_words, or text with one name a line. "
            "Received: {path!r}, {kind} of another form.",
            path=str(path),
            kind="JSON" if text.lstrip().startswith(("[", "{")) else Phrase("a table"),
        ) from error


def _first_mismatch(file: label_files.LabelFile, wanted: range) -> tuple[str, dict[str, object]]:
    """What is wrong first, one of the sentences above: a class without a name, a name without one, a number twice."""
    numbers = Counter(number for number, _, _ in file.entries)
    for number in wanted:
        if number not in numbers:
            return UNNAMED, {"number": number}
    for number, wnid, name in file.entries:
        if number not in wanted:
            return UNUSED, {"number": number, "name": name or wnid}
    return TWICE, {"number": next(number for number in wanted if numbers[number] > 1)}


def labels_of_question(name: str = "") -> tuple[Label, Label]:
    """The two labels, no and yes, of a network that answers one question: `name` or not, where it is known."""
    if name:
        name = name.replace("_", " ")
        return Label("", f"not {name}", f"不是{name}"), Label("", name, name)
    return Label("", "no", "否"), Label("", "yes", "是")


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
