"""The one JSON form of every record: for files, the command line and the API."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar, cast

from resnet_demo.errors import ArchitectureError
from resnet_demo.results.belief import best_layers

if TYPE_CHECKING:
    from resnet_demo.results.belief import Belief, Curve, LayerTable
    from resnet_demo.results.blocks import BlockProfile
    from resnet_demo.results.classes import Prediction
    from resnet_demo.results.comparison import Comparison
    from resnet_demo.results.heatmaps import FeatureMaps, GradCam, SplitHeatmap
    from resnet_demo.results.laboratory import (
        AsItForms,
        DoubleLesion,
        GradientSplit,
        Lesion,
        LogitAttribution,
    )

T = TypeVar("T")


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


def double_lesions(found: tuple[DoubleLesion, ...]) -> list[dict[str, Any]]:
    """What each two blocks are worth when both are switched off."""
    return plain(
        [
            {
                "blocks": list(one.blocks),
                "logit_change": one.logit_change,
                "probability_change": one.probability_change,
                "top1": one.top1.index,
            }
            for one in found
        ]
    )


def gradients(found: tuple[GradientSplit, ...]) -> list[dict[str, Any]]:
    """The gradient of each block, split between its branches."""
    return plain([{k: v for k, v in asdict(one).items() if k != "unchanged"} for one in found])


def logit_attribution(found: LogitAttribution) -> dict[str, Any]:
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


def belief(found: Belief) -> dict[str, Any]:
    """A heatmap tested: its curves with their areas, beside those of the photo's centre."""

    def curve(one: Curve) -> dict[str, Any]:
        return {"area": one.area, "probabilities": one.probabilities.tolist()}

    return plain(
        {
            **{
                key: getattr(found, key)
                for key in ("method", "layer", "target", "sanity", "stability", "passes")
            },
            "deletion": curve(found.deletion),
            "insertion": curve(found.insertion),
            "centre": {"deletion": curve(found.centre_deletion), "insertion": curve(found.centre_insertion)},
        }
    )


def layer_scores(found: LayerTable) -> dict[str, Any]:
    """Grad-CAM at several layers by every score, and the layer that each score puts first."""
    return plain(
        {
            "target": found.target,
            "passes": found.passes,
            "layers": {layer: dict(values) for layer, values in found.layers.items()},
            "best": best_layers(found.layers),
        }
    )


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


def plain(value: T) -> T:
    """The value as plain JSON types: tuples become lists, and numbers that are not finite None."""
    json: Any = value
    if isinstance(value, dict):
        json = {key: plain(item) for key, item in value.items()}
    elif isinstance(value, (list, tuple)):
        json = [plain(item) for item in value]
    elif isinstance(value, float) and not math.isfinite(value):
        json = None
    return cast("T", json)
