"""Step 6: a bottleneck is cheaper than a basic block. Both are built and counted.

References:
    He et al. 2015, arXiv:1512.03385, Fig. 5 and Table 1.
"""

from __future__ import annotations

from typing import Any

import keras

from resnet_demo.learn.check import verdict
from resnet_demo.learn.subject import Subject
from resnet_demo.networks.blocks import V1_5, basic_block, identity_block
from resnet_demo.networks.complexity import PAPER_MULTIPLY_ADDS, multiply_adds
from resnet_demo.networks.geometry import EXPANSION
from resnet_demo.results.check import Check

SIDE, WIDTH, NARROW = 56, 256, 64  # of He et al.'s Figure 5: conv2 of ResNet-50, and of ResNet-34
CHEAPER = 2.0  # a bottleneck costs less than one part in so many of a basic block of its width …
SIMILAR = 0.1  # … and, but for so much, as much as a basic block of a quarter of it


def compute(at: Subject) -> Check:  # noqa: ARG001, the blocks are always the same
    """The check.

    Returns:
        `data["blocks"]`: of each block its `kind`, its `width`, and its convolutions in order: `kernel` (side),
        `parameters` of the kernel, `multiply_adds` on 56×56 positions.
    """
    wide, bottleneck, narrow = found = [
        counted("basic", WIDTH),
        counted("bottleneck", WIDTH),
        counted("basic", NARROW),
    ]
    cost = [sum(layer["multiply_adds"] for layer in block["layers"]) for block in found]
    cheaper = CHEAPER * cost[1] < cost[0]
    similar = abs(cost[1] / cost[2] - 1) < SIMILAR
    return Check(
        "bottleneck",
        verdict(cheaper and similar, cheaper or similar),
        {
            "width": WIDTH,
            "narrow": NARROW,
            "wide_parameters": total(wide, "parameters"),
            "bottleneck_parameters": total(bottleneck, "parameters"),
            "narrow_parameters": total(narrow, "parameters"),
            "factor": cost[0] / cost[1],
            "wide_cost": cost[0] / 1e6,
            "bottleneck_cost": cost[1] / 1e6,
            "narrow_cost": cost[2] / 1e6,
            "ratio": cost[1] / cost[2],
            "paper_34": PAPER_MULTIPLY_ADDS[34] / 1e9,
            "paper_50": PAPER_MULTIPLY_ADDS[50] / 1e9,
        },
        {"blocks": found},
    )


def counted(kind: str, width: int) -> dict[str, Any]:
    """A block between maps of `width` channels, built, with what each of its convolutions costs."""
    x = keras.Input((SIDE, SIDE, width))
    if kind == "basic":
        y = basic_block(x, width, name=kind, style=V1_5)
    else:
        y = identity_block(x, width // EXPANSION, name=kind, style=V1_5)
    layers = [
        {
            "kernel": layer.kernel_size[0],
            "filters": layer.filters,
            "parameters": layer.count_params(),
            "multiply_adds": multiply_adds(layer),
        }
        for layer in keras.Model(x, y).layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    return {"kind": kind, "width": width, "layers": layers}


def total(block: dict[str, Any], name: str) -> int:
    """The sum of one number over a block's convolutions."""
    return sum(layer[name] for layer in block["layers"])
