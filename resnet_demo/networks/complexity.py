"""How large each network is: weighted layers, parameters, multiply-adds and the sizes of its stages.

All of it is counted on the built graph, then laid beside Table 1 of He et al. 2015, arXiv:1512.03385.
"""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import keras

from resnet_demo.errors import ArchitectureError
from resnet_demo.graph import architecture
from resnet_demo.networks.named import arguments_of, build, standard_networks
from resnet_demo.networks.resnet import network_name

# He et al. 2015, Table 1, last line, "FLOPs": multiply-adds of one 224×224 image, by depth.
PAPER_MULTIPLY_ADDS = {
    18: 1_800_000_000,
    34: 3_600_000_000,
    50: 3_800_000_000,
    101: 7_600_000_000,
    152: 11_300_000_000,
}

# Why a network's multiply-adds are not the paper's; {…} is filled in with numbers.
REASONS = {
    "not_in_paper": "The paper has no such network.",
    "projections": (
        "Projections cost {projections}; without them it is {without}, which the paper gives for "
        "shortcuts without "
        "parameters and for none."
    ),
    "stride": (
        "{more} more than {reference}: the stride is on the 3×3 convolution, so the 1×1 before it, in "
        "the first "
        "block of conv3, conv4 and conv5, works at four times as many positions."
    ),
    "wide_projections": (
        "{more} more than {reference}: projections are 3×3 in place of 1×1, nine times the cost, "
        "{projections} in "
        "place of {usual}."
    ),
    "cut": (
        "Cut, not rounded, to one decimal, ours is the paper's {paper}; leaving out the dense layer "
        "({dense}) or the "
        "projections ({projections}) does not give it."
    ),
}


@dataclass(frozen=True)
class Complexity:
    """The size of one network, for a batch of one image."""

    name: str
    layers: int  # as in "ResNet-50": convolutions and dense layers on the longest way from input to logits
    parameters: int  # as Keras counts them, the moving means and variances of BatchNorm included
    multiply_adds: int  # of all convolutions and dense layers
    shortcut_multiply_adds: int  # those of them off the longest way: the projections
    stages: tuple[tuple[int, int, int], ...]  # (h, w, c) that conv1 … conv5 give


def complexity_of(model: keras.Model) -> Complexity:
    """Count a built network.

    Args:
        model: any ResNet, or plain network, that `architecture.read` can read, of fixed input size.

    Raises:
        ArchitectureError: the graph is none of those, or has a layer whose multiply-adds we do not know.
    """
    network = architecture.read(model)
    costs = {op.name: multiply_adds(op) for op in model.operations}
    longest: dict[str, tuple[int, int]] = {}  # weighted layers and their cost on the longest way there
    for name, inputs in architecture.producers(model).items():
        layers, cost = max((longest[i] for i in inputs), default=(0, 0))
        longest[name] = (layers + (costs[name] > 0), cost + costs[name])
    layers, main_cost = max(longest.values())
    return Complexity(
        name=model.name,
        layers=layers,
        parameters=model.count_params(),
        multiply_adds=sum(costs.values()),
        shortcut_multiply_adds=sum(costs.values()) - main_cost,
        stages=(network.stem[0].shape, *(stage.shape for stage in network.stages)),
    )


def multiply_adds(layer: keras.Operation) -> int:
    """Multiply-adds of one layer on one image: one per kernel entry and position, and none without a kernel.

    Biases, BatchNorm, ReLU, pooling and the addition count nothing, as in the paper.

    Raises:
        ArchitectureError: the layer has a kernel and is neither a convolution nor Dense, or its output size is open.
    """
    if not any(len(weight.shape) > 1 for weight in getattr(layer, "weights", ())):
        return 0
    if not isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D | keras.layers.Dense):
        raise ArchitectureError(
            "Multiply-adds are counted for Conv2D, DepthwiseConv2D and Dense layers. Received: {layer!r}, a {kind}.",
            layer=layer.name,
            kind=type(layer).__name__,
        )
    shape = layer.output.shape[1:]
    if None in shape:
        raise ArchitectureError(
            "Multiply-adds are counted for a network of fixed input size. Received: {layer!r} with "
            "output shape {shape}.",
            layer=layer.name,
            shape=shape,
        )
    positions, entries = math.prod(shape) // shape[-1], math.prod(layer.kernel.shape)
    return int(positions * entries)


