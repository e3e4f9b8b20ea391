"""How large the gradient is at each layer of a network at initialisation, on a batch of digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from resnet_demo.learn.degradation import digits
from resnet_demo.learn.twins import twin

DEPTHS = (8, 20, 32, 56, 110)
BATCH = 32


@dataclass(frozen=True)
class GradientFlow:
    """One network at initialisation.

    Attributes:
        kind: "plain" or "residual".
        batch_norm: whether each convolution is followed by a BatchNorm.
        depth: layers with weights.
        norms: ‖∂loss/∂kernel‖ of each convolution, from the first to the last.
    """

    kind: str
    batch_norm: bool
    depth: int
    norms: tuple[float, ...]


def gradient_flow(kind: str, depth: int, *, batch_norm: bool, seed: int = 0) -> GradientFlow:
    """Measure one network, on a batch of digits, in training mode (BatchNorm by the batch's own statistics)."""
    pictures, classes, *_ = digits()
    model = twin(depth, residual=kind == "residual", batch_norm=batch_norm, seed=seed)
    kernels = [layer.kernel for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    with tf.GradientTape() as tape:
        logits = model(pictures[:BATCH], training=True)
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes[:BATCH], logits=logits)
        )
    gradients = tape.gradient(loss, [kernel.value for kernel in kernels])
    return GradientFlow(kind, batch_norm, depth, tuple(float(np.linalg.norm(g)) for g in gradients))


def gradient_flows(
    depths: Sequence[int] = DEPTHS, progress: Callable[[int, int], None] = lambda *_: None
) -> list[GradientFlow]:
    """All four kinds of network at each depth."""
    plan = [
        (kind, depth, norm) for depth in depths for norm in (False, True) for kind in ("plain", "residual")
    ]
    found = []
    for done, (kind, depth, norm) in enumerate(plan):
        progress(done, len(plan))
        found.append(gradient_flow(kind, depth, batch_norm=norm))
    return found
