"""One frozen `Analysis` out of all measurements, from one compiled pass."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import choose_target, run_with_gradients
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.graph.architecture import Architecture
from resnet_demo.measures import feature_maps, residual
from resnet_demo.measures.classification import Prediction, rank, require_top
from resnet_demo.measures.feature_maps import FeatureMaps
from resnet_demo.measures.gradcam import GradCam, maps_of
from resnet_demo.measures.residual import BlockProfile
from resnet_demo.networks.weights import Provenance
from resnet_demo.photos.decoding import Photo


@dataclass(frozen=True)
class Analysis:
    """Everything measured on one photo.

    Attributes:
        image: the photo's name, format, (width, height) and what was done to decode it.
        input_shape: (1, h, w, 3), the batch the network ate.
        weights: where they come from.
        predictions: the ranked classes.
        target: the class that the heatmap explains.
        gradcam: the heatmap.
        stages: the strongest channels of conv1, pool1 and every stage.
        blocks: one profile per residual block; empty for a network without shortcuts.
    """

    image: dict[str, Any]
    input_shape: tuple[int, int, int, int]
    weights: Provenance
    predictions: tuple[Prediction, ...]
    target: Prediction
    gradcam: GradCam
    stages: tuple[FeatureMaps, ...]
    blocks: tuple[BlockProfile, ...]

    def numbers(self) -> dict[str, Any]:
        """Everything that is a number, as plain JSON types; NaN becomes None. The format is the README's."""
        return plain(
            {
                "image": self.image,
                "weights": {
                    "name": self.weights.name,
                    "variant": self.weights.variant,
                    "sha256": self.weights.sha256,
                    "classes": self.weights.classes,
                },
                "predictions": [prediction_numbers(p) for p in self.predictions],
                "target": {
                    "index": self.target.index,
                    "label": self.target.label.english,
                    "logit": self.target.logit,
                },
                "gradcam": {
                    "layer": self.gradcam.layer,
                    "maximum": float(self.gradcam.gradcam.max()),
                    "mean": float(self.gradcam.gradcam.mean(dtype=np.float64)),
                },
                "stages": [_stage_numbers(s) for s in self.stages],
                "blocks": [_block_numbers(b) for b in self.blocks],
            }
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """The maps, float32, under the names of arrays.npz."""
        maps = {"gradcam": self.gradcam.gradcam, "heatmap": self.gradcam.heatmap}
        for block in self.blocks:
            maps[f"shortcut_map/{block.name}"] = block.shortcut_map
            maps[f"residual_map/{block.name}"] = block.residual_map
            maps[f"share_map/{block.name}"] = block.share_map
        return maps


def analyze(
    model: InstrumentedModel, photo: Photo, target: int | None = None, at: str | None = None, top: int = 5
) -> Analysis:
    """Measure one photo: classes, Grad-CAM, feature maps and the profile of every block, in one compiled pass.

    Args:
        model: the network.
        photo: the picture. Not modified.
        target: class index that Grad-CAM explains; None for the top class.
        at: block, stage or layer of the stem where Grad-CAM looks; None for the last block's output.
        top: how many classes to rank.

    Raises:
        UnknownClassError, UnknownLayerError, OptionError: the argument of that kind is not accepted.

    References:
        He et al. 2015, arXiv:1512.03385; Selvaraju et al. 2016, arXiv:1610.02391.
    """
    require_top(top)
    engine, spec = model.engine, model.engine.architecture
    layer = spec.layer(at or spec.head_input).node
    chosen = model.require_class(target)
    batch = model.batch(photo)
    watched = _watched_together(spec, layer)
    out = engine.run(_analysis_pass, batch, [chosen], watched=watched)
    logits = out["logits"][0]
    ranked = rank(logits, model.labels, len(logits))
    index = int(out["target"][0])
    return Analysis(
        image={
            "name": photo.name,
            "format": photo.format,
            "width": photo.pixels.shape[1],
            "height": photo.pixels.shape[0],
            "notes": list(photo.notes),
        },
        input_shape=batch.shape,
        weights=model.network.provenance,
        predictions=ranked[:top],
        target=next(p for p in ranked if p.index == index),
        gradcam=GradCam(layer, *(out["cams"][layer][key][0] for key in ("gradcam", "heatmap"))),
        stages=tuple(
            feature_maps.from_pass(layer, stage)
            for layer, stage in zip((*spec.stem, *spec.stages), out["stages"], strict=True)
        ),
        blocks=tuple(
            residual.profile(block, sums[0]) for block, sums in zip(spec.blocks, out["blocks"], strict=True)
        ),
    )


def _watched_together(spec: Architecture, layer: str) -> tuple[str, ...]:
    """The layers whose heatmaps the pass for `layer` gives.

    A compiled pass takes about 16 MB, so one serves a whole stage: it runs back to the lowest of its layers. At
    the head's input, where everyone looks first, Grad-CAM costs next to nothing; that pass is for it alone.
    """
    if layer == spec.head_input:
        return (layer,)
    stages = [
        tuple(layer.node for layer in spec.stem),
        *(tuple(b.output for b in spec.blocks if b.stage == stage.name) for stage in spec.stages),
    ]
    return next((stage for stage in stages if layer in stage), (layer,))  # a plain network's stage has one


def _analysis_pass(
    engine: Engine, batch: tf.Tensor, target: tf.Tensor, watched: tuple[str, ...]
) -> dict[str, Any]:
    """One forward pass; for Grad-CAM, one backward pass through what lies above the layers `watched`."""
    spec = engine.architecture
    values, gradients = run_with_gradients(engine, batch, target, watched)
    logits = values[spec.logits]
    return {
        "logits": logits,
        "target": choose_target(logits, target),
        "cams": {layer: maps_of(engine, values[layer], gradients[layer]) for layer in watched},
        "stages": [
            feature_maps.strongest_channels(
                values[layer.node], min(feature_maps.CHANNELS_SHOWN, layer.shape[-1])
            )
            for layer in (*spec.stem, *spec.stages)
        ],
        "blocks": [residual.channel_sums(values, block, spec.rectified) for block in spec.blocks],
    }


def prediction_numbers(prediction: Prediction) -> dict[str, Any]:
    """One prediction as plain JSON types."""
    return {
        "index": prediction.index,
        "wnid": prediction.label.wnid,
        "label": prediction.label.english,
        "probability": prediction.probability,
        "logit": prediction.logit,
    }


def _stage_numbers(stage: FeatureMaps) -> dict[str, Any]:
    """The channels shown, strongest first, and their mean activations."""
    return {
        "name": stage.name,
        "layer": stage.layer,
        "shape": stage.shape,
        "channels": stage.channels.tolist(),
        "means": stage.means[stage.channels].tolist(),
    }


def _block_numbers(block: BlockProfile) -> dict[str, Any]:
    return {name: value for name, value in asdict(block).items() if not name.endswith("_map")}


def plain(value: Any) -> Any:
    """The value as plain JSON types; numbers that are not finite become None."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
