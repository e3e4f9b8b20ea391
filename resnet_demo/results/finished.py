"""One finished example: as much of an analysis as is shown of it before there is a photo, as JSON and back.

Made by `python tools/finish_example.py`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from resnet_demo.results.analysis import Analysis, WeightsFacts
from resnet_demo.results.blocks import BlockProfile, EnergyShares, Magnitude
from resnet_demo.results.classes import Label, Prediction
from resnet_demo.results.heatmaps import GradCam

DIGITS = 5  # significant ones
_MAPS = ("shortcut_map", "residual_map", "sum_map", "output_map", "share_map")


@dataclass(frozen=True)
class FinishedExample:
    """An example and what was measured on it.

    Attributes:
        file: the example's.
        weights: which weights measured it.
        predictions: the top classes, best first; the first is explained.
        cam: its heatmap, at the layer's own size.
        blocks: every block's profile; its maps, which are not kept, are empty.
    """

    file: str
    weights: WeightsFacts
    predictions: tuple[Prediction, ...]
    cam: GradCam
    blocks: tuple[BlockProfile, ...]


def to_json(found: Analysis) -> dict[str, Any]:
    """What is kept of an analysis of an example."""
    blocks = [asdict(block) for block in found.blocks]
    kept: dict[str, Any] = _rounded(
        {
            "file": found.image.name,
            "weights": asdict(found.weights),
            "predictions": [asdict(p) for p in found.predictions],
            "layer": found.gradcam.layer,
            "gradcam": found.gradcam.gradcam.tolist(),
            "blocks": [{k: v for k, v in block.items() if k not in _MAPS} for block in blocks],
        }
    )
    return kept


def from_json(kept: dict[str, Any]) -> FinishedExample:
    """What `to_json` kept."""
    cam = np.array(kept["gradcam"], np.float32)
    return FinishedExample(
        file=kept["file"],
        weights=WeightsFacts(**kept["weights"]),
        predictions=tuple(Prediction(**{**p, "label": Label(**p["label"])}) for p in kept["predictions"]),
        cam=GradCam(kept["layer"], cam, cam),
        blocks=tuple(_block(block) for block in kept["blocks"]),
    )


def _block(kept: dict[str, Any]) -> BlockProfile:
    magnitudes = {name: Magnitude(**kept[name]) for name in ("shortcut", "residual", "sum", "output")}
    none = {name: np.zeros((0, 0), np.float32) for name in _MAPS}
    rest = {"shape": tuple(kept["shape"]), "energy": EnergyShares(**kept["energy"])}
    return BlockProfile(**{**kept, **magnitudes, **none, **rest})


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
