"""Grad-CAM: where in the photo a class found its evidence (Selvaraju et al. 2016, arXiv:1610.02391).

The paper's equations are three functions here: the gradient of the class's logit at a layer, the weights (its
mean over places), the weighted sum of the layer's channels. At the last block the part above is one pooling and
one dense layer, so the weights are W_c / (h·w) and no convolution is run backwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from resnet_demo.analysis.engine import Engine
from resnet_demo.errors import UnknownClassError


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


def choose_target(logits: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Class indices int32 (N,): `target`, or the top class where `target` is negative."""
    return tf.where(target < 0, tf.argmax(logits, axis=-1, output_type=tf.int32), target)


def run_with_gradient(
    engine: Engine, layer: str, activation: tf.Tensor, target: tf.Tensor
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Run from `layer` to the logits and back.

    Args:
        activation: float32 (N, h, w, c), the output of `layer`.
        target: int32 (N,); negative for the top class.

    Returns:
        Every layer's output from `layer` on, by name, and ∂(target's logit)/∂activation, float32 (N, h, w, c).
    """
    with tf.GradientTape() as tape:
        tape.watch(activation)
        values = engine.execute(layer, activation, engine.architecture.logits)
        logits = values[engine.architecture.logits]
        chosen = tf.gather(logits, choose_target(logits, target), batch_dims=1)
    return values, tape.gradient(chosen, activation)


def channel_weights(gradient: tf.Tensor) -> tf.Tensor:
    """α_k, float32 (N, c): the gradient's mean over places."""
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


def gradcam(engine: Engine, batch: np.ndarray, at: str, target: int = -1) -> GradCam:
    """Grad-CAM of one image at a block's output, a stage, or a layer of the stem.

    Args:
        batch: float32 (1, h, w, 3), preprocessed for the loaded weights. Not modified.
        at: a block ("conv5_block3"), a stage ("conv4", its last block), or "conv1", "pool1".
        target: class index; -1 for the top class.

    Raises:
        UnknownLayerError: no such place.
        UnknownClassError: no such class.
    """
    layer = engine.architecture.place(at).layer
    if target >= engine.architecture.classes:
        raise UnknownClassError(
            f"There is no such class. Received: {target}. Accepted: -1 to {engine.architecture.classes - 1}."
        )

    def run(x, t):
        activation = engine.forward(x, layer)[layer]
        _, gradient = run_with_gradient(engine, layer, activation, t)
        return maps_of(engine, activation, gradient)

    out = engine.compiled(("gradcam", layer), run, [engine.batch_spec(), engine.target_spec()])(
        batch, [target]
    )
    return GradCam(layer, out["gradcam"][0], out["heatmap"][0])
