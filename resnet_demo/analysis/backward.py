"""One backward pass through every block."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from resnet_demo.analysis.engine import Engine
from resnet_demo.analysis.gradcam import choose_target


def run_with_gradients(
    engine: Engine, batch: tf.Tensor, target: tf.Tensor, layers: Sequence[str]
) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
    """Run the whole network, and back from the target's logit down to the first block's input.

    Args:
        batch: float32 (N, h, w, 3).
        target: int32 (N,); negative for the top class.
        layers: names between the first block's input and the logits.

    Returns:
        Every layer's output by name, from the first block's input on; and for each of `layers` the gradient
        of the target's logit with respect to its output.
    """
    spec = engine.architecture
    first = spec.blocks[0].input
    x = engine.forward(batch, first)[first]
    with tf.GradientTape() as tape:
        tape.watch(x)
        values = engine.execute(first, x, spec.logits)
        logits = values[spec.logits]
        chosen = tf.gather(logits, choose_target(logits, target), batch_dims=1)
    return values, tape.gradient(chosen, {name: values[name] for name in layers})
