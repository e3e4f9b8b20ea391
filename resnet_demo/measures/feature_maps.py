"""What a stage sees: which of its channels to show, and their maps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.graph.architecture import Layer
from resnet_demo.measures.requirements import require
from resnet_demo.results.heatmaps import FeatureMaps

NAME = "feature_maps"
REQUIRES = frozenset({"spatial"})
COST = "forward"
CHANNELS_SHOWN = 16


def strongest_channels(activation: tf.Tensor, k: int | tf.Tensor) -> dict[str, tf.Tensor]:
    """Inside a compiled pass: channel means (N, c), the k strongest (N, k), their maps (N, h, w, k).

    `k` is at most the number of channels. Where it is an int, `swept` can run it.
    """
    _, height, width, count = activation.shape
    # Along rows first: twelve thousand float32 numbers added up one after the other would blur the mean.
    means = tf.reduce_mean(tf.reduce_mean(activation, axis=2), axis=1)
    channels = tf.math.top_k(means, k).indices
    # A product with ones and zeros picks the same values as tf.gather on the last axis, in a third of its time.
    picked = tf.linalg.matmul(
        tf.reshape(activation, (-1, height * width, count)),
        tf.one_hot(channels, count, axis=1, dtype=activation.dtype),
    )
    return {
        "means": means,
        "channels": channels,
        "maps": tf.reshape(picked, (-1, height, width, k)),
    }


def layers_of(engine: Engine, name: str) -> tuple[Layer, ...]:
    """The layers shown under `name`: "stem" is conv1 and pool1; anything else is one."""
    return engine.architecture.stem if name == "stem" else (engine.architecture.layer(name),)


def compute(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int | None],
    *,
    at: str | None = None,
    k: int = CHANNELS_SHOWN,
) -> tuple[FeatureMaps, ...]:
    """The k strongest channels at one layer of the network, for N images. The targets do not matter.

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified.
        at: "conv1", "pool1", a stage or a block; None for the head's input.
        k: how many channels; more than there are gives all.

    Raises:
        UnknownLayerError: no such layer.
        OptionError: `k` is not at least 1.
    """
    engine, spec = model.engine, model.engine.architecture
    require(engine, REQUIRES)
    if k < 1:
        raise OptionError(
            "At least one channel is shown. Received: k={k}. Accepted: 1 or more.",
            k=k,
        )
    layer = spec.layer(spec.head_input if at is None else at)
    out = engine.run(_feature_maps, batch, min(k, layer.shape[-1]), layer=layer.node)
    return tuple(from_pass(layer, out, image) for image in range(len(batch)))


def _feature_maps(engine: Engine, batch: tf.Tensor, k: tf.Tensor, layer: str) -> dict[str, tf.Tensor]:
    return strongest_channels(engine.forward(batch, layer)[layer], k)


def from_pass(layer: Layer, out: dict[str, np.ndarray], image: int = 0) -> FeatureMaps:
    """The record of one image of a pass that holds `strongest_channels` of `layer`."""
    return FeatureMaps(
        layer.name, layer.node, layer.shape, *(out[key][image] for key in ("means", "channels", "maps"))
    )


def compute_channel(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None], *, at: str, channel: int
) -> tuple[np.ndarray, ...]:
    """One channel's map, float32 (h, w), at one layer of the network, for N images. The targets do not matter.

    Raises:
        UnknownLayerError: no such layer.
        OptionError: no such channel.
    """
    layer = model.engine.architecture.layer(at)
    if not 0 <= channel < layer.shape[-1]:
        raise OptionError(
            "There is no such channel at {layer}. Received: {channel}. Accepted: 0 to {last}.",
            layer=layer.name,
            channel=channel,
            last=layer.shape[-1] - 1,
        )
    return tuple(model.engine.run(_channel_map, batch, channel, layer=layer.node))


def _channel_map(engine: Engine, batch: tf.Tensor, channel: tf.Tensor, layer: str) -> tf.Tensor:
    return engine.forward(batch, layer)[layer][..., channel]
