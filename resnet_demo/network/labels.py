"""Class names, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """One class: its WordNet id where it has one, and its names.

    `wnid` is "" and `chinese` equals `english` where the source of the weights tells no more.
    """

    wnid: str
    english: str
    chinese: str
