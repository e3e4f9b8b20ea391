"""What a built network consists of, read off its graph: stages, blocks, shortcut and residual branch.

Nothing here knows a layer's name in advance. A block is an `Add` with two inputs; its branches run back to their
nearest common ancestor, the block's input; the branch with fewer convolutions is the shortcut.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import keras

from resnet_demo.errors import ArchitectureError, UnknownBlockError, UnknownLayerError

Kind = Literal["projection", "identity"]  # whether a block's shortcut has weights


@dataclass(frozen=True)
class BlockSpec:
    """One residual block; the five layer names say where to find x, S, F, y and x⁺ in the Keras graph."""

    name: str  # by position, which for Keras' networks is Keras' name: "conv4_block6"
    stage: str
    kind: Kind
    shape: tuple[int, int, int]  # (h, w, c) of S, F, y and the output
    input: str
    shortcut: str
    residual: str
    sum: str
    output: str  # the ReLU after the addition, or the addition where none follows

    @property
    def has_relu(self) -> bool:
        """Whether a ReLU, and so a gate, follows the addition."""
        return self.output != self.sum

    @property
    def skips_unchanged(self) -> bool:
        """Whether S is the block's input itself, so that input and output can be compared."""
        return self.shortcut == self.input


@dataclass(frozen=True)
class Layer:
    """A layer worth watching: a layer of the stem, a stage (its last block's output), or a block's output."""

    name: str
    node: str  # its name in the Keras graph
    shape: tuple[int, int, int]  # (h, w, c)


@dataclass(frozen=True)
class Architecture:
    """A network as the analysis sees it; `blocks` is empty for a plain network."""

    input_shape: tuple[int, int, int]
    stem: tuple[Layer, ...]  # conv1 and pool1
    stages: tuple[Layer, ...]  # conv2 … conv5
    blocks: tuple[BlockSpec, ...]
    head_input: str  # the layer whose output the head pools: the last block's, or the last stage's
    logits: str  # the last Dense layer, taken before any softmax
    classes: int
    capabilities: frozenset[str]  # what it can be asked: "spatial", "residual", "relu_mask", "linear_head"

    @property
    def rectified(self) -> frozenset[str]:
        """Layers known to give no negative output: the ReLUs after the additions."""
        return frozenset(block.output for block in self.blocks if block.has_relu)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Where one can look: conv1 and pool1, the stages, the blocks' outputs."""
        return (*self.stem, *self.stages, *(Layer(b.name, b.output, b.shape) for b in self.blocks))

    def block(self, name: str) -> BlockSpec:
        """The block called `name`; UnknownBlockError lists the blocks there are."""
        for block in self.blocks:
            if block.name == name:
                return block
        accepted = ", ".join(b.name for b in self.blocks) or "none, this network has no shortcuts"
        raise UnknownBlockError(f"There is no such block. Received: {name!r}. Accepted: {accepted}.")

    def layer(self, name: str) -> Layer:
        """The layer called `name`: "conv1", "pool1", a stage, a block, or any of their layers.

        A stage stands for its last block's output, "stem" for pool1.
        """
        for layer in self.layers:
            if name in (layer.name, layer.node):
                return layer
        if name == "stem":
            return self.stem[-1]
        accepted = ", ".join(p.name for p in self.layers)
        raise UnknownLayerError(f"There is no such block or stage. Received: {name!r}. Accepted: {accepted}.")


def producers(model: keras.Model) -> dict[str, tuple[str, ...]]:
    """Each operation's name with the names of the operations it reads, in topological order."""
    try:
        made_by = {id(tensor): op.name for op in model.operations for tensor in _flat(op.output)}
        return {
            op.name: ()
            if isinstance(op, keras.layers.InputLayer)
            else tuple(made_by[id(t)] for t in _flat(op.input))
            for op in model.operations
        }
    except (KeyError, ValueError, AttributeError) as error:
        raise ArchitectureError(
            f"A network is analysed when it is one flat functional graph in which every layer is used once. "
            f"Received: {model.name!r}, where that does not hold."
        ) from error


