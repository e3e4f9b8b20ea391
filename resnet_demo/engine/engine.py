"""The compiled passes every measurement shares.

A built Keras model, flattened, is re-wired once: BatchNorm is folded into the convolution before it, every residual
addition becomes S + gate·F, and any stretch of the network can be run from a block's output on. Measurements write the
pass they need in TensorFlow on top of `Engine.execute`, as a function at a module's top; `Engine.run` traces each once
and keeps it.

The weights are captured by the compiled functions, not frozen into them as constants: a frozen graph was as fast
(docs/performance.md), but each one held the 100 MB of weights several times over.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from resnet_demo.engine.convolution import Convolution, kernel_and_bias
from resnet_demo.engine.sweep import require_at_the_top, swept
from resnet_demo.errors import ArchitectureError
from resnet_demo.graph import architecture
from resnet_demo.graph.flat import FlatGraph, Node, flatten
from resnet_demo.graph.kinds import is_relu

PASSES_KEPT = 64  # compiled passes; each takes up to 25 MB


@dataclass(frozen=True)
class Step:
    """One operation of the re-wired graph: `apply` takes what the steps named by `inputs` give."""

    name: str
    inputs: tuple[str, ...]
    apply: Callable[..., tf.Tensor]

    @property
    def is_sum(self) -> bool:
        """Whether it adds a block's shortcut and residual branch, in that order."""
        return self.apply in (tf.add, _rectified_sum)

    def pull_back(self, gradient: tf.Tensor, output: tf.Tensor, *inputs: tf.Tensor) -> Sequence[tf.Tensor]:
        """∂⟨gradient, output⟩/∂input, of each of the inputs."""
        if self.apply in (tf.nn.relu, _rectified_sum):
            # By its output, not its input: a block's convolution, sum and ReLU can then be one operation.
            gradient = tf.raw_ops.ReluGrad(gradients=gradient, features=output)
        if self.is_sum or self.apply is tf.nn.relu:
            return [gradient] * len(inputs)
        if isinstance(self.apply, Convolution):
            return [self.apply.pull_back(gradient, *inputs)]
        # What is run once more TensorFlow's common-subexpression elimination merges with the forward pass.
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            again = self.apply(*inputs)
        none = tf.UnconnectedGradients.ZERO
        found: Sequence[tf.Tensor] = tape.gradient(again, inputs, gradient, unconnected_gradients=none)
        return found


