"""The compiled passes every measurement shares.

A built Keras model is re-wired once: BatchNorm is folded into the convolution before it, every residual addition
becomes S + gate·F, and any stretch of the network can be run from a block's output on. Measurements write the pass they
need in TensorFlow on top of `Engine.execute`, as a function at a module's top; `Engine.run` traces each once and keeps
it.

The weights are captured by the compiled functions, not frozen into them as constants: a frozen graph was as fast
(docs/performance.md), but each one held the 100 MB of weights several times over.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from resnet_demo.errors import ArchitectureError
from resnet_demo.graph import architecture

PASSES_KEPT = 64  # compiled passes; each takes up to 25 MB


@dataclass(frozen=True)
class Step:
    """One operation of the re-wired graph: `apply` takes the tensors named by `inputs`."""

    name: str
    inputs: tuple[str, ...]
    apply: Callable[..., tf.Tensor]


class Engine:
    """A network ready to be measured.

    Attributes:
        architecture: what the network consists of.
        input_name: the name of the graph's input, from which a whole forward pass starts.
        dtype: what the model computes in: float32, which every shape below names, or float64.

    Raises:
        ArchitectureError: the model is no chain of blocks (see `architecture.read`), leaves its input size
            open, or computes in something else.
    """

    def __init__(self, model: keras.Model) -> None:
        self.architecture = architecture.read(model)
        _require_fixed_size(model)
        self.dtype = _dtype(model)
        self.input_name = next(iter(architecture.producers(model)))
        self.steps = _rewire(model, self.architecture)
        self._gate_of = {block.sum: i for i, block in enumerate(self.architecture.blocks)}
        self._passes: OrderedDict[Any, Callable] = OrderedDict()  # the longest unused first
        self._lock, self._tracing = threading.Lock(), threading.Lock()

    def execute(
        self, start: str, tensor: tf.Tensor, last: str, gates: tf.Tensor | None = None
    ) -> dict[str, tf.Tensor]:
        """Run the network from layer `start`, whose output is `tensor`, to layer `last`.

        Args:
            start: the input's name or a block's output.
            tensor: float32 (N, h, w, c), that layer's output.
            last: the layer to stop at.
            gates: float32 (N, number of blocks); a block's residual branch is multiplied by its gate. None: all ones.

        Returns:
            Every layer's output between the two, by name, `start` included. Layers that were folded away are missing.
        """
        values = {start: tensor}
        position = {step.name: i for i, step in enumerate(self.steps)}
        for step in self.steps[position.get(start, -1) + 1 : position[last] + 1]:
            if gates is not None and step.name in self._gate_of:
                gate = gates[:, self._gate_of[step.name], tf.newaxis, tf.newaxis, tf.newaxis]
                shortcut, residual = (values[name] for name in step.inputs)
                values[step.name] = shortcut + gate * residual
            else:
                values[step.name] = step.apply(*(values[name] for name in step.inputs))
        return values

    def forward(
        self, batch: tf.Tensor, last: str | None = None, gates: tf.Tensor | None = None
    ) -> dict[str, tf.Tensor]:
        """Run the whole network, or up to `last`, on a batch float32 (N, h, w, 3)."""
        return self.execute(self.input_name, batch, last or self.architecture.logits, gates)

    def run(self, function: Callable[..., Any], *arrays: Any, **static: Any) -> Any:
        """What a pass gives: `function(engine, *tensors, **static)`, traced once and kept.

        A pass is known by its function, its static arguments and the arrays' shapes but for their first axis. The
        function stands at its module's top, where there is nothing to capture: all that it depends on is handed to
        it. Of the passes, the `PASSES_KEPT` used last are kept.

        Args:
            function: what to compute, in TensorFlow; returns tensors in lists, tuples and dictionaries.
            arrays: batches (N, …), integers as int32, all else in the network's precision; or scalars.
            static: hashable; each combination of values is traced by itself.

        Returns:
            What the function returns, as NumPy arrays.

        Raises:
            TypeError: a function that is not its module's own, a closure say; or a static argument without a hash.
        """
        tensors = [self._tensor(array) for array in arrays]
        signature = tuple(
            tf.TensorSpec((None, *t.shape[1:]) if t.shape.rank else (), t.dtype) for t in tensors
        )
        found = self._compiled(function, signature, static)(*tensors)
        return tf.nest.map_structure(lambda tensor: tensor.numpy(), found)

    def _tensor(self, array: Any) -> tf.Tensor:
        array = np.asarray(array)
        return tf.constant(array, tf.int32 if array.dtype.kind in "iu" else self.dtype)

    def _compiled(
        self, function: Callable, signature: tuple[tf.TensorSpec, ...], static: dict[str, Any]
    ) -> Callable:
        # With the types, for 1, 1.0 and True are equal and may not mean the same.
        key = (
            function,
            signature,
            tuple(sorted((name, type(value), value) for name, value in static.items())),
        )
        if (found := self._kept(key)) is not None:
            return found
        _require_at_the_top(function)
        with self._tracing:  # two requests for the same pass trace it once, and a third for another goes on
            if (found := self._kept(key)) is None:
                found = tf.function(
                    lambda *tensors: function(self, *tensors, **static),
                    input_signature=signature,
                    autograph=False,
                ).get_concrete_function()
                with self._lock:
                    self._passes[key] = found
                    while len(self._passes) > PASSES_KEPT:
                        self._passes.popitem(last=False)
        return found

    def _kept(self, key: Any) -> Callable | None:
        with self._lock:
            if key in self._passes:
                self._passes.move_to_end(key)
            return self._passes.get(key)

    def logits(self, batch: np.ndarray) -> np.ndarray:
        """Logits, float32 (N, classes), of a batch float32 (N, h, w, 3). The leanest pass there is."""
        return self.run(_logits, batch)


def _logits(engine: Engine, batch: tf.Tensor) -> tf.Tensor:
    return engine.forward(batch)[engine.architecture.logits]


def _require_at_the_top(function: Callable) -> None:
    module = sys.modules.get(getattr(function, "__module__", ""))
    if getattr(module, getattr(function, "__qualname__", ""), None) is not function:
        raise TypeError(
            "A pass is kept by its function, so the function may capture nothing. "
            f"Received: {function!r}. Accepted: a function at the top of its module."
        )


def _dtype(model: keras.Model) -> tf.DType:
    """What all layers compute in; of the model itself Keras does not tell after loading or cloning."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    found = sorted({layer.compute_dtype for layer in layers})
    if found not in (["float32"], ["float64"]):
        raise ArchitectureError(
            "A network is measured in one precision, in which its sums are exact enough to be checked. "
            f"Received: {model.name!r} in {', '.join(found)}. Accepted: float32 or float64."
        )
    return tf.as_dtype(found[0])


