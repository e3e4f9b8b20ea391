"""Other ways to draw a heatmap, by tf-keras-vis: the one place that knows that package.

Left alone it walks from a block's output back to a convolution before the addition, scales every map to 0…1,
draws noise from NumPy's global generator, and prints Keras' own bar. Here the layer asked for is the layer
watched, nothing is scaled, and it sees the network through `_View`, so that the model is not touched, and what
takes many passes runs compiled and can be counted.

References:
    Chattopadhay et al. 2017, arXiv:1710.11063 (Grad-CAM++); Wang et al. 2019, arXiv:1910.01279 (Score-CAM);
    Simonyan et al. 2013, arXiv:1312.6034 (saliency); Smilkov et al. 2017, arXiv:1706.03825 (SmoothGrad).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.analysis.engine import Engine
from resnet_demo.analysis.gradcam import GradCam
from resnet_demo.analysis.report import Explorer
from resnet_demo.errors import OptionError
from resnet_demo.network.architecture import Place

METHODS = ("gradcam++", "faster-scorecam", "saliency")
CHANNELS, MOST_CHANNELS = 32, 256  # of Faster-ScoreCAM, which masks and classifies the photo once for each
SAMPLES, MOST_SAMPLES = 16, 100  # of SmoothGrad
NOISE = 0.2  # the noise's standard deviation, as a part of the batch's range; the paper advises 0.1 to 0.2
BATCH = 8  # masked photos in one pass

Progress = Callable[[int, int], None]  # told how many passes are done, and of how many


def heatmap(
    explorer: Explorer,
    batch: np.ndarray,
    method: str,
    at: str,
    target: int | None = None,
    *,
    channels: int = CHANNELS,
    samples: int = SAMPLES,
    progress: Progress | None = None,
) -> GradCam:
    """A heatmap by another method than Grad-CAM. None is scaled, and their units differ.

    "gradcam++": like Grad-CAM, each place of positive gradient weighted by higher derivatives, in units of the
    logit; the paper's factor exp(logit), which is the same everywhere, is left out.

    "faster-scorecam": needs no gradient. The photo, as the network eats it, is multiplied by each of the
    `channels` channels of largest spread (brought to 0…1 over the photo); the channels are added up, each
    weighted by the target's probability under its mask. In units of the layer's activation.

    "saliency": a map not of a layer but of the pixels, mean |∂logit/∂pixel| over `samples` noisy copies
    (SmoothGrad, always with the same noise), the largest of the three colours.

    Args:
        explorer: the network.
        batch: float32 (1, h, w, 3), preprocessed. Not modified.
        method: one of `METHODS`.
        at: block, stage or layer of the stem; "saliency" has no use for it.
        target: class index; None for the top class.
        channels: Faster-ScoreCAM's, 1 to `MOST_CHANNELS`; more than the layer has gives all.
        samples: SmoothGrad's, 1 to `MOST_SAMPLES`.
        progress: called after each pass or batch of passes with (passes done, passes in all).

    Returns:
        As Grad-CAM's: the map (h, w) at the layer's own size, and resized to the photo (H, W). For "saliency"
        the layer is the network's input, and the two are the same.

    Raises:
        OptionError: an unknown method, or `channels` or `samples` outside its range.
        UnknownLayerError, UnknownClassError: no such place or class.
    """
    if method not in METHODS:
        raise OptionError(
            f"There is no such heatmap method. Received: {method!r}. Accepted: {', '.join(METHODS)}."
        )
    _require_range("channels", channels, MOST_CHANNELS)
    _require_range("samples", samples, MOST_SAMPLES)
    place = explorer.engine.architecture.place(at)
    chosen = _chosen(explorer, batch, target)
    view = _View(explorer, progress)
    if method == "saliency":
        pixels = _smoothgrad(view, batch, chosen, samples)
        return GradCam(explorer.engine.input_name, pixels, pixels)
    if method == "gradcam++":
        found = _gradcam_plus_plus(view, batch, place, chosen)
    else:
        found = _faster_scorecam(view, batch, place, chosen, channels)
    return _record(explorer.engine, place, found)


def reference_gradcam(explorer: Explorer, batch: np.ndarray, at: str, target: int | None = None) -> GradCam:
    """Grad-CAM by tf-keras-vis on the Keras model: what our own is tested against.

    Arguments, result and errors are those of `heatmap`.
    """
    place = explorer.engine.architecture.place(at)
    chosen = _chosen(explorer, batch, target)
    found = _package().Gradcam(_View(explorer))(lambda logits: logits[:, chosen], batch, **_unscaled(place))
    return _record(explorer.engine, place, found)


class _View:
    """The network as tf-keras-vis asks for it: the Keras model's graph, the engine's passes."""

    def __init__(self, explorer: Explorer, progress: Progress | None = None) -> None:
        model = explorer.network.model
        self.engine = explorer.engine
        self.inputs, self.layers = model.inputs, model.layers
        self.outputs = [model.get_layer(self.engine.architecture.logits).output]
        self.progress = progress or (lambda *_: None)

    def __call__(self, inputs: list[tf.Tensor], training: bool) -> tf.Tensor:
        """Logits that a gradient tape can differentiate by the input; a view is never in training."""
        del training

        @tf.custom_gradient
        def logits(batch: tf.Tensor) -> tuple[tf.Tensor, Callable]:
            found = self.engine.logits(batch.numpy())
            return tf.constant(found), lambda upstream: tf.constant(
                _input_gradient(self.engine, batch, upstream)
            )

        return logits(*inputs)

    def predict(self, inputs: list[np.ndarray], batch_size: int) -> np.ndarray:
        """Logits, float32 (N, classes), of many pictures (N, h, w, 3)."""
        (pictures,) = inputs
        found = []
        for start in range(0, len(pictures), batch_size):
            found.append(self.engine.logits(pictures[start : start + batch_size]))
            self.progress(min(start + batch_size, len(pictures)), len(pictures))
        return np.concatenate(found)


def _input_gradient(engine: Engine, batch: tf.Tensor, upstream: tf.Tensor) -> np.ndarray:
    """∂⟨upstream, logits⟩/∂batch, float32 (N, h, w, 3)."""

    def run(x: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            logits = engine.forward(x)[engine.architecture.logits]
        return tape.gradient(logits, x, output_gradients=weights)

    by_class = tf.TensorSpec((None, engine.architecture.classes), tf.float32)
    return engine.compiled("input gradient", run, [engine.batch_spec(), by_class])(batch, upstream)


def _gradcam_plus_plus(view: _View, batch: np.ndarray, place: Place, target: int) -> np.ndarray:
    def score(logits: tf.Tensor) -> tf.Tensor:
        # Less itself: the gradient is the logit's, and exp(score), which overflows for a logit of 89, is 1.
        return logits[:, target] - tf.stop_gradient(logits[:, target])

    found = _package().GradcamPlusPlus(view)(score, batch, **_unscaled(place))
    view.progress(1, 1)
    return found


def _faster_scorecam(view: _View, batch: np.ndarray, place: Place, target: int, channels: int) -> np.ndarray:
    # tf-keras-vis takes the softmax of what `predict` returns, so logits are what it should return.
    return _package().Scorecam(view)(
        lambda probabilities: probabilities[:, target],
        batch,
        batch_size=BATCH,
        max_N=min(channels, place.shape[-1]),
        **_unscaled(place),
    )


def _smoothgrad(view: _View, batch: np.ndarray, target: int, samples: int) -> np.ndarray:
    # Copy by copy: tf-keras-vis' own loop draws from NumPy's global generator and tells no progress.
    saliency = _package().Saliency(view)
    noise = np.random.default_rng(0)
    spread = NOISE * np.ptp(batch)
    total = np.zeros(batch.shape)
    for done in range(1, samples + 1):
        copy = batch + noise.normal(0, spread, batch.shape).astype(np.float32)
        total += np.asarray(
            saliency(lambda logits: logits[:, target], copy, keepdims=True, normalize_map=False)
        )
        view.progress(done, samples)
    return (total[0] / samples).max(axis=-1).astype(np.float32)


def _unscaled(place: Place) -> dict[str, Any]:
    """Watch this very layer, and leave its map at its own size and scale."""
    return {
        "penultimate_layer": place.layer,
        "seek_penultimate_conv_layer": False,
        "expand_cam": False,
        "normalize_cam": False,
    }


def _record(engine: Engine, place: Place, found: np.ndarray) -> GradCam:
    """The record of a map (1, h, w)."""
    size = engine.architecture.input_shape[:2]
    resized = tf.image.resize(tf.convert_to_tensor(found)[..., tf.newaxis], size, "bilinear")
    return GradCam(place.layer, np.asarray(found)[0], resized.numpy()[0, ..., 0])


def _chosen(explorer: Explorer, batch: np.ndarray, target: int | None) -> int:
    index = explorer.require_class(target)
    return index if index >= 0 else int(np.argmax(explorer.engine.logits(batch)[0]))


def _require_range(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise OptionError(f"`{name}` is outside its range. Received: {name}={value}. Accepted: 1 to {most}.")


@cache
def _package() -> SimpleNamespace:
    """tf-keras-vis' methods, imported when first asked for: the start can do without them and SciPy."""
    with warnings.catch_warnings():
        # It takes `zoom` from where SciPy had it before version 1.8.
        warnings.filterwarnings("ignore", ".*scipy.ndimage.interpolation.*", DeprecationWarning)
        from tf_keras_vis.gradcam import Gradcam
        from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
        from tf_keras_vis.saliency import Saliency
        from tf_keras_vis.scorecam import Scorecam
    return SimpleNamespace(
        Gradcam=Gradcam, GradcamPlusPlus=GradcamPlusPlus, Saliency=Saliency, Scorecam=Scorecam
    )
