"""The network as Keras runs it, with one tape over all of it: what the live steps are checked against."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.learn.subject import Subject


@dataclass
class Taped:
    """One photo's run through the Keras model: every watched tensor by its layer's name, and the tape over them."""

    blocks: Any
    values: dict[str, tf.Tensor]
    logits: tf.Tensor
    tape: tf.GradientTape
    known: dict[int, dict[str, tf.Tensor]] = field(default_factory=dict)

    def gradient(self, name: str, target: int) -> tf.Tensor:
        """Of the target's logit, with respect to a layer's output; all of them from one backward pass."""
        if target not in self.known:
            unit = tf.one_hot([target], self.logits.shape[-1], dtype=self.logits.dtype)
            self.known[target] = self.tape.gradient(self.logits, self.values, output_gradients=unit)
        return self.known[target][name]

    def back(self, block: Any, branch: str, gradient: tf.Tensor) -> tf.Tensor:
        """Jᵀ·gradient of one branch, "shortcut" or "residual", of a block."""
        last = getattr(block, branch)
        if last == block.input:
            return gradient
        return self.tape.gradient(self.values[last], self.values[block.input], output_gradients=gradient)

    def mask(self, block: Any) -> tf.Tensor:
        """1 where the ReLU after the sum is open."""
        y = self.values[block.sum]
        return tf.cast(y > 0, y.dtype) if block.has_relu else tf.ones_like(y)


@pytest.fixture(scope="session")
def taped():
    """Make a `Taped` of a network and a photo (1, h, w, c)."""

    def run(instrumented, photo) -> Taped:
        model, spec = instrumented.network.model, instrumented.engine.architecture
        names = {n for b in spec.blocks for n in (b.input, b.shortcut, b.residual, b.sum, b.output)}
        head = model.get_layer(spec.logits)
        watched = {name: model.get_layer(name).output for name in names}
        every = keras.Model(model.input, watched | {"_below": head.input})
        with tf.GradientTape(persistent=True) as tape:
            x = tf.convert_to_tensor(photo, model.layers[-1].compute_dtype)
            tape.watch(x)
            values = every(x, training=False)
            logits = values["_below"] @ head.kernel.value + head.bias.value
        return Taped(spec.blocks, values, logits, tape)

    return run


@pytest.fixture(scope="session")
def at():
    """Make the `Subject` of a step."""

    def make(instrumented, photo, target=None, block="", progress=None) -> Subject:
        batch = np.asarray(photo)
        reporting = {} if progress is None else {"progress": progress}
        return Subject(instrumented, None, batch, target, block, **reporting)

    return make


@pytest.fixture(scope="session")
def without():
    """Have the Keras model run without some residual branches: the BatchNorm at their end gives 0."""

    @contextmanager
    def silenced(instrumented, *blocks):
        norms = [instrumented.network.model.get_layer(block.residual) for block in blocks]
        before = [norm.get_weights() for norm in norms]
        try:
            for norm, weights in zip(norms, before, strict=True):
                count = bool(norm.scale) + bool(norm.center)
                norm.set_weights([np.zeros_like(w) for w in weights[:count]] + weights[count:])
            yield instrumented.network.model
        finally:
            for norm, weights in zip(norms, before, strict=True):
                norm.set_weights(weights)

    return silenced