def _require_fixed_size(model: keras.Model) -> None:
    shape = tuple(model.input_shape[1:])
    if len(shape) != 3 or None in shape or shape[-1] != 3:
        raise ArchitectureError(
            "A network has a fixed input size, for its maps have one. "
            f"Received: {model.name!r} with inputs of shape {shape}. Accepted: (height, width, 3), two numbers and 3."
        )


def _rewire(model: keras.Model, spec: architecture.Architecture) -> tuple[Step, ...]:
    """The model's operations as steps, BatchNorm folded, up to the logits."""
    graph = architecture.producers(model)
    operations = {op.name: op for op in model.operations}
    folded = {
        name: inputs[0]
        for name, inputs in graph.items()
        if isinstance(operations[name], keras.layers.BatchNormalization)
        and _is_linear_convolution(operations[inputs[0]])
        and sum(inputs[0] in others for others in graph.values()) == 1
    }
    sums = {block.sum: (block.shortcut, block.residual) for block in spec.blocks}
    shortcuts = {block.shortcut for block in spec.blocks}
    steps = []
    for name, inputs in graph.items():
        op = operations[name]
        if isinstance(op, keras.layers.InputLayer) or name in folded.values():
            continue
        if name in folded:
            convolution = operations[folded[name]]
            scale, offset = _scale_and_offset(op)
            kernel, bias = _kernel_and_bias(convolution)
            step = Step(
                name, graph[folded[name]], _convolution(convolution, kernel * scale, bias * scale + offset)
            )
        elif name in sums:
            step = Step(name, sums[name], tf.add)
        elif isinstance(op, keras.layers.Conv2D):
            step = Step(name, inputs, _convolution(op, *_kernel_and_bias(op)))
        elif isinstance(op, keras.layers.ZeroPadding2D) and name in shortcuts:
            step = Step(name, inputs, _padded_shortcut(op))
        elif isinstance(op, keras.layers.BatchNormalization):
            step = Step(name, inputs, _affine(*_scale_and_offset(op)))
        elif isinstance(op, keras.layers.Dense):
            step = Step(
                name, inputs, _dense(*_kernel_and_bias(op), None if name == spec.logits else op.activation)
            )
        else:
            step = Step(name, inputs, op)
        steps.append(step)
        if name == spec.logits:
            break
    return tuple(steps)


