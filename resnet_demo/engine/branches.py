"""One branch of a block on its own: run it, pull a gradient back through it, push a tangent forward.

These are steps inside compiled passes. What they repeat of the forward pass TensorFlow's common-subexpression
elimination merges with it again.
"""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from resnet_demo.engine.convolution import Convolution
from resnet_demo.engine.engine import Engine
from resnet_demo.graph.architecture import BlockSpec


def run_branch(engine: Engine, block: BlockSpec, last: str, x: tf.Tensor) -> tf.Tensor:
    """Run one branch of a block.

    Args:
        last: the layer it ends at, `block.shortcut` or `block.residual`.
        x: float (N, h, w, c), the block's input.

    Returns:
        float (N, *block.shape). Only the layers on the way are run.
    """
    return engine.execute(block.input, x, last)[last]


def through_gates(block: BlockSpec, values: Mapping[str, tf.Tensor], tensor: tf.Tensor) -> tf.Tensor:
    """What the ReLU after a block's sum lets through of `tensor`, float (N, *block.shape); all of it without one.

    Args:
        values: every layer's output by name, as `Engine.execute` returns it.
    """
    if not block.has_relu:
        return tensor
    return tf.where(values[block.output] > 0, tensor, tf.zeros((), tensor.dtype))


def pull_back(engine: Engine, block: BlockSpec, last: str, x: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """Jᵀ·gradient, float (N, h, w, c), where J is the Jacobian at `x` of the branch that ends at `last`.

    Args:
        x: float (N, h, w, c), the block's input.
        gradient: float (N, *block.shape), with respect to the branch's output.
    """
    values = engine.execute(block.input, x, last)
    return engine.pull_back(block.input, values, last, gradient)[block.input]


def push_forward(engine: Engine, block: BlockSpec, last: str, x: tf.Tensor, tangent: tf.Tensor) -> tf.Tensor:
    """J·tangent, float (N, *block.shape), where J is the Jacobian at `x` of the branch that ends at `last`.

    Args:
        x, tangent: float (N, h, w, c); the block's input, and a direction in which to move it.
    """
    if last == block.input:
        return tangent
    step = engine.steps[last]
    if step.inputs == (block.input,) and isinstance(step.apply, Convolution):
        # TensorFlow would push a zero for the kernel along, too: a convolution more, and 25 MB in a ResNet50.
        return step.apply.linear(tangent)
    with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
        branch = run_branch(engine, block, last, x)
    return accumulator.jvp(branch)
