"""Operations whose gradient needs less than TensorFlow's tape would keep for it."""

from __future__ import annotations

import tensorflow as tf


class Relu:
    """max(x, 0)."""

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Its output, of the input's shape."""
        return tf.nn.relu(x)

    def pull_back(self, gradient: tf.Tensor, output: tf.Tensor, x: tf.Tensor) -> list[tf.Tensor]:
        """The gradient where the output is above zero.

        The output tells as much as the input; of a block, whose input is the sum, that lets TensorFlow make convolution,
        sum and ReLU one operation.
        """
        return [tf.raw_ops.ReluGrad(gradients=gradient, features=output)]


class Sum:
    """Two tensors of one shape, added."""

    def __call__(self, one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
        """Their sum, of that shape."""
        return tf.add(one, other)

    def pull_back(
        self, gradient: tf.Tensor, output: tf.Tensor, one: tf.Tensor, other: tf.Tensor
    ) -> list[tf.Tensor]:
        """The gradient, twice."""
        return [gradient, gradient]
