"""Keras' convolutions, as TensorFlow runs them with a kernel and a bias of our choice."""

from __future__ import annotations

from functools import cache, cached_property

import keras
import numpy as np
import tensorflow as tf

LARGE = 1 << 17  # numbers of a kernel, from which on it is not held twice
FEW = 64  # positions of a map, up to which a product is faster than a convolution of one tap


def is_depthwise(layer: keras.layers.Layer) -> bool:
    """Whether each channel is convolved by itself, with a kernel (h, w, channels, multiplier)."""
    return isinstance(layer, keras.layers.DepthwiseConv2D)


def kernel_and_bias(layer: keras.layers.Layer) -> tuple[np.ndarray, np.ndarray]:
    """The weights of a convolution or dense layer; its bias (channels,) is 0 where it has none."""
    kernel = np.asarray(layer.kernel)
    channels = kernel.shape[-1] * kernel.shape[-2] if is_depthwise(layer) else kernel.shape[-1]
    return kernel, np.asarray(layer.bias) if layer.use_bias else np.zeros(channels, kernel.dtype)


class Convolution:
    """What a `Conv2D`, in groups or not, or a `DepthwiseConv2D` does, with what may be folded into it.

    Its weights are made when it is first run: mostly only the one with a BatchNorm folded in is.

    Args:
        layer: the convolution; its activation is left out.
        folded: what its output is multiplied by, and what is added then, each (output channels,).
        shares: leave a large kernel as it is, in Keras' own memory, and multiply the output. TensorFlow makes one
            operation of it, as fast as a folded kernel, unless a sum comes next.
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        folded: tuple[np.ndarray, np.ndarray] | None = None,
        *,
        shares: bool = False,
    ) -> None:
        self.layer, self.folded = layer, folded
        self.groups = getattr(layer, "groups", 1)
        self.padding = layer.padding.upper()
        large = int(np.prod(layer.kernel.shape)) >= LARGE
        # TensorFlow has that operation for float32 alone.
        self.shares = shares and large and not is_depthwise(layer) and layer.compute_dtype == "float32"

    @cached_property
    def weights(self) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
        """Kernel, (h, w, channels of a group, output channels) or depthwise (h, w, channels, multiplier); bias; and
        what its output is multiplied by before that is added, if the kernel does not hold it.
        """
        with tf.init_scope():  # now, not in a graph that is being traced
            kernel, bias = kernel_and_bias(self.layer)
            if self.folded is None:
                return tf.constant(kernel), tf.constant(bias), None
            scale, offset = self.folded
            bias = tf.constant(bias * scale + offset)
            if self.shares:
                return tf.convert_to_tensor(self.layer.kernel), bias, tf.constant(scale)
            # A depthwise kernel ends in (channels, multiplier), which its output's channels are, one by one.
            factor = scale.reshape(kernel.shape[-2:]) if is_depthwise(self.layer) else scale
            return tf.constant(kernel * factor), bias, None

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Its output, of an input (N, h, w, c)."""
        _, bias, scale = self.weights
        if scale is None:
            return tf.nn.bias_add(self._convolved(x), bias)
        return tf.raw_ops.FusedBatchNormV3(
            x=self._convolved(x),
            scale=scale,
            offset=bias,
            mean=tf.zeros(bias.shape),
            variance=tf.ones(bias.shape),
            epsilon=0.0,
            is_training=False,
        ).y

    def linear(self, x: tf.Tensor) -> tf.Tensor:
        """Its output without its bias."""
        scale = self.weights[2]
        return self._convolved(x) if scale is None else self._convolved(x) * scale

    def _convolved(self, x: tf.Tensor) -> tf.Tensor:
        layer, kernel = self.layer, self.weights[0]
        if is_depthwise(layer):
            options = {"strides": layer.strides, "padding": layer.padding}
            return keras.ops.depthwise_conv(x, kernel, dilation_rate=layer.dilation_rate, **options)
        if self.groups > 1 and not _groups_run_backwards(kernel.dtype):
            kernels = tf.split(kernel, self.groups, axis=-1)
            parts = zip(tf.split(x, self.groups, axis=-1), kernels, strict=True)
            return tf.concat([self._plain(part, of_part) for part, of_part in parts], axis=-1)
        return self._plain(x, kernel)

    def pull_back(self, gradient: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        """∂⟨gradient, output⟩/∂x.

        A convolution of the gradient with the kernel turned round is faster than oneDNN's own way back, and takes the
        kernel once more. On maps of few positions a kernel of one tap is multiplied by as it lies in memory, so that
        only the small product is transposed.
        """
        layer, (kernel, _, scale) = self.layer, self.weights
        height, width, channels = gradient.shape[1:]
        if not is_depthwise(layer) and self.groups == 1:
            if kernel.shape[:2] == (1, 1):
                if height * width <= FEW:
                    rows = tf.reshape(gradient if scale is None else gradient * scale, (-1, channels))
                    below = tf.transpose(tf.linalg.matmul(kernel[0, 0], rows, transpose_b=True))
                    below = tf.reshape(below, (-1, height, width, kernel.shape[2]))
                else:
                    below = tf.nn.conv2d(gradient, self._turned, 1, "VALID")
                return _spread(below, layer.strides, x.shape[1:3])
            odd = all(side % 2 for side in kernel.shape[:2])
            if odd and self.padding == "SAME" and tuple(layer.strides) == (1, 1):
                return self._plain(gradient, self._turned)
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = self._convolved(x)
        return tape.gradient(output, x, gradient if scale is None else gradient * scale)

    @cached_property
    def _turned(self) -> tf.Tensor:
        """The kernel turned by 180 degrees, from output to input channels."""
        with tf.init_scope():
            kernel, _, scale = self.weights
            scaled = kernel if scale is None else kernel * scale
            return tf.transpose(scaled[::-1, ::-1], (0, 1, 3, 2))

    def _plain(self, x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        # Not `keras.ops.conv`, which has XLA compile what is in groups.
        layer = self.layer
        return tf.nn.conv2d(x, kernel, layer.strides, self.padding, dilations=layer.dilation_rate)


def _spread(gradient: tf.Tensor, strides: tuple[int, int], size: tuple[int, int]) -> tf.Tensor:
    """A gradient (N, h, w, c) at the positions of a map of `size` that a kernel of one tap looks at; else 0."""
    if tuple(strides) == (1, 1):
        return gradient
    (_, height, width, channels), (down, right) = gradient.shape, strides
    apart = tf.reshape(gradient, (-1, height, 1, width, 1, channels))
    apart = tf.pad(apart, ((0, 0), (0, 0), (0, down - 1), (0, 0), (0, right - 1), (0, 0)))
    return tf.reshape(apart, (-1, height * down, width * right, channels))[:, : size[0], : size[1]]


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
