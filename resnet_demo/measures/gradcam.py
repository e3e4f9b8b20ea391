"""Grad-CAM: where in the photo a class found its evidence (Selvaraju et al. 2016, arXiv:1610.02391).

The paper's equations are three functions here: the gradient of the class's logit at a layer, the weights (its
mean over layers), the weighted sum of the layer's channels. At the last block the part above is one pooling and
one dense layer, so the weights are W_c / (h·w) and no convolution is run backwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import run_with_gradients
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel


@dataclass(frozen=True)
class GradCam:
    """One heatmap.

    Attributes:
        layer: the Keras layer watched.
        gradcam: float32 (h, w) at the layer's own size, ReLU applied, in units of the logit; not scaled.
        heatmap: float32 (H, W), `gradcam` resized (bilinear) to the network's input, which is the whole photo.
    """

    layer: str
    gradcam: np.ndarray
    heatmap: np.ndarray


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


def gradcam(model: InstrumentedModel, batch: np.ndarray, at: str, target: int | None = None) -> GradCam:
    """Grad-CAM of one image at a block's output, a stage, or a layer of the stem.

    Args:
        batch: float32 (1, h, w, 3), preprocessed for the loaded weights. Not modified.
        at: a block ("conv5_block3"), a stage ("conv4", its last block), or "conv1", "pool1".
        target: class index; None for the top class.

    Raises:
        UnknownLayerError: no such layer.
        UnknownClassError: no such class.
    """
    engine = model.engine
    layer = engine.architecture.layer(at).node
    chosen = model.require_class(target)
    out = engine.run(_gradcam, batch, [chosen], layer=layer)
    return GradCam(layer, out["gradcam"][0], out["heatmap"][0])


def _gradcam(engine: Engine, batch: tf.Tensor, target: tf.Tensor, layer: str) -> dict[str, tf.Tensor]:
    values, gradients = run_with_gradients(engine, batch, target, [layer])
    return maps_of(engine, values[layer], gradients[layer])