def _is_linear_convolution(op) -> bool:
    return type(op) is keras.layers.Conv2D and op.activation is keras.activations.linear


def _kernel_and_bias(layer) -> tuple[np.ndarray, np.ndarray]:
    kernel = np.asarray(layer.kernel)
    return kernel, np.asarray(layer.bias) if layer.use_bias else np.zeros(kernel.shape[-1], kernel.dtype)


def _scale_and_offset(norm) -> tuple[np.ndarray, np.ndarray]:
    """BatchNorm at inference is scale·x + offset, per channel."""
    mean, variance = np.asarray(norm.moving_mean), np.asarray(norm.moving_variance)
    gamma = np.asarray(norm.gamma) if norm.scale else np.ones_like(mean)
    beta = np.asarray(norm.beta) if norm.center else np.zeros_like(mean)
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return scale, beta - mean * scale


def _convolution(layer, kernel: np.ndarray, bias: np.ndarray) -> Callable:
    weights, offset = tf.constant(kernel), tf.constant(bias)
    padding, activation = layer.padding.upper(), layer.activation

    def apply(x):
        y = tf.nn.conv2d(x, weights, layer.strides, padding, dilations=layer.dilation_rate)
        y = tf.nn.bias_add(y, offset)
        return y if activation is keras.activations.linear else activation(y)

    return apply


def _affine(scale: np.ndarray, offset: np.ndarray) -> Callable:
    factor, addend = tf.constant(scale), tf.constant(offset)
    # Not `+`: TensorFlow's optimizer adds up a chain of those in an order of its own, which a gate would change.
    return lambda x: tf.nn.bias_add(x * factor, addend)


def _padded_shortcut(layer) -> Callable:
    """Zero padding that may be added to a convolution.

    TensorFlow 2.21 fuses a 1×1 convolution, its bias and the sum into one operation, which crashes if the other
    addend is made by the operation Pad. PadV2 is the same but for a value of its own.
    """
    sides = [*layer.padding]
    paddings = [[0, 0], [0, 0], *sides] if layer.data_format == "channels_first" else [[0, 0], *sides, [0, 0]]
    return lambda x: tf.raw_ops.PadV2(input=x, paddings=paddings, constant_values=tf.zeros((), x.dtype))


def _dense(kernel: np.ndarray, bias: np.ndarray, activation: Callable | None) -> Callable:
    weights, offset = tf.constant(kernel), tf.constant(bias)
    return lambda x: (activation or tf.identity)(tf.linalg.matmul(x, weights) + offset)
