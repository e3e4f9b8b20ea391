"""Classes and how probable they are."""

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


@dataclass(frozen=True)
class Prediction:
    """One class of the ranking: its index, label, probability (0 to 1) and logit."""

    index: int
    label: Label
    probability: float
    logit: float
