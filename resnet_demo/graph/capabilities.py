"""What a network can be asked, and why not where it cannot.

classes      it ends in scores: classes, and everything that explains one
residual     it has residual blocks
relu_mask    all that a photo passes outside the residual branches is piecewise linear, so that the last map is
             what the stem and the branches brought, each times masks
linear_head  from the last map to the logits all is piecewise linear
spatial      it has maps: every network that opens
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from resnet_demo.graph.blocks import BlockSpec
from resnet_demo.graph.flat import FlatGraph
from resnet_demo.graph.head import Head, lineage
from resnet_demo.graph.kinds import is_piecewise_linear

CAPABILITIES = ("spatial", "classes", "residual", "relu_mask", "linear_head")


@dataclass(frozen=True)
class Lack:
    """Why a network lacks a capability, to be put into words.

    Attributes:
        key: "no_classes", with the `shape` it ends in; "no_blocks"; "mask_bends" and "head_bends", with the first
            `layer` that is not piecewise linear and its `kind`.
        values: those.
    """

    key: str
    values: dict[str, str] = field(default_factory=dict, hash=False)


def lacks(graph: FlatGraph, head: Head, blocks: tuple[BlockSpec, ...]) -> dict[str, Lack]:
    """The capabilities that a network lacks, each with its reason."""
    found: dict[str, Lack] = {}
    if not head.classes:
        shape = "×".join(map(str, graph[head.logits].shape))
        found["classes"] = found["linear_head"] = Lack("no_classes", {"shape": shape})
    else:
        above = lineage(graph, head.logits) - lineage(graph, head.input)
        if head.strips:
            above -= {head.logits}  # a dense layer whose activation is left out
        if bent := _bent(graph, above):
            found["linear_head"] = Lack("head_bends", bent)
    if not blocks:
        found["residual"] = found["relu_mask"] = Lack("no_blocks")
    elif bent := _bent(graph, _outside_branches(graph, head.input, blocks)):
        found["relu_mask"] = Lack("mask_bends", bent)
    return found


def _outside_branches(graph: FlatGraph, last: str, blocks: tuple[BlockSpec, ...]) -> set[str]:
    """What lies between the first block's input and the last map, but for the residual branches."""
    outside = lineage(graph, last) - lineage(graph, blocks[0].input)
    for block in blocks:
        below = lineage(graph, block.input)
        outside -= lineage(graph, block.residual) - below - (lineage(graph, block.shortcut) - below)
    return outside


def _bent(graph: FlatGraph, names: Iterable[str]) -> dict[str, str] | None:
    """The first node of `names` that is not piecewise linear, and what it is."""
    chosen = set(names)
    for node in graph:
        if node.name in chosen and not is_piecewise_linear(node):
            return {"layer": node.name, "kind": type(node.op).__name__}
    return None