def read(model: keras.Model) -> Architecture:
    """Read the architecture off a built Keras model.

    Args:
        model: a functional model from images (N, h, w, 3) to classes (N, c); weights do not matter.

    Raises:
        ArchitectureError: the graph is no chain of residual blocks (or a plain chain) between a stem and a dense layer.
    """
    if len(model.inputs) != 1:
        raise ArchitectureError(
            f"A network has one input, the photo. Received: {model.name!r} with {len(model.inputs)} inputs."
        )
    graph = producers(model)
    operations = {op.name: op for op in model.operations}
    for op in operations.values():
        _require_channels_last(op)
    order = {name: i for i, name in enumerate(graph)}
    adds = [n for n, op in operations.items() if isinstance(op, keras.layers.Add)]
    pools = [n for n, op in operations.items() if isinstance(op, keras.layers.MaxPooling2D)]
    dense = [n for n, op in operations.items() if isinstance(op, keras.layers.Dense)]
    if len(pools) != 1 or not dense:
        raise ArchitectureError(
            "A ResNet has one max pooling after its first convolution and a dense layer at its end. "
            f"Received: {model.name!r} with {len(pools)} max poolings and {len(dense)} dense layers."
        )
    relus = [n for n, op in operations.items() if _is_relu(op)]
    blocks = _name_blocks([_read_block(name, graph, operations, order, set(relus)) for name in adds])
    pool = pools[0]
    if blocks:
        stages = tuple(
            Layer(name, run[-1].output, run[-1].shape)
            for name, run in ((n, list(r)) for n, r in groupby(blocks, key=lambda b: b.stage))
        )
    else:
        stages = _plain_stages([n for n in relus if order[n] > order[pool]], operations)
    before_pool = [n for n in graph if order[n] < order[pool] and len(operations[n].output.shape) == 4]
    stem_layer = next((n for n in reversed(before_pool) if n in relus), before_pool[-1])
    _require_cuts(graph, order, [b.output for b in blocks])
    return Architecture(
        input_shape=tuple(model.input_shape[1:]),
        stem=(
            Layer("conv1", stem_layer, _shape(operations[stem_layer])),
            Layer("pool1", pool, _shape(operations[pool])),
        ),
        stages=stages,
        blocks=blocks,
        head_input=stages[-1].node,
        logits=dense[-1],
        classes=int(operations[dense[-1]].units),
        capabilities=_capabilities(blocks, operations, graph, stages[-1].node, dense[-1]),
    )


def _capabilities(blocks, operations, graph, head_input: str, logits: str) -> frozenset[str]:
    order = list(graph)
    head = [operations[name] for name in order[order.index(head_input) + 1 : order.index(logits)]]
    found = {
        "spatial": True,
        "residual": bool(blocks),
        "relu_mask": any(block.has_relu for block in blocks),
        "linear_head": all(_is_piecewise_linear(op) for op in head),
    }
    return frozenset(name for name, there in found.items() if there)


def _is_piecewise_linear(op) -> bool:
    """Whether the layer is linear where nothing in it changes sides, at inference."""
    layers, activations = keras.layers, keras.activations
    if isinstance(op, (layers.Dense, layers.Conv2D, layers.Activation)):
        return op.activation in (activations.linear, activations.relu)
    pools = (
        layers.GlobalAveragePooling2D,
        layers.AveragePooling2D,
        layers.GlobalMaxPooling2D,
        layers.MaxPooling2D,
    )
    reshapes = (layers.Flatten, layers.Reshape, layers.ZeroPadding2D, layers.Dropout)
    return isinstance(op, (*pools, *reshapes, layers.BatchNormalization, layers.ReLU, layers.LeakyReLU))


