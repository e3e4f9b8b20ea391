"""The overview: classes, Grad-CAM, feature maps and every block's profile out of one shared compiled pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import choose_target, run_with_gradients
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.engine.sweep import swept
from resnet_demo.measures import feature_maps, residual
from resnet_demo.measures.catalogue import left_out
from resnet_demo.measures.classification import predictions, require_top, strongest
from resnet_demo.measures.gradcam import maps_of, watched_together
from resnet_demo.measures.requirements import require
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.analysis import NO_EVIDENCE, Analysis, ImageFacts, Overview, WeightsFacts
from resnet_demo.results.heatmaps import GradCam

REQUIRES = frozenset({"classes", "spatial"})
SAME = 1e-4  # a network's input all of whose pixels differ from the first by no more is one colour


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
    batch = model.batch(photo)
    return analysis_of(model, photo, batch, compute(model, batch, [target], at=at, top=top)[0])


def analysis_of(model: InstrumentedModel, photo: Photo, batch: np.ndarray, overview: Overview) -> Analysis:
    """An overview with what the photo and the network are; `batch` is the photo as the network ate it."""
    weights, fit = model.network.provenance, model.fit(batch)
    return Analysis(
        **vars(overview),
        image=ImageFacts(
            name=photo.name,
            format=photo.format,
            width=photo.size[0],
            height=photo.size[1],
            notes=photo.notes if _varies(batch) else (*photo.notes, NO_EVIDENCE),
        ),
        input_shape=batch.shape,
        weights=WeightsFacts(weights.name, weights.variant, weights.sha256, weights.classes),
        network={
            "preprocessing": model.network.preprocessing.numbers(fit),
            "outputs": model.network.outputs.numbers(),
        },
        warnings=tuple((warning.key, warning.values) for warning in model.network.warnings(fit)),
    )


def _varies(batch: np.ndarray) -> bool:
    every_eighth = batch[:, ::8, ::8]  # of nearly every photo these tell already
    return any(np.abs(pixels - batch[:, :1, :1]).max() > SAME for pixels in (every_eighth, batch))


def compute(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int | None],
    *,
    at: str | None = None,
    top: int = 5,
) -> tuple[Overview, ...]:
    """The overviews of N images, float32 (N, h, w, 3); the other arguments are `analyze`'s, with N targets."""
    engine, spec = model.engine, model.engine.architecture
    require(engine, REQUIRES)
    require_top(top)
    layer = spec.layer(at or spec.head_input).node
    watched = watched_together(spec, layer)
    out = engine.run(_analysis_pass, batch, model.targets(targets, len(batch)), watched=watched)
    return tuple(_overview(model, out, layer, top, image) for image in range(len(batch)))


def _overview(model: InstrumentedModel, out: dict[str, Any], layer: str, top: int, image: int) -> Overview:
    engine, spec = model.engine, model.engine.architecture
    logits = out["logits"][image]
    shown = np.append(strongest(logits, top), out["target"][image])
    *ranked, of_target = predictions(shown, logits, model.labels, model.activation)
    return Overview(
        predictions=tuple(ranked),
        target=of_target,
        gradcam=GradCam(layer, *(out["cams"][layer][key][image] for key in ("gradcam", "heatmap"))),
        stages=tuple(
            feature_maps.from_pass(layer, stage, image)
            for layer, stage in zip((*spec.stem, *spec.stages), out["stages"], strict=True)
        ),
        blocks=residual.profiles(engine, out["blocks"], image),
        left_out=left_out(engine, (residual,)),
    )


def _analysis_pass(
    engine: Engine, batch: tf.Tensor, target: tf.Tensor, watched: tuple[str, ...]
) -> dict[str, Any]:
    """One forward pass; for Grad-CAM, one backward pass through what lies above the layers `watched`."""
    spec = engine.architecture
    values, gradients = run_with_gradients(engine, batch, target, watched, keep=spec.residuals)
    logits = values[spec.logits]
    return {
        "logits": logits,
        "target": choose_target(logits, target),
        "cams": {layer: maps_of(engine, values[layer], gradient) for layer, gradient in gradients.items()},
        "stages": [
            swept(
                feature_maps.strongest_channels,
                values[layer.node],
                min(feature_maps.CHANNELS_SHOWN, layer.shape[-1]),
            )
            for layer in (*spec.stem, *spec.stages)
        ],
        "blocks": [residual.reduced(values, block) for block in spec.blocks],
    }
