"""What is known of a network, as the sentences about it tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resnet_demo.results.analysis import WeightsFacts
from resnet_demo.results.blocks import Kind

Sentence = tuple[str, Mapping[str, Any]]  # its key among the words, and what fills it in


@dataclass(frozen=True)
class StageFacts:
    """One stage: its name, its output's shape (h, w, c), and each of its blocks' kinds."""

    name: str
    shape: tuple[int, int, int]
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class NetworkFacts:
    """A loaded network.

    Attributes:
        weights: which weights, and how many classes.
        reasons: why these.
        input_shape: (h, w, c) of what goes in.
        stages: from the first to the last.
        rectified: the blocks whose shortcut comes out of a ReLU, so that it is never negative.
        formula: what happens to a pixel before it goes in.
        takes: how that is known: a word for it, and the sentence.
        fit: how well the candidates fit what the weights remember; "" where they remember nothing.
        outputs: what the outputs are: "softmax", "several", "question" or "none".
        means: how that is known, as `takes`.
        warnings: what looks wrong.
    """

    weights: WeightsFacts
    reasons: tuple[Sentence, ...]
    input_shape: tuple[int, int, int]
    stages: tuple[StageFacts, ...]
    rectified: frozenset[str]
    formula: str
    takes: tuple[str, Sentence]
    fit: str
    outputs: str
    means: tuple[str, Sentence]
    warnings: tuple[Sentence, ...]

    @property
    def blocks(self) -> int:
        """How many residual blocks it has."""
        return sum(len(stage.kinds) for stage in self.stages)
