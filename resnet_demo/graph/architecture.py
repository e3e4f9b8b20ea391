"""What a built network consists of, read off its graph: stem, stages, blocks, head, and what it can be asked.

Nothing here knows a layer's name in advance, and nothing but an input and one map is presupposed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

import keras

from resnet_demo.errors import ArchitectureError, Phrase, UnknownBlockError, UnknownLayerError
from resnet_demo.graph.blocks import BlockSpec, Kind, find_blocks, name_blocks
from resnet_demo.graph.capabilities import CAPABILITIES, Lack, lacks
from resnet_demo.graph.flat import FlatGraph, Node, flatten
from resnet_demo.graph.head import cuts, read_head, spatial
from resnet_demo.graph.kinds import activation, activation_inside, is_norm, is_relu, is_weighted

__all__ = ["Architecture", "BlockSpec", "Kind", "Lack", "Layer", "producers", "read", "read_graph"]


@dataclass(frozen=True)
class Layer:
    """A layer worth watching: a layer of the stem, a stage (its last block's output), or a block's output."""

    name: str
    node: str  # its name in the graph
    shape: tuple[int, int, int]  # (h, w, c)


@dataclass(frozen=True)
class Architecture:
    """A network as the analysis sees it; `blocks` is empty for a plain network."""

    input_shape: tuple[int, int, int]
    stem: tuple[Layer, ...]  # conv1, and pool1 where a max pooling follows it
    stages: tuple[Layer, ...]  # conv2 … conv5; stage1 … where no max pooling is in the stem
    blocks: tuple[BlockSpec, ...]
    head_input: str  # the last map, which the head pools: in a ResNet the last block's output
    logits: str  # the scores, taken before the output activation; without a head, the network's output
    classes: int  # 0 without a head
    activation: str | None = None  # of the output: "softmax", "sigmoid", another's name, or None
    strips_activation: bool = (
        False  # whether the layer `logits` applies it itself, so that it is run without it
    )
    lacks: dict[str, Lack] = field(default_factory=dict, hash=False)  # each missing capability, and why
    maps: dict[str, tuple[int, int, int]] = field(
        default_factory=dict, hash=False
    )  # every node that gives a map

    @property
    def capabilities(self) -> frozenset[str]:
        """What it can be asked, of `CAPABILITIES`."""
        return frozenset(CAPABILITIES) - self.lacks.keys()

    @property
    def rectified(self) -> frozenset[str]:
        """Layers known to give no negative output: the ReLUs after the additions."""
        return frozenset(block.output for block in self.blocks if block.has_relu)

    @property
    def residuals(self) -> tuple[str, ...]:
        """The layers that end the blocks' residual branches."""
        return tuple(block.residual for block in self.blocks)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Where one can look: conv1 and pool1, the stages, the blocks' outputs, and the last map."""
        found = (*self.stem, *self.stages, *(Layer(b.name, b.output, b.shape) for b in self.blocks))
        if self.head_input in (layer.node for layer in found):
            return found
        return (*found, Layer(self.head_input, self.head_input, self.maps[self.head_input]))

    def block(self, name: str) -> BlockSpec:
        """The block called `name`; UnknownBlockError lists the blocks there are."""
        for block in self.blocks:
            if block.name == name:
                return block
        accepted = ", ".join(b.name for b in self.blocks) or Phrase("none, this network has no shortcuts")
        raise UnknownBlockError(
            "There is no such block. Received: {name!r}. Accepted: {accepted}.",
            name=name,
            accepted=accepted,
        )

    def layer(self, name: str) -> Layer:
        """The layer called `name`: "conv1", "pool1", a stage, a block, or any layer of the graph that gives a map.

        A stage stands for its last block's output, "stem" for the last of its layers.
        """
        for layer in self.layers:
            if name in (layer.name, layer.node):
                return layer
        if name == "stem":
            return self.stem[-1]
        if name in self.maps:
            return Layer(name, name, self.maps[name])
        accepted = ", ".join(p.name for p in self.layers)
        raise UnknownLayerError(
            "There is no such block or stage. Received: {name!r}. Accepted: {accepted}.",
            name=name,
            accepted=accepted,
        )


def producers(model: keras.Model) -> dict[str, tuple[str, ...]]:
    """Each node's name with the names of the nodes it reads, in the order they run."""
    return {node.name: node.inputs for node in flatten(model)}


def read(model: keras.Model, size: tuple[int, int] | None = None) -> Architecture:
    """Read the architecture off a built Keras model.

    Args:
        model: functional or Sequential, from images (N, h, w, c); weights do not matter.
        size: (height, width) where the model leaves them open; 224 without it.

    Raises:
        ArchitectureError: the model is no graph from one photo to one answer, or has no map.
    """
    return read_graph(flatten(model, size))


def read_graph(graph: FlatGraph) -> Architecture:
    """As `read`, of a model that is flat already."""
    photo = _photo(graph)
    for node in graph:
        _require_channels_last(node)
    head = read_head(graph)
    maps = spatial(graph)
    way = [name for name in cuts(graph, head.input) if name in maps]
    unnamed = find_blocks(graph, way, maps)
    stem = _stem(graph, way, maps, unnamed)
    names = ("conv", 2) if len(stem) == 2 else ("stage", 1)
    blocks = name_blocks(unnamed, *names)
    if blocks:
        runs = [(stage, list(run)) for stage, run in groupby(blocks, key=lambda b: b.stage)]
        stages = tuple(Layer(stage, run[-1].output, run[-1].shape) for stage, run in runs)
    else:
        stages = _plain_stages(graph, way[way.index(stem[-1].node) + 1 :], maps, *names)
    return Architecture(
        input_shape=photo,
        stem=stem,
        stages=stages,
        blocks=blocks,
        head_input=head.input,
        logits=head.logits,
        classes=head.classes,
        activation=head.activation,
        strips_activation=head.strips,
        lacks=lacks(graph, head, blocks),
        maps={name: shape for name, shape in maps.items() if not graph[name].is_input},
    )


def _photo(graph: FlatGraph) -> tuple[int, int, int]:
    """The photo's shape."""
    if len(graph.inputs) != 1:
        raise ArchitectureError(
            "A network has one input, the photo. Received: {graph!r} with {count_of_inputs} inputs.",
            graph=graph.name,
            count_of_inputs=len(graph.inputs),
        )
    shape = graph.inputs[0].shape
    if len(shape) != 3 or shape[-1] not in (1, 3):
        raise ArchitectureError(
            "A photo has three colours, or one channel of grey. Received: {graph!r} with inputs of "
            "shape {shape}. Accepted: (height, width, 3) or (height, width, 1).",
            graph=graph.name,
            shape=shape,
        )
    return (shape[0], shape[1], shape[2])


def _stem(
    graph: FlatGraph, way: list[str], maps: dict[str, tuple[int, int, int]], blocks: list[BlockSpec]
) -> tuple[Layer, ...]:
    """What comes before the first block: conv1, and pool1 where there is a max pooling."""
    kernels = [name for name, shape in maps.items() if is_weighted(graph[name])] or [way[-1]]
    order = {node.name: i for i, node in enumerate(graph)}
    start = next((i for i, name in enumerate(way) if order[name] >= order[kernels[0]]), len(way) - 1)
    end = way.index(blocks[0].input) if blocks else len(way) - 1
    before = way[start : max(end, start) + 1]
    pools = [name for name in before if isinstance(graph[name].op, keras.layers.MaxPooling2D)]
    if pools:
        pool = pools[-1] if blocks else pools[0]
        below = [
            name
            for name in before[: before.index(pool)]
            if not isinstance(graph[name].op, keras.layers.ZeroPadding2D)
        ]
        relus = [name for name in below if is_relu(graph[name])]
        conv = (relus or below or [pool])[-1]
        return (Layer("conv1", conv, maps[conv]), Layer("pool1", pool, maps[pool]))
    conv = before[0]
    for name in before[1:]:
        if not (is_norm(graph[name]) or activation(graph[name])):
            break
        conv = name
    return (Layer("conv1", conv, maps[conv]),)


def _plain_stages(
    graph: FlatGraph, way: list[str], maps: dict[str, tuple[int, int, int]], stage: str, first: int
) -> tuple[Layer, ...]:
    """The last, widest activation at each spatial size after the stem, for a network without shortcuts."""
    active = [name for name in way if activation(graph[name]) or activation_inside(graph[name])] or way[-1:]
    last: dict[tuple[int, ...], str] = {}
    for name in active:
        size, channels = maps[name][:2], maps[name][-1]
        # A bottleneck's narrow first ReLU may still have the stage before's size (v1.5).
        if size not in last or channels >= maps[last[size]][-1]:
            last[size] = name
    return tuple(Layer(f"{stage}{i}", name, maps[name]) for i, name in enumerate(last.values(), start=first))


def _require_channels_last(node: Node) -> None:
    op = node.op
    # Padding alone may call the last axis another: it is how shortcut option A pads channels.
    first = getattr(op, "data_format", "channels_last") == "channels_first" and not isinstance(
        op, keras.layers.ZeroPadding2D
    )
    norm = isinstance(op, keras.layers.BatchNormalization)
    if first or (norm and op.axis not in (-1, len(node.shape))):
        raise ArchitectureError(
            "Channels are the last axis of every layer. Received: {node!r}, where they are another. "
            "Accepted: the data format 'channels_last', and its last axis for BatchNorm.",
            node=node.name,
        )
