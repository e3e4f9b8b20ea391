"""Other ways to draw a heatmap, by tf-keras-vis: the one layer that knows that package.

Left alone it walks from a block's output back to a convolution before the addition, scales every map to
0…1, draws noise from NumPy's global generator, prints Keras' own bar, and runs the network layer by layer,
which is slow and differentiates kernels in vain. Here the layer asked for is the layer watched, nothing is
scaled, and it is given not the user's model but a `_View` of it, run by the engine.

References:
    Chattopadhay et al. 2017, arXiv:1710.11063 (Grad-CAM++); Wang et al. 2019, arXiv:1910.01279 (Score-CAM);
    Simonyan et al. 2013, arXiv:1312.6034 (saliency); Smilkov et al. 2017, arXiv:1706.03825 (SmoothGrad).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.graph.architecture import Layer
from resnet_demo.measures.requirements import require
from resnet_demo.results.heatmaps import GradCam

NAME = "attribution"
REQUIRES = frozenset({"classes", "spatial"})
COST = "on demand"
METHODS = ("gradcam++", "faster-scorecam", "saliency")
CHANNELS, MOST_CHANNELS = 32, 256  # of Faster-ScoreCAM, which masks and classifies the photo once for each
SAMPLES, MOST_SAMPLES = 16, 100  # of SmoothGrad
NOISE = 0.2  # the noise's standard deviation, as a part of the batch's range; the paper advises 0.1 to 0.2
BATCH = 8  # masked photos in one pass

Progress = Callable[[int, int], None]  # told how many passes are done, and of how many


def compute(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int | None],
    *,
    method: str = METHODS[0],
    at: str | None = None,
    channels: int = CHANNELS,
    samples: int = SAMPLES,
    progress: Progress | None = None,
) -> tuple[GradCam, ...]:
    """A heatmap of each of N images by another method than Grad-CAM. None is scaled, and their units differ.

    "gradcam++": like Grad-CAM, each layer of positive gradient weighted by higher derivatives, in units of
    the logit; the paper's factor exp(logit), which is the same everywhere, is left out.

    "faster-scorecam": needs no gradient. The photo, as the network eats it, is multiplied by each of the
    `channels` channels of largest spread (brought to 0…1 over the photo); the channels are added up, each
    weighted by the target's probability under its mask. In units of the layer's activation.

    "saliency": a map not of a layer but of the pixels, mean |∂logit/∂pixel| over `samples` noisy copies
    (SmoothGrad, always with the same noise), the largest of the three colours.

    Args:
        model: the network.
        batch: float32 (N, h, w, 3), preprocessed. Not modified.
        targets: N class indices; None for the top class.
        method: one of `METHODS`.
        at: block, stage or layer of the stem, None for the head's input; "saliency" has no use for it.
        channels: Faster-ScoreCAM's, 1 to `MOST_CHANNELS`; more than the layer has gives all.
        samples: SmoothGrad's, 1 to `MOST_SAMPLES`.
        progress: called for each image after each pass or batch of passes with (passes done, passes in all).

    Returns:
        As Grad-CAM's: the map (h, w) at the layer's own size, and resized to the photo (H, W). For "saliency"
        the layer is the network's input, and the two are the same.

    Raises:
        OptionError: an unknown method, or `channels` or `samples` outside its range.
        UnknownLayerError, UnknownClassError: no such layer or class.
    """
    require(model.engine, REQUIRES)
    _require_options(method, channels, samples)
    engine, progress = model.engine, progress or (lambda *_: None)
    layer = engine.architecture.layer(at or engine.architecture.head_input)
    indices = model.targets(targets, len(batch))
    if (indices < 0).any():
        indices = np.where(indices < 0, engine.logits(batch).argmax(axis=-1), indices)

    # One by one: tf-keras-vis' Faster-ScoreCAM would choose its channels by all images together.
    def of(image: np.ndarray, target: int) -> GradCam:
        if method == "saliency":
            return _smoothgrad(engine, image, target, samples, progress)
        view = _View(engine, layer, progress)
        if method == "gradcam++":
            return _record(engine, layer, _gradcam_plus_plus(view, image, layer, target))
        return _record(engine, layer, _faster_scorecam(view, image, layer, target, channels))

    return tuple(of(image[np.newaxis], int(target)) for image, target in zip(batch, indices, strict=True))


def heatmap(
    model: InstrumentedModel,
    batch: np.ndarray,
    method: str,
    at: str,
    target: int | None = None,
    **options: Any,
) -> GradCam:
    """`compute` for one image (1, h, w, 3)."""
    return compute(model, batch, [target], method=method, at=at, **options)[0]


class _Stretch(keras.layers.Layer):
    """The network from the output of one layer to that of another, as one Keras layer with a gradient.

    Both are compiled passes of the engine. Layer by layer they take twice as long, and TensorFlow 2.21 may
    then crash in the gradient of a strided 1×1 convolution's kernel, which nobody asked for. What goes in
    and out is float32, as tf-keras-vis has it, whatever the network computes in.
    """

    def __init__(self, engine: Engine, start: str, last: str, shape: tuple[int, ...]) -> None:
        super().__init__(name=last, dtype="float32")
        self.engine, self.start, self.last, self.shape = engine, start, last, shape

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Spares Keras a symbolic run."""
        return (input_shape[0], *self.shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The output of `last`, from that of `start`."""
        ends = {"start": self.start, "last": self.last}
        # Before `custom_gradient` looks: the engine reads the model's variables when it first runs a convolution.
        found = tf.constant(self.engine.run(_stretch, inputs.numpy(), **ends), tf.float32)

        def output(x: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
            def gradient(upstream: tf.Tensor) -> tf.Tensor:
                down = self.engine.run(_stretch_back, x.numpy(), upstream.numpy(), **ends)
                return tf.constant(down, tf.float32)

            return found, gradient

        return tf.custom_gradient(output)(inputs)


def _stretch(engine: Engine, x: tf.Tensor, start: str, last: str) -> tf.Tensor:
    return engine.execute(start, x, last)[last]


def _stretch_back(engine: Engine, x: tf.Tensor, upstream: tf.Tensor, start: str, last: str) -> tf.Tensor:
    """∂⟨upstream, output⟩/∂x."""
    return engine.pull_back(start, engine.execute(start, x, last), last, upstream)[start]


class _View(keras.Model):
    """What tf-keras-vis is given: a Keras model of one stretch, or of two that meet at the layer to watch."""

    def __init__(
        self, engine: Engine, layer: Layer | None = None, progress: Progress = lambda *_: None
    ) -> None:
        spec = engine.architecture
        x = photo = keras.Input(spec.input_shape, name=engine.input_name)
        start = engine.input_name
        if layer is not None:
            x = _Stretch(engine, start, layer.node, layer.shape)(x)
            start = layer.node
        logits = _Stretch(engine, start, spec.logits, (spec.classes,))(x)
        super().__init__(inputs=[photo], outputs=[logits])
        self.engine, self.progress = engine, progress

    def predict(self, inputs: list[np.ndarray], batch_size: int) -> np.ndarray:
        """Logits, float32 (N, classes), of many photos (N, h, w, 3)."""
        (photos,) = inputs
        found = []
        for start in range(0, len(photos), batch_size):
            found.append(self.engine.logits(photos[start : start + batch_size]))
            self.progress(min(start + batch_size, len(photos)), len(photos))
        return np.concatenate(found)


def _gradcam_plus_plus(view: _View, batch: np.ndarray, layer: Layer, target: int) -> np.ndarray:
    def score(logits: tf.Tensor) -> tf.Tensor:
        # Less itself: the gradient is the logit's, and exp(score), which overflows for a logit of 89, is 1.
        return logits[:, target] - tf.stop_gradient(logits[:, target])

    found: np.ndarray = package().GradcamPlusPlus(view)(score, batch, **_unscaled(layer))
    view.progress(1, 1)
    return found


def _faster_scorecam(view: _View, batch: np.ndarray, layer: Layer, target: int, channels: int) -> np.ndarray:
    # tf-keras-vis takes the softmax of what `predict` returns, so logits are what it should return.
    found: np.ndarray = package().Scorecam(view)(
        lambda probabilities: probabilities[:, target],
        batch,
        batch_size=BATCH,
        max_N=min(channels, layer.shape[-1]),
        **_unscaled(layer),
    )
    return found


def _smoothgrad(engine: Engine, batch: np.ndarray, target: int, samples: int, progress: Progress) -> GradCam:
    # Copy by copy: tf-keras-vis' own loop draws from NumPy's global generator and tells no progress.
    saliency = package().Saliency(_View(engine))
    noise = np.random.default_rng(0)
    spread = NOISE * np.ptp(batch)
    total = np.zeros(batch.shape)
    for done in range(1, samples + 1):
        copy = batch + noise.normal(0, spread, batch.shape).astype(np.float32)
        total += np.asarray(
            saliency(lambda logits: logits[:, target], copy, keepdims=True, normalize_map=False)
        )
        progress(done, samples)
    pixels = (total[0] / samples).max(axis=-1).astype(np.float32)
    return GradCam(engine.input_name, pixels, pixels)


def _unscaled(layer: Layer) -> dict[str, Any]:
    """Watch this very layer, and leave its map at its own size and scale."""
    return {
        "penultimate_layer": layer.node,
        "seek_penultimate_conv_layer": False,
        "expand_cam": False,
        "normalize_cam": False,
    }


def _record(engine: Engine, layer: Layer, found: np.ndarray) -> GradCam:
    """The record of a map (1, h, w)."""
    size = engine.architecture.input_shape[:2]
    resized = tf.image.resize(tf.convert_to_tensor(found)[..., tf.newaxis], size, "bilinear")
    return GradCam(layer.node, np.asarray(found)[0], resized.numpy()[0, ..., 0])


def _require_options(method: str, channels: int, samples: int) -> None:
    """OptionError for an unknown method, or a number outside its range."""
    if method not in METHODS:
        raise OptionError(
            "There is no such heatmap method. Received: {method!r}. Accepted: {methods}.",
            method=method,
            methods=", ".join(METHODS),
        )
    _require_range("channels", channels, MOST_CHANNELS)
    _require_range("samples", samples, MOST_SAMPLES)


def _require_range(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise OptionError(
            "`{name}` is outside its range. Received: {name}={value}. Accepted: 1 to {most}.",
            name=name,
            value=value,
            most=most,
        )


@cache
def package() -> SimpleNamespace:
    """tf-keras-vis' classes, imported when first asked for: the start can do without them and SciPy."""
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