def _read_block(name, graph, operations, order, relus) -> BlockSpec:
    if len(graph[name]) != 2:
        raise ArchitectureError(
            f"A residual block adds two branches. Received: {name!r}, which adds {len(graph[name])}."
        )
    first, second = graph[name]
    common = _ancestors(first, graph) & _ancestors(second, graph)
    start = max(common, key=order.__getitem__)

    def convolutions(branch: str) -> int:
        inside = _ancestors(branch, graph) - _ancestors(start, graph)
        return sum(isinstance(operations[n], keras.layers.Conv2D) for n in inside)

    depth = {first: convolutions(first), second: convolutions(second)}
    if depth[first] == depth[second]:
        raise ArchitectureError(
            "The shortcut is the branch with fewer convolutions. "
            f"Received: {name!r}, whose branches have {depth[first]} each."
        )
    shortcut, residual = sorted((first, second), key=depth.__getitem__)
    readers = [n for n, inputs in graph.items() if name in inputs]
    follower = readers[0] if len(readers) == 1 else name
    if follower not in relus and _is_activation(operations[follower]):
        raise ArchitectureError(
            "The activation after an addition is its gate, which is open or closed. "
            f"Received: {follower!r} after {name!r}. Accepted: a ReLU without slope, threshold or largest value."
        )
    output = follower if follower in relus else name
    return BlockSpec(
        name="",
        stage="",
        kind="projection" if depth[shortcut] else "identity",
        shape=_shape(operations[name]),
        input=start,
        shortcut=shortcut,
        residual=residual,
        sum=name,
        output=output,
    )


def _name_blocks(unnamed: list[BlockSpec]) -> tuple[BlockSpec, ...]:
    """Name blocks by position: a new stage begins where the channels change."""
    named = []
    for stage, (_, run) in enumerate(groupby(unnamed, key=lambda b: b.shape[-1]), start=2):
        for number, block in enumerate(run, start=1):
            fields = vars(block) | {"name": f"conv{stage}_block{number}", "stage": f"conv{stage}"}
            named.append(BlockSpec(**fields))
    return tuple(named)


def _plain_stages(relus: list[str], operations) -> tuple[Layer, ...]:
    """The last, widest ReLU at each spatial size below the stem, for a network without shortcuts."""
    last: dict[tuple[int, ...], str] = {}
    for name in relus:
        size, channels = _shape(operations[name])[:2], _shape(operations[name])[-1]
        # A bottleneck's narrow first ReLU may still have the stage before's size (v1.5).
        if size not in last or channels >= _shape(operations[last[size]])[-1]:
            last[size] = name
    if not last:
        raise ArchitectureError(
            "A plain network has ReLU layers after its max pooling. Received: one without."
        )
    return tuple(
        Layer(f"conv{i}", name, _shape(operations[name])) for i, name in enumerate(last.values(), start=2)
    )


def _require_cuts(graph, order, outputs: list[str]) -> None:
    """A block's output must be all that later layers see of what came before it."""
    for output in outputs:
        cut = order[output]
        for name, inputs in graph.items():
            leaks = [i for i in inputs if order[name] > cut > order[i]]
            if leaks:
                raise ArchitectureError(
                    f"Blocks are read one after another, so nothing may pass around {output!r}. "
                    f"Received: {name!r}, which reads {leaks[0]!r}."
                )


def _ancestors(name: str, graph) -> set[str]:
    """`name` and everything it depends on."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo.extend(graph[current])
    return seen


def _is_relu(op) -> bool:
    """Whether the layer is max(x, 0), and so a gate times x."""
    if isinstance(op, keras.layers.ReLU):
        return op.max_value is None and op.negative_slope == 0 and op.threshold == 0
    return isinstance(op, keras.layers.Activation) and op.activation is keras.activations.relu


def _is_activation(op) -> bool:
    """Whether the operation acts on each unit; one that is no layer, `keras.ops.relu6` say, may."""
    layers = keras.layers
    return isinstance(
        op, (layers.Activation, layers.ReLU, layers.LeakyReLU, layers.PReLU, layers.ELU)
    ) or not isinstance(op, layers.Layer)


def _require_channels_last(op) -> None:
    # Padding alone may call the last axis another: it is how shortcut option A pads channels.
    first = getattr(op, "data_format", "channels_last") == "channels_first" and not isinstance(
        op, keras.layers.ZeroPadding2D
    )
    norm = isinstance(op, keras.layers.BatchNormalization)
    if first or (norm and op.axis not in (-1, len(op.output.shape) - 1)):
        raise ArchitectureError(
            f"Channels are the last axis of every layer. Received: {op.name!r}, where they are another. "
            "Accepted: the data format 'channels_last', and its last axis for BatchNorm."
        )


def _shape(op) -> tuple[int, int, int]:
    return tuple(op.output.shape[1:])


def _flat(tensors) -> list:
    return list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]
