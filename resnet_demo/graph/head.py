"""The end of a network: where its maps end, where its logits are, and what its outputs mean."""

from __future__ import annotations

from dataclasses import dataclass

from keras import layers

from resnet_demo.errors import ArchitectureError
from resnet_demo.graph.flat import FlatGraph, Node
from resnet_demo.graph.kinds import activation, activation_inside, is_weighted, pools_all


@dataclass(frozen=True)
class Head:
    """What follows the last map.

    Attributes:
        input: the last map that all later layers see the photo through.
        logits: the scores before the output activation; without a head, the network's output.
        strips: whether that layer applies the output activation itself, so that it must be left out.
        activation: the output activation: "softmax", "sigmoid", another's name, or None.
        classes: how many scores; 0 without a head.
    """

    input: str
    logits: str
    strips: bool
    activation: str | None
    classes: int


def read_head(graph: FlatGraph) -> Head:
    """The head of a network with one output.

    Raises:
        ArchitectureError: several outputs, or no layer that gives a map.
    """
    if len(graph.outputs) != 1:
        raise ArchitectureError(
            "A network gives one answer to a photo. Received: {graph!r} with {count_of_outputs} "
            "outputs. Accepted: one output.",
            graph=graph.name,
            count_of_outputs=len(graph.outputs),
        )
    node, alone = graph[graph.outputs[0].node], None
    while len(node.shape) == 1 and (found := activation(node)) and (alone is None or found == "linear"):
        alone = alone if found == "linear" else found
        node = graph[node.inputs[0]]
    inside = activation_inside(node)
    maps = spatial(graph)
    passed = [name for name in cuts(graph, node.name) if name in maps and not graph[name].is_input]
    if not passed or not any(is_weighted(graph[name]) for name in maps):
        raise ArchitectureError(
            "A network of photos has layers that give maps, convolutions for instance. Received: "
            "{graph!r}, in which none does.",
            graph=graph.name,
        )
    last = passed[-1]
    scores = len(node.shape) == 1
    above = lineage(graph, node.name) - lineage(graph, last)
    headed = scores and (alone in ("softmax", "sigmoid") or any(is_weighted(graph[name]) for name in above))
    if not headed:
        return Head(last, graph.outputs[0].node, False, None, 0)
    # An activation inside the dense layer and another after it: the file says both, and the last is the output's.
    strips = alone is None and inside is not None
    if strips and type(node.op) is not layers.Dense:
        raise ArchitectureError(
            "The output activation is a layer of its own or that of a dense layer, so that there are "
            "logits before it. Received: {node!r}, a {kind} with {inside} inside. Accepted: Dense, or "
            "no activation inside.",
            node=node.name,
            kind=type(node.op).__name__,
            inside=inside,
        )
    return Head(last, node.name, strips, inside if strips else alone, node.shape[-1])


def spatial(graph: FlatGraph) -> dict[str, tuple[int, int, int]]:
    """Every node that gives a map of the photo, (h, w, c), with its shape; not what was pooled to one position.

    A model may take a map apart and put it together again, as Keras' `preprocess_input` does with the colours: single
    channels, (h, w), and several outputs at once are no maps themselves, and lead on to the next.
    """
    maps: dict[str, tuple[int, int, int]] = {}
    sides: dict[str, tuple[int, ...]] = {}  # (h, w) of maps and of what leads from one to another
    for node in graph:
        below = [sides[name] for name in node.inputs if name in sides]
        is_map = len(node.shape) == 3 and (node.is_input or (below and not pools_all(node, max(below))))
        if is_map or (len(node.shape) == 2 and node.shape in below):
            sides[node.name] = node.shape[:2]
        if is_map and len(node.shapes) == 1:
            height, width, channels = node.shape
            maps[node.name] = (height, width, channels)
    return maps


def cuts(graph: FlatGraph, last: str) -> list[str]:
    """The nodes that everything from the photo to `last` passes through, in order; `last` is the final one."""
    way = lineage(graph, last)
    nodes: list[Node] = [node for node in graph if node.name in way]
    index = {node.name: i for i, node in enumerate(nodes)}
    found, reach = [], 0
    for i, node in enumerate(nodes):
        if reach <= i:  # no node before it is read behind it
            found.append(node.name)
        reach = max([reach, *(index[name] for name in graph.readers[node.name] if name in index)])
    return found


def lineage(graph: FlatGraph, name: str) -> set[str]:
    """`name` and everything it depends on."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo.extend(graph[current].inputs)
    return seen
