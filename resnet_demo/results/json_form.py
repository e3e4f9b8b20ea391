"""The one JSON form of every record: for files, the command line and the API.

`analysis.json` is described by a JSON Schema, `schema/analysis.schema.json`. `SCHEMA_VERSION` rises when a key changes
its meaning or goes; a new key leaves it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from resnet_demo.errors import ArchitectureError

if TYPE_CHECKING:
    from resnet_demo.results.analysis import Analysis
    from resnet_demo.results.blocks import BlockProfile
    from resnet_demo.results.classes import Prediction
    from resnet_demo.results.comparison import Comparison
    from resnet_demo.results.heatmaps import FeatureMaps, GradCam, SplitHeatmap
    from resnet_demo.results.laboratory import AsItForms, GradientSplit, LabTable, Ledger, Lesion

SCHEMA_VERSION = "1.0"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `analysis`."""
    return json.loads((files(__package__) / "schema" / "analysis.schema.json").read_text("utf-8"))


def analysis(found: Analysis, lab: LabTable | None = None) -> dict[str, Any]:
    """`analysis.json`: every number of an analysis, and with `lab`, of the same photo and class, the laboratory's."""
    numbers = {
        "schema_version": SCHEMA_VERSION,
        "image": asdict(found.image),
        "weights": asdict(found.weights),
        "network": found.network,
        "predictions": [prediction(p) for p in found.predictions],
        "target": {
            "index": found.target.index,
            "label": found.target.label.english,
            "logit": found.target.logit,
        },
        "gradcam": {
            "layer": found.gradcam.layer,
            "maximum": float(found.gradcam.gradcam.max()),
            "mean": float(found.gradcam.gradcam.mean(dtype=np.float64)),
        },
        "stages": [{"name": s.name} | channels(s) for s in found.stages],
        "blocks": blocks(found.blocks),
    }
    left = dict(found.left_out)
    if lab is not None:
        _add_laboratory(numbers, lab)
        left |= lab.left_out
    if left:
        numbers["left_out"] = left_out(left)
    return plain(numbers)


def _add_laboratory(numbers: dict[str, Any], lab: LabTable) -> None:
    for block, split in zip(numbers["blocks"], lab.gradients, strict=False):
        block["gradient"] = {
            name: getattr(split, name) for name in ("shortcut_rms", "residual_rms", "cosine")
        }
    for block, one in zip(numbers["blocks"], lab.lesions, strict=False):
        changes = {name: getattr(one, name) for name in ("logit_change", "probability_change")}
        block["lesion"] = changes | {"top1": one.top1.index}
    if lab.ledger is not None:
        for block, entry in zip(numbers["blocks"], lab.ledger.entries, strict=True):
            block["ledger"] = entry.contribution
        numbers["ledger"] = ledger(lab.ledger)
    if lab.as_it_forms is not None:
        numbers["as_it_forms"] = as_it_forms(lab.as_it_forms)


def prediction(found: Prediction) -> dict[str, Any]:
    """One class of a ranking."""
    return {
        "index": found.index,
        "wnid": found.label.wnid,
        "label": found.label.english,
        "probability": None if math.isnan(found.probability) else found.probability,
        "logit": found.logit,
    }


def heatmap(target: Prediction, cam: GradCam) -> dict[str, Any]:
    """A heatmap at its own size, and the class that it explains."""
    return {"target": prediction(target), "layer": cam.layer, "gradcam": cam.gradcam.tolist()}


def channels(found: FeatureMaps) -> dict[str, Any]:
    """The channels shown, strongest first, and their mean activations."""
    return {
        "layer": found.layer,
        "shape": list(found.shape),
        "channels": found.channels.tolist(),
        "means": found.means[found.channels].tolist(),
    }


def blocks(found: tuple[BlockProfile, ...]) -> list[dict[str, Any]]:
    """Every block's quantities, without its maps."""
    return plain([{k: v for k, v in asdict(block).items() if not k.endswith("_map")} for block in found])


def lesions(found: tuple[Lesion, ...]) -> list[dict[str, Any]]:
    """What each block is worth when it is switched off."""
    return [
        {
            "block": one.block,
            "logit_change": one.logit_change,
            "probability_change": one.probability_change,
            "top1": prediction(one.top1),
        }
        for one in found
    ]


def gradients(found: tuple[GradientSplit, ...]) -> list[dict[str, Any]]:
    """The gradient of each block, split between its branches."""
    return plain([{k: v for k, v in asdict(one).items() if k != "unchanged"} for one in found])


def ledger(found: Ledger) -> dict[str, Any]:
    """A logit taken apart."""
    return {
        "stem": found.stem,
        "class_bias": found.class_bias,
        "projection_biases": found.projection_biases,
        "blocks": [entry.contribution for entry in found.entries],
        "sum": found.sum,
        "logit": found.logit,
        "error": found.error,
    }


def as_it_forms(found: AsItForms) -> list[dict[str, Any]]:
    """The target after each block; `top1` is the top class's index."""
    return [
        {"blocks": s.blocks, "logit": s.logit, "probability": s.probability, "top1": s.top1.index}
        for s in found.steps
    ]


def split_gradcam(found: SplitHeatmap) -> dict[str, Any]:
    """A heatmap in its two parts."""
    parts = {name: getattr(found, name).tolist() for name in ("shortcut", "residual", "total")}
    return {"block": found.block, **parts, "error": found.error}


def comparison(found: Comparison) -> dict[str, Any]:
    """Two ledgers, line by line."""
    return {
        "first": {"index": found.first.target, "logit": found.first.logit},
        "second": {"index": found.second.target, "logit": found.second.logit},
        "differences": [{"name": d.name, "difference": d.difference} for d in found.differences()],
    }


def left_out(found: Mapping[str, ArchitectureError]) -> dict[str, str]:
    """What a network cannot be asked, and why."""
    return {name: str(error) for name, error in found.items()}


def plain(value: Any) -> Any:
    """The value as plain JSON types; numbers that are not finite become None."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
