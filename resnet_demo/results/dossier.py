"""Everything that was measured of one photo, for what is kept of it: a report, a page of a site, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from resnet_demo.errors import ArchitectureError
from resnet_demo.results import json_form
from resnet_demo.results.analysis import Analysis
from resnet_demo.results.belief import MapScores
from resnet_demo.results.classes import Prediction
from resnet_demo.results.heatmaps import SplitHeatmap
from resnet_demo.results.laboratory import DoubleLesion, LabTable
from resnet_demo.results.network import NetworkFacts


@dataclass(frozen=True)
class Dossier:
    """One photo.

    Attributes:
        photo: uint8 (h, w, 3), upright.
        network: what looked at it.
        analysis: classes, heatmap, stages, blocks.
        ranked: every class, most probable first.
        block: the one that the laboratory opens; None where there are no blocks.
        lab: what each block is worth for the explained class; None where it was not asked.
        split: the heatmap at `block` in its two parts; None where it was not asked, or cannot be.
        atlas: what is typical of these weights, where that is known.
        scores: how far the heatmap can be believed, and which layer the scores prefer, where that was asked.
        pairs: what the class loses without each two blocks, where that was asked and there are blocks.
    """

    photo: np.ndarray
    network: NetworkFacts
    analysis: Analysis
    ranked: tuple[Prediction, ...]
    block: str | None = None
    lab: LabTable | None = None
    split: SplitHeatmap | None = None
    atlas: dict[str, Any] | None = None
    scores: MapScores = field(default_factory=MapScores)
    pairs: tuple[DoubleLesion, ...] | None = None

    @property
    def numbers(self) -> dict[str, Any]:
        """The content of analysis.json."""
        numbers = self.analysis.numbers(self.lab)
        if self.scores.belief is not None:
            numbers["belief"] = json_form.belief(self.scores.belief)
        if self.scores.layers is not None:
            numbers["layer_scores"] = json_form.layer_scores(self.scores.layers)
        if self.pairs is not None:
            numbers["double_lesion"] = json_form.double_lesions(self.pairs)
        if self.left_out:
            numbers["left_out"] = json_form.left_out(self.left_out)
        return numbers

    @property
    def left_out(self) -> dict[str, ArchitectureError]:
        """What this network cannot be asked, by the measure's name, and why."""
        laboratory = self.lab.left_out if self.lab else {}
        return {**self.analysis.left_out, **laboratory, **self.scores.left_out}
