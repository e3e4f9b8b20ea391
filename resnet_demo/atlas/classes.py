"""Which of a network's classes a photo shows, by whatever its data set says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resnet_demo.results.classes import Label


def class_finder(labels: Sequence[Label]) -> Callable[..., int | None]:
    """A function from (wnid, name, index), each of them None where it is not known, to a class index or None.

    The WordNet id decides where the network's classes have one; else the name, in English or Chinese, underscores and
    case put aside; else the index.
    """
    by_wnid = {label.wnid: i for i, label in enumerate(labels) if label.wnid}
    by_name = {_fold(name): i for i, label in enumerate(labels) for name in (label.english, label.chinese)}

    def find(wnid: str | None, name: str | None, index: int | None) -> int | None:
        if wnid and by_wnid:
            return by_wnid.get(wnid)
        if name and _fold(name) in by_name:
            return by_name[_fold(name)]
        if name is None and index is not None and 0 <= index < len(labels):
            return index
        return None

    return find


def _fold(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())
