"""Step 8: projection blocks stand where shapes change, identity blocks everywhere else. Read off the network's graph.

References:
    He et al. 2015, arXiv:1512.03385, section 3.2: projections are used where dimensions do not match.
"""

from __future__ import annotations

import math
from typing import Any

from resnet_demo.graph.flat import FlatGraph, Node
from resnet_demo.graph.head import lineage
from resnet_demo.graph.kinds import is_weighted
from resnet_demo.learn.check import verdict
from resnet_demo.learn.subject import Subject
from resnet_demo.results.check import Check


def compute(at: Subject) -> Check:
    """The check of the network on screen; needs residual blocks.

    Returns:
        `values["exceptions"]`: how many blocks have a projection though shapes match, or none though they change.
        `data["blocks"]`: of each block its name, stage, kind, shapes, and what its two branches cost.
    """
    graph, spec = at.model.engine.graph, at.model.engine.architecture
    rows: list[dict[str, Any]] = []
    for block in spec.blocks:
        before, below = graph[block.input].shape, lineage(graph, block.input)
        shortcut = lineage(graph, block.shortcut) - below
        residual = lineage(graph, block.residual) - below
        rows.append(
            {
                "name": block.name,
                "stage": block.stage,
                "kind": block.kind,
                "before": list(before),
                "after": list(block.shape),
                "shortcut": _cost(graph, shortcut),
                "residual": _cost(graph, residual),
            }
        )
    projections = [row for row in rows if row["kind"] == "projection"]
    changes = [row for row in rows if row["before"] != row["after"]]
    exceptions = [row for row in rows if (row["kind"] == "projection") != (row["before"] != row["after"])]
    whole = _cost(graph, {node.name for node in graph})
    spent = {name: sum(row["shortcut"][name] for row in rows) for name in whole}
    return Check(
        "projection",
        verdict(bool(changes) and not exceptions, len(exceptions) < len(rows)),
        {
            "network": at.model.network.model.name,
            "blocks": len(rows),
            "projections": len(projections),
            "identities": len(rows) - len(projections),
            "changes": len(changes),
            "exceptions": len(exceptions),
            "which": ", ".join(row["name"] for row in exceptions) or "–",
            "parameters": spent["parameters"],
            "parameter_share": spent["parameters"] / max(whole["parameters"], 1),
            "cost": spent["multiply_adds"] / 1e6,
            "cost_share": spent["multiply_adds"] / max(whole["multiply_adds"], 1),
        },
        {"blocks": rows},
    )


def _cost(graph: FlatGraph, names: set[str]) -> dict[str, int]:
    """Parameters, a shared layer's once, and multiply-adds of some nodes on one photo."""
    nodes = [graph[name] for name in names]
    weights = {
        id(weight): math.prod(weight.shape) for node in nodes for weight in getattr(node.op, "weights", ())
    }
    return {"parameters": sum(weights.values()), "multiply_adds": sum(_multiply_adds(node) for node in nodes)}


def _multiply_adds(node: Node) -> int:
    """One per kernel entry and position; none without a kernel."""
    if not is_weighted(node):
        return 0
    positions = math.prod(node.shape[:-1])
    kernels: list[Any] = [weight.shape for weight in node.op.weights if len(weight.shape) > 1]
    return positions * int(sum(math.prod(shape) for shape in kernels))
