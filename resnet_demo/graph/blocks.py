"""The residual view: which additions of a network are residual blocks, and their two branches.

A block is an addition that everything passes through. It begins at the last node before it that everything passes
through, too; the branch that is that node itself, or else has fewer kernels, is the shortcut. Additions inside a
branch belong to the branch. What scales a branch (a gate of squeeze-and-excitation, LayerScale, drop path) is part
of the branch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Literal

from resnet_demo.graph.flat import FlatGraph
from resnet_demo.graph.head import lineage
from resnet_demo.graph.kinds import is_relu, is_sum, is_weighted

Kind = Literal["projection", "identity"]  # whether a block's shortcut has weights


@dataclass(frozen=True)
class BlockSpec:
    """One residual block; the five layer names say where to find x, S, F, y and x⁺ in the graph."""

    name: str  # by position, which for Keras' ResNets is Keras' name: "conv4_block6"
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
        """Whether a ReLU, and so a mask, follows the addition."""
        return self.output != self.sum

    @property
    def skips_unchanged(self) -> bool:
        """Whether S is the block's input itself, so that input and output can be compared."""
        return self.shortcut == self.input


def find_blocks(graph: FlatGraph, cuts: list[str], maps: dict[str, tuple[int, int, int]]) -> list[BlockSpec]:
    """The blocks of a network, without names.

    Args:
        cuts: the nodes that everything up to the last map passes through, in order.
        maps: every node that gives a map, with its shape.
    """
    return [
        block for start, end in pairwise(cuts) if end in maps and (block := _block(graph, start, end, maps))
    ]


def _block(graph: FlatGraph, start: str, end: str, maps: dict[str, tuple[int, int, int]]) -> BlockSpec | None:
    node = graph[end]
    if not is_sum(node) or start not in maps or any(maps.get(name) != maps[end] for name in node.inputs):
        return None
    first, second = node.inputs
    below = lineage(graph, start)
    kernels = {
        branch: sum(is_weighted(graph[name]) for name in lineage(graph, branch) - below)
        for branch in (first, second)
    }
    if start in (first, second):
        shortcut, residual = (first, second) if first == start else (second, first)
    elif kernels[first] != kernels[second]:
        shortcut, residual = sorted((first, second), key=kernels.__getitem__)
    else:
        return None  # nothing tells which of the two is the shortcut
    if not kernels[residual]:
        return None  # a sum of two views of the same map
    readers = graph.readers[end]
    relu = len(readers) == 1 and is_relu(graph[readers[0]])
    return BlockSpec(
        name="",
        stage="",
        kind="projection" if kernels[shortcut] else "identity",
        shape=maps[end],
        input=start,
        shortcut=shortcut,
        residual=residual,
        sum=end,
        output=readers[0] if relu else end,
    )


def name_blocks(blocks: list[BlockSpec], stage: str, first: int) -> tuple[BlockSpec, ...]:
    """Name blocks by position, "conv4_block6"; a new stage begins where the channels change.

    Args:
        stage: what a stage's name begins with.
        first: the first stage's number.
    """
    return tuple(
        replace(block, name=f"{stage}{number}_block{position}", stage=f"{stage}{number}")
        for number, (_, run) in enumerate(groupby(blocks, key=lambda b: b.shape[-1]), start=first)
        for position, block in enumerate(run, start=1)
    )
