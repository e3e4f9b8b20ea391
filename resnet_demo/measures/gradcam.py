"""Grad-CAM: where in the photo a class found its evidence (Selvaraju et al. 2016, arXiv:1610.02391).

The paper's equations are three functions here: the gradient of the class's logit at a layer, the weights (its
mean over layers), the weighted sum of the layer's channels. At the last block the part above is one pooling and
one dense layer, so the weights are W_c / (h·w) and no convolution is run backwards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import run_with_gradients
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.graph.architecture import Architecture
from resnet_demo.measures.requirements import require
from resnet_demo.results.heatmaps import GradCam

NAME = "gradcam"
REQUIRES = frozenset({"classes", "spatial"})
COST = "backward"


def channel_weights(gradient: tf.Tensor) -> tf.Tensor:
    """α_k, float32 (N, c): the gradient's mean over layers."""
    return tf.reduce_mean(gradient, axis=(1, 2))


def weighted_sum(weights: tf.Tensor, activation: tf.Tensor) -> tf.Tensor:
    """Σ_k α_k A_k, float32 (N, h, w), signed: the map before its ReLU."""
    return tf.linalg.matvec(activation, weights[:, tf.newaxis, :])


def maps_of(engine: Engine, activation: tf.Tensor, gradient: tf.Tensor) -> dict[str, tf.Tensor]:
    """Inside a compiled pass: the map (N, h, w) after its ReLU, and the heatmap (N, H, W)."""
    gradcam = tf.nn.relu(weighted_sum(channel_weights(gradient), activation))
    size = engine.architecture.input_shape[:2]
    return {
        "gradcam": gradcam,
        "heatmap": tf.image.resize(gradcam[..., tf.newaxis], size, "bilinear")[..., 0],
    }


def watched_together(spec: Architecture, layer: str) -> tuple[str, ...]:
    """The layers whose heatmaps the pass for `layer` gives.

    A compiled pass takes 6 to 25 MB, so one serves a whole stage: it runs back to the lowest of its blocks. At
    the head's input, where everyone looks first, Grad-CAM costs next to nothing; that pass is for it alone, and so are
    those of the stem, where it costs most.
    """
    if layer == spec.head_input:
        return (layer,)
    stages = [tuple(b.output for b in spec.blocks if b.stage == stage.name) for stage in spec.stages]
    return next((stage for stage in stages if layer in stage), (layer,))  # a plain network's stage has one


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None], *, at: str | None = None
) -> tuple[GradCam, ...]:
    """Grad-CAM of N images at a block's output, a stage, or a layer of the stem.

    Args:
        batch: float32 (N, h, w, 3), preprocessed for the loaded weights. Not modified.
        targets: N class indices; None for the top class.
        at: a block ("conv5_block3"), a stage ("conv4", its last block), "conv1" or "pool1"; None for the head's input.

    Raises:
        UnknownLayerError, UnknownClassError: no such layer or class.
    """
    engine, spec = model.engine, model.engine.architecture
    require(engine, REQUIRES)
    layer = spec.layer(spec.head_input if at is None else at).node
    watched = watched_together(spec, layer)
    out = engine.run(_gradcam, batch, model.targets(targets, len(batch)), watched=watched)[layer]
    return tuple(GradCam(layer, out["gradcam"][i], out["heatmap"][i]) for i in range(len(batch)))


def gradcam(model: InstrumentedModel, batch: np.ndarray, at: str, target: int | None = None) -> GradCam:
    """`compute` for one image (1, h, w, 3)."""
    return compute(model, batch, [target], at=at)[0]


def _gradcam(
    engine: Engine, batch: tf.Tensor, target: tf.Tensor, watched: tuple[str, ...]
) -> dict[str, dict[str, tf.Tensor]]:
    values, gradients = run_with_gradients(engine, batch, target, watched)
    return {layer: maps_of(engine, values[layer], gradient) for layer, gradient in gradients.items()}