def row(name: str) -> dict[str, Any]:
    """One network beside the paper's figure, ready for JSON.

    Returns:
        "name", "layers", "parameters", "multiply_adds" and "stages" ([h, w, c] for conv1 … conv5) as in
        `Complexity`; "paper_multiply_adds", None where the paper has no such network; "note", why the two
        figures differ, "" where they agree to the paper's one decimal. Building takes seconds the first time.

    Raises:
        UnknownNameError: no such network; the message lists them.
    """
    counted = _standard_complexity(name)
    return {
        "name": name,
        "layers": counted.layers,
        "parameters": counted.parameters,
        "multiply_adds": counted.multiply_adds,
        "stages": [list(shape) for shape in counted.stages],
        "paper_multiply_adds": _paper_multiply_adds(name),
        "note": difference_explained(name),
    }


def rows() -> list[dict[str, Any]]:
    """`row` for each of `standard_networks`; for a progress bar, ask for one row after another instead."""
    return [row(name) for name in standard_networks()]


def difference_explained(name: str) -> str:
    """Why our multiply-adds are not the paper's, in numbers; "" where they agree to the paper's one decimal.

    Raises:
        UnknownNameError: no such network; the message lists them.
    """
    found = difference(name)
    return REASONS[found[0]].format(**found[1]) if found else ""


def difference(name: str) -> tuple[str, dict[str, str]] | None:
    """The same as a key of `REASONS` and the numbers to fill in; None where the figures agree.

    Raises:
        UnknownNameError: no such network; the message lists them.
    """
    counted = _standard_complexity(name)
    paper = _paper_multiply_adds(name)
    if paper is None:
        return "not_in_paper", {}
    if _rounded(counted.multiply_adds) == _rounded(paper):
        return None
    arguments = arguments_of(name)
    projections = billions(counted.shortcut_multiply_adds)
    main_cost = counted.multiply_adds - counted.shortcut_multiply_adds
    if _rounded(main_cost) == _rounded(paper):
        return "projections", {"projections": projections, "without": billions(main_cost)}
    reference = _standard_complexity(network_name(arguments["depth"]))
    more = {
        "more": billions(counted.multiply_adds - reference.multiply_adds),
        "reference": reference.name,
    }
    match arguments.get("variant"):
        case "v1.5":
            return "stride", more
        case "tutorial-b":
            usual = billions(reference.shortcut_multiply_adds)
            return "wide_projections", more | {"projections": projections, "usual": usual}
    dense_cost = counted.stages[-1][-1] * 1000  # channels of conv5 × classes
    return "cut", {
        "paper": billions(paper, 1),
        "dense": billions(dense_cost),
        "projections": projections,
    }


def billions(count: int, decimals: int = 3) -> str:
    """A number of multiply-adds as it is told: "3.858×10⁹"."""
    return f"{count / 1e9:.{decimals}f}×10⁹"


def _paper_multiply_adds(name: str) -> int | None:
    """The figure of Table 1 for this depth; its plain networks have 18 and 34 layers, and it has no relatives."""
    arguments = arguments_of(name)
    if arguments.get("variant") == "v2" or (arguments.get("plain") and arguments["depth"] not in (18, 34)):
        return None
    return PAPER_MULTIPLY_ADDS.get(arguments.get("depth", 0))


@cache
def _standard_complexity(name: str) -> Complexity:
    counted = complexity_of(build(name))
    if geometry := arguments_of(name).get("geometry"):  # a deep stem counts as one, and a squeeze as none
        counted = replace(counted, layers=geometry.depth)
    gc.collect()  # a Keras model is in reference cycles: up to 240 MB each would wait for the collector
    return counted


def _rounded(count: int) -> float:
    return round(count / 1e9, 1)
