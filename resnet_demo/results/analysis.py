"""Everything measured on one photo in the first pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from resnet_demo.errors import ArchitectureError
from resnet_demo.results import analysis_json
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.classes import Prediction
from resnet_demo.results.heatmaps import FeatureMaps, GradCam
from resnet_demo.results.laboratory import LabTable

NO_EVIDENCE = "no_evidence"  # the note on a photo that is one colour all over


@dataclass(frozen=True)
class ImageFacts:
    """A photo; `notes` names what was done to decode it, and `NO_EVIDENCE` where it holds none."""

    name: str
    format: str
    width: int
    height: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class WeightsFacts:
    """Which weights were used, and how many classes they know."""

    name: str
    variant: str
    sha256: str
    classes: int


@dataclass(frozen=True)
class Overview:
    """What one shared pass measures of one image.

    Attributes:
        predictions: the ranked classes.
        target: the class that the heatmap explains.
        gradcam: the heatmap.
        stages: the strongest channels of conv1, pool1 and every stage.
        blocks: one profile per residual block; empty for a network without shortcuts.
        left_out: what this network cannot be asked, by the measure's name, and why.
    """

    predictions: tuple[Prediction, ...]
    target: Prediction
    gradcam: GradCam
    stages: tuple[FeatureMaps, ...]
    blocks: tuple[BlockProfile, ...]
    left_out: dict[str, ArchitectureError]

    def arrays(self) -> dict[str, np.ndarray]:
        """The maps, float32, under the names of arrays.npz."""
        maps = {"gradcam": self.gradcam.gradcam, "heatmap": self.gradcam.heatmap}
        for block in self.blocks:
            maps[f"shortcut_map/{block.name}"] = block.shortcut_map
            maps[f"residual_map/{block.name}"] = block.residual_map
            maps[f"share_map/{block.name}"] = block.share_map
        return maps


@dataclass(frozen=True)
class Analysis(Overview):
    """An overview of a photo by a loaded network.

    Attributes:
        image: the photo.
        input_shape: (1, h, w, 3), the batch the network ate.
        weights: the network's.
        network: what it eats ("preprocessing") and what its outputs mean ("outputs"), and how both are known; as plain
            JSON types, for views only repeat it.
        warnings: what looks wrong about these, in sentences by their key and what fills them in.
    """

    image: ImageFacts
    input_shape: tuple[int, int, int, int]
    weights: WeightsFacts
    network: dict[str, Any]
    warnings: tuple[tuple[str, dict[str, str]], ...] = ()

    def numbers(self, lab: LabTable | None = None) -> dict[str, Any]:
        """Everything that is a number, as plain JSON types, NaN as None: the content of analysis.json.

        With `lab`, which is of the same photo and class, also the laboratory's. The format is the README's.
        """
        return analysis_json.analysis(self, lab)
