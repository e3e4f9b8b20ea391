"""Keras' convolutions, as TensorFlow runs them with a kernel and a bias of our choice."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import keras
import numpy as np
import tensorflow as tf


def is_depthwise(layer: keras.layers.Layer) -> bool:
    """Whether each channel is convolved by itself, with a kernel (h, w, channels, multiplier)."""
    return isinstance(layer, keras.layers.DepthwiseConv2D)


def kernel_and_bias(layer: keras.layers.Layer) -> tuple[np.ndarray, np.ndarray]:
    """The weights of a convolution or dense layer; its bias (channels,) is 0 where it has none."""
    kernel = np.asarray(layer.kernel)
    channels = kernel.shape[-1] * kernel.shape[-2] if is_depthwise(layer) else kernel.shape[-1]
    return kernel, np.asarray(layer.bias) if layer.use_bias else np.zeros(channels, kernel.dtype)


def convolve(
    layer: keras.layers.Layer,
    kernel: np.ndarray,
    bias: np.ndarray,
    activation: Callable = keras.activations.linear,
) -> Callable[[tf.Tensor], tf.Tensor]:
    """What a `Conv2D`, in groups or not, or a `DepthwiseConv2D` does, with other weights.

    Args:
        kernel: (h, w, channels of a group, output channels); depthwise (h, w, channels, multiplier).
        bias: (output channels,).
    """
    weights, offset = tf.constant(kernel), tf.constant(bias)
    groups = getattr(layer, "groups", 1)
    apart = groups > 1 and not _groups_run_backwards(weights.dtype)
    options = {"strides": layer.strides, "padding": layer.padding}

    def plain(x: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        # Not `keras.ops.conv`, which has XLA compile what is in groups.
        return tf.nn.conv2d(x, weights, layer.strides, layer.padding.upper(), dilations=layer.dilation_rate)

    def apply(x: tf.Tensor) -> tf.Tensor:
        if is_depthwise(layer):
            y = keras.ops.depthwise_conv(x, weights, dilation_rate=layer.dilation_rate, **options)
        elif apart:
            parts = zip(tf.split(x, groups, axis=-1), tf.split(weights, groups, axis=-1), strict=True)
            y = tf.concat([plain(part, kernel_of_part) for part, kernel_of_part in parts], axis=-1)
        else:
            y = plain(x, weights)
        y = tf.nn.bias_add(y, offset)
        return y if activation is keras.activations.linear else activation(y)

    return apply


@cache
def _groups_run_backwards(dtype: tf.DType) -> bool:
    """Whether TensorFlow has a gradient for convolutions in groups: on a CPU only where oneDNN brings one."""
    try:
        with tf.init_scope():  # now, not in a graph that is being traced
            tf.raw_ops.Conv2DBackpropInput(
                input_sizes=(1, 3, 3, 4),
                filter=tf.ones((3, 3, 2, 4), dtype),
                out_backprop=tf.ones((1, 1, 1, 4), dtype),
                strides=[1, 1, 1, 1],
                padding="VALID",
            )
    except tf.errors.OpError:
        return False
    return True