class Engine:
    """A network ready to be measured.

    Args:
        model: functional or Sequential, from one photo to one answer.
        size: (height, width) where the model leaves them open; 224 without it.
        is_question: its one unit answers one question; the logits are then two, −z of no and z of yes.

    Attributes:
        graph: the model as a flat list of operations.
        architecture: what the network consists of.
        input_name: the name of the graph's input, from which a whole forward pass starts.
        dtype: what the model computes in: float32, which every shape below names, or float64.

    Raises:
        ArchitectureError: the model is no such graph, has no map, or computes in something else.
    """

    def __init__(
        self, model: keras.Model, size: tuple[int, int] | None = None, *, is_question: bool = False
    ) -> None:
        self.graph = flatten(model, size)
        self.architecture = architecture.read_graph(self.graph)
        self.dtype = _dtype(self.graph)
        self.input_name = self.graph.inputs[0].name
        self.steps, self._unfolded = _rewire(self.graph, self.architecture)
        if is_question:
            step = self.steps[self.architecture.logits]
            self.steps[step.name] = replace(step, apply=lambda *inputs: _no_and_yes(step.apply(*inputs)))
            self.architecture = replace(self.architecture, classes=2)
        blocks = self.architecture.blocks
        self._gate_of: dict[tuple[str, ...], int] = {
            (block.shortcut, block.residual): i for i, block in enumerate(blocks)
        }
        self._ends = {block.output: block for block in blocks if block.has_relu}
        self._passes: OrderedDict[Any, Callable[..., Any]] = OrderedDict()  # the longest unused first
        self._lock, self._tracing = threading.Lock(), threading.Lock()

    def execute(
        self,
        start: str,
        tensor: tf.Tensor,
        last: str,
        gates: tf.Tensor | None = None,
        keep: Collection[str] = (),
    ) -> dict[str, tf.Tensor]:
        """Run the network from layer `start`, whose output is `tensor`, to layer `last`.

        Args:
            start: the input's name, a block's output, or another layer that everything up to `last` passes through.
            tensor: float32 (N, h, w, c), that layer's output.
            last: the layer to stop at.
            gates: float32 (N, number of blocks); a block's residual branch is multiplied by its gate. None: all ones.
            keep: layers whose output will be read, so that they are not merged with what comes next: convolutions,
                although a BatchNorm could be folded into them; and residual branches, although the sum could be. Their
                blocks' sum and ReLU are then one operation of XLA.

        Returns:
            The output of every layer that `last` needs, by name, `start` included. Layers that were merged with another
            are missing.

        Raises:
            ArchitectureError: something passes around `start`.
        """
        values = {start: tensor}
        for step in self._stretch(start, last, keep):
            inputs = [values[name] for name in step.inputs]
            if gates is not None and step.is_sum:
                gate = self._gate_of[step.inputs]
                inputs[1] *= gates[:, gate, tf.newaxis, tf.newaxis, tf.newaxis]
            values[step.name] = step.apply(*inputs)
        return values

    def pull_back(
        self,
        start: str,
        values: Mapping[str, tf.Tensor],
        last: str,
        gradient: tf.Tensor,
        keep: Collection[str] = (),
    ) -> dict[str, tf.Tensor]:
        """∂⟨gradient, output of `last`⟩/∂output of every layer from `start` to `last`, by name.

        Args:
            start, last, keep: as in `execute`.
            values: what that gave.
            gradient: of the shape of `last`'s output.
        """
        found = {last: gradient}
        for step in reversed(self._stretch(start, last, keep)):
            parts = step.pull_back(found[step.name], *(values[name] for name in (step.name, *step.inputs)))
            for name, part in zip(step.inputs, parts, strict=True):
                found[name] = tf.nest.map_structure(tf.add, found[name], part) if name in found else part
        return found

    def _stretch(self, start: str, last: str, keep: Collection[str]) -> list[Step]:
        """The steps from `start`, exclusive, to `last` that `last` needs, in order."""
        chosen: dict[str, Step] = {}
        todo = [last]
        while todo:
            name = todo.pop()
            if name == start or name in chosen:
                continue
            if name == self.input_name:
                raise ArchitectureError(
                    "A network is run from a layer that everything above it sees the photo through. "
                    "Received: {layer!r}, around which something passes. Accepted: {accepted}.",
                    layer=start,
                    accepted=", ".join(layer.name for layer in self.architecture.layers),
                )
            chosen[name] = self._chosen(name, keep)
            todo.extend(chosen[name].inputs)
        return [chosen[name] for name in self.steps if name in chosen]

    def _chosen(self, name: str, keep: Collection[str]) -> Step:
        apart, block = self._unfolded.get(name), self._ends.get(name)
        if apart and apart.inputs[0] in keep:
            return apart
        if block and block.residual in keep and block.sum not in keep:
            return Step(name, (block.shortcut, block.residual), _rectified_sum)
        return self.steps[name]

    def forward(
        self,
        batch: tf.Tensor,
        last: str | None = None,
        gates: tf.Tensor | None = None,
        keep: Collection[str] = (),
    ) -> dict[str, tf.Tensor]:
        """Run the whole network, or up to `last`, on a batch float32 (N, h, w, 3); else as `execute`."""
        return self.execute(self.input_name, batch, last or self.architecture.logits, gates, keep)

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
        return keras.tree.map_structure(lambda tensor: np.asarray(memoryview(tensor)), found)

    def _tensor(self, array: Any) -> tf.Tensor:
        array = np.asarray(array)
        return tf.constant(array, tf.int32 if array.dtype.kind in "iu" else self.dtype)

    def _compiled(
        self, function: Callable[..., Any], signature: tuple[tf.TensorSpec, ...], static: dict[str, Any]
    ) -> Callable[..., Any]:
        # With the types, for 1, 1.0 and True are equal and may not mean the same.
        key = (
            function,
            signature,
            tuple(sorted((name, type(value), value) for name, value in static.items())),
        )
        if (found := self._kept(key)) is not None:
            return found
        require_at_the_top(function)
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

    def _kept(self, key: Any) -> Callable[..., Any] | None:
        with self._lock:
            if key in self._passes:
                self._passes.move_to_end(key)
            return self._passes.get(key)

    def logits(self, batch: np.ndarray) -> np.ndarray:
        """Logits, float32 (N, classes), of a batch float32 (N, h, w, 3). The leanest pass there is."""
        logits: np.ndarray = self.run(_logits, batch)
        return logits


def _rectified_sum(shortcut: tf.Tensor, residual: tf.Tensor) -> tf.Tensor:
    """max(S + F, 0), without writing S + F down."""
    return swept(_add_and_cut, shortcut, residual)


def _add_and_cut(shortcut: tf.Tensor, residual: tf.Tensor) -> tf.Tensor:
    return tf.nn.relu(shortcut + residual)


def _no_and_yes(logit: tf.Tensor) -> tf.Tensor:
    """(N, 2) of one unit's logit (N, 1): the sigmoid of −z is 1 less that of z."""
    return tf.concat([-logit, logit], axis=-1)


def _logits(engine: Engine, batch: tf.Tensor) -> tf.Tensor:
    return engine.forward(batch)[engine.architecture.logits]


