"""Everything that was measured of one photo, for what is kept of it: a report, a page of a site, files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from resnet_demo.errors import ArchitectureError
from resnet_demo.results.analysis import Analysis
from resnet_demo.results.classes import Prediction
from resnet_demo.results.heatmaps import SplitHeatmap
from resnet_demo.results.laboratory import LabTable
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
    """

    photo: np.ndarray
    network: NetworkFacts
    analysis: Analysis
    ranked: tuple[Prediction, ...]
    block: str | None = None
    lab: LabTable | None = None
    split: SplitHeatmap | None = None
    atlas: dict[str, Any] | None = None

    @property
    def numbers(self) -> dict[str, Any]:
        """The content of analysis.json."""
        return self.analysis.numbers(self.lab)

    @property
    def left_out(self) -> dict[str, ArchitectureError]:
        """What this network cannot be asked, by the measure's name, and why."""
        return {**self.analysis.left_out, **(self.lab.left_out if self.lab else {})}
