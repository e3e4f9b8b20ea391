"""One backward pass: from one class's logit down to any layers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.graph.head import cuts


def choose_target(logits: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Class indices int32 (N,): `target`, or the top class where `target` is negative."""
    return tf.where(target < 0, tf.argmax(logits, axis=-1, output_type=tf.int32), target)


def run_with_gradients(
    engine: Engine,
    batch: tf.Tensor,
    target: tf.Tensor,
    layers: Sequence[str],
    *,
    keep: Collection[str] = (),
    softmax: bool = False,
) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
    """Run the whole network, and back from the target's logit down to the lowest of `layers`.

    Args:
        batch: float32 (N, h, w, 3).
        target: int32 (N,); negative for the top class.
        layers: names of layers that give a map; of a block's input, sum or output.
        keep: layers whose output will be read, too.
        softmax: go back from the logarithm of the target's probability in a softmax instead.

    Returns:
        Every layer's output by name; and for each of `layers` the gradient of the target's logit with respect to
        its output.
    """
    start, last = _last_cut_below(engine, layers), engine.architecture.logits
    keep = (*layers, *keep)
    below = engine.forward(batch, start, keep=keep)
    above = engine.execute(start, below[start], last, keep=keep)
    logits = above[last]
    of_target = tf.one_hot(choose_target(logits, target), logits.shape[-1], dtype=logits.dtype)
    if softmax:
        of_target -= tf.nn.softmax(logits)
    gradients = engine.pull_back(start, above, last, of_target, keep=keep)
    return below | above, {name: gradients[name] for name in layers}


def _last_cut_below(engine: Engine, layers: Collection[str]) -> str:
    """The last layer that all of `layers`, but for itself, and everything above them see the photo through."""
    order = {name: i for i, name in enumerate(engine.steps)}
    lowest = min(order[name] for name in layers)
    passed = cuts(engine.graph, engine.architecture.logits)
    return next((name for name in reversed(passed) if order.get(name, -1) <= lowest), engine.input_name)