def _dtype(graph: FlatGraph) -> tf.DType:
    """What all layers compute in; of the model itself Keras does not tell after loading or cloning."""
    layers = [node.op for node in graph if isinstance(node.op, keras.layers.Layer) and not node.is_input]
    found = sorted({layer.compute_dtype for layer in layers})
    if found not in (["float32"], ["float64"]):
        raise ArchitectureError(
            "A network is measured in one precision, in which its sums are exact enough to be checked. "
            "Received: {graph!r} in {found}. Accepted: float32 or float64.",
            graph=graph.name,
            found=", ".join(found),
        )
    return tf.as_dtype(found[0])


def _rewire(graph: FlatGraph, spec: architecture.Architecture) -> tuple[dict[str, Step], dict[str, Step]]:
    """The operations as steps by name, in order; and the folded BatchNorms once more, by themselves."""
    sums = {block.sum: (block.shortcut, block.residual) for block in spec.blocks}
    shortcuts = {block.shortcut for block in spec.blocks}
    steps, unfolded = {}, {}
    for node in graph:
        if node.is_input:
            continue
        steps[node.name] = step = _step(node, spec)
        if node.name in sums:
            steps[node.name] = Step(node.name, sums[node.name], tf.add)
        elif node.name in shortcuts and isinstance(node.op, keras.layers.ZeroPadding2D):
            steps[node.name] = Step(node.name, node.inputs, _padded_shortcut(node.op))
        elif (convolution := _folds_into(node, graph)) is not None:
            unfolded[node.name] = step
            summed = any(node.name in pair for pair in sums.values())
            folded = Convolution(convolution.op, _scale_and_offset(node.op), shares=not summed)
            steps[node.name] = Step(node.name, convolution.inputs, folded)
    return steps, unfolded


def _step(node: Node, spec: architecture.Architecture) -> Step:
    """One node by itself: what is fastest for Keras' own layers, whatever it does for all others."""
    op, kind = node.op, type(node.op)
    if kind in (keras.layers.Conv2D, keras.layers.DepthwiseConv2D):
        apply = _convolution(op)
    elif kind is keras.layers.BatchNormalization:
        apply = _affine(*_scale_and_offset(op))
    elif kind is keras.layers.Dense and len(node.shape) == 1:
        strips = node.name == spec.logits and spec.strips_activation
        apply = _dense(*kernel_and_bias(op), None if strips else op.activation)
    elif is_relu(node):
        apply = tf.nn.relu
    else:
        apply = _as_it_is(node)
    return Step(node.name, node.inputs, apply)


def _convolution(layer: keras.layers.Layer) -> Callable[..., tf.Tensor]:
    convolution = Convolution(layer)
    if layer.activation is keras.activations.linear:
        return convolution
    return lambda x: layer.activation(convolution(x))


def _folds_into(norm: Node, graph: FlatGraph) -> Node | None:
    """The convolution before a BatchNorm, where nothing but the BatchNorm sees it."""
    if type(norm.op) is not keras.layers.BatchNormalization:
        return None
    before = graph[norm.inputs[0]]
    is_convolution = type(before.op) in (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    linear = is_convolution and before.op.activation is keras.activations.linear
    return before if linear and graph.readers[before.name] == (norm.name,) else None


def _as_it_is(node: Node) -> Callable[..., tf.Tensor]:
    return lambda *values: node.call(dict(zip(node.inputs, values, strict=True)))


def _scale_and_offset(norm: keras.layers.BatchNormalization) -> tuple[np.ndarray, np.ndarray]:
    """BatchNorm at inference is scale·x + offset, per channel."""
    mean, variance = np.asarray(norm.moving_mean), np.asarray(norm.moving_variance)
    gamma = np.asarray(norm.gamma) if norm.scale else np.ones_like(mean)
    beta = np.asarray(norm.beta) if norm.center else np.zeros_like(mean)
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return scale, beta - mean * scale


def _affine(scale: np.ndarray, offset: np.ndarray) -> Callable[..., tf.Tensor]:
    factor, addend = tf.constant(scale), tf.constant(offset)
    # Not `+`: TensorFlow's optimizer adds up a chain of those in an order of its own, which a gate would change.
    return lambda x: tf.nn.bias_add(x * factor, addend)


def _padded_shortcut(layer: keras.layers.ZeroPadding2D) -> Callable[..., tf.Tensor]:
    """Zero padding that may be added to a convolution.

    TensorFlow 2.21 fuses a 1×1 convolution, its bias and the sum into one operation, which crashes if the other
    addend is made by the operation Pad. PadV2 is the same but for a value of its own.
    """
    sides = [*layer.padding]
    paddings = [[0, 0], [0, 0], *sides] if layer.data_format == "channels_first" else [[0, 0], *sides, [0, 0]]
    return lambda x: tf.raw_ops.PadV2(input=x, paddings=paddings, constant_values=tf.zeros((), x.dtype))


def _dense(
    kernel: np.ndarray, bias: np.ndarray, activation: Callable[..., tf.Tensor] | None
) -> Callable[..., tf.Tensor]:
    weights, offset = tf.constant(kernel), tf.constant(bias)
    return lambda x: (activation or tf.identity)(tf.linalg.matmul(x, weights) + offset)
