"""Step 3: H(x) = F(x) + x. Shortcut and residual branch of every block, added up.

The branches are the engine's; what they are to add up to comes from the Keras model itself, walked layer by layer, so
that two ways of computing the network meet here.

References:
    He et al. 2015, arXiv:1512.03385, equations 1 and 2.
"""

from __future__ import annotations

import numpy as np

from resnet_demo.graph.flat import FlatGraph
from resnet_demo.learn.check import verdict
from resnet_demo.learn.claims.branches import branches, described, drawn, telling_channel
from resnet_demo.learn.subject import Subject
from resnet_demo.measures.reductions import divide
from resnet_demo.results.check import Check

ROUNDING = 1e-4  # of the largest |y| of a block: what float32 may leave


def compute(at: Subject) -> Check:
    """The check on the photo at hand; the block at hand is drawn.

    Returns:
        `data["shortcut"]`, `["residual"]`, `["sum"]`, `["output"]`: one channel of the block, as rows of positions.
    """
    model, batch = at.model, at.batch
    assert batch is not None  # the step needs a photo
    blocks = model.engine.architecture.blocks
    parts = branches(model.engine, batch)
    walked = _walked(model.engine.graph, batch, {name for b in blocks for name in (b.sum, b.output)})
    off = {
        b.name: divide(float(np.abs(s + f - walked[b.sum]).max()), float(np.abs(walked[b.sum]).max()))
        for b, (_, s, f) in zip(blocks, parts, strict=True)
    }
    worst = max(off, key=off.__getitem__)
    adds_up = [error <= ROUNDING for error in off.values()]
    identity = [b.skips_unchanged for b in blocks]
    chosen, (_, s, f) = next(pair for pair in zip(blocks, parts, strict=True) if pair[0].name == at.block)
    channel = telling_channel(s, f)
    maps = {"shortcut": s, "residual": f, "sum": s + f, "output": walked[chosen.output]}
    return Check(
        "sum",
        verdict(all(adds_up) and all(identity), all(adds_up) and any(identity)),
        {
            "blocks": len(blocks),
            "adds_up": sum(adds_up),
            "sums": f"{sum(s.size for _, s, _ in parts):,}",
            "worst": off[worst],
            "worst_block": worst,
            "identity": sum(identity),
            "projection": len(identity) - sum(identity),
        },
        {name: drawn(tensor, channel) for name, tensor in maps.items()}
        | described(s, channel)
        | {
            "blocks": [b.name for b in blocks],
            "block": chosen.name,
            "kind": chosen.kind,
            "relu": chosen.has_relu,
        },
    )


def _walked(graph: FlatGraph, batch: np.ndarray, names: set[str]) -> dict[str, np.ndarray]:
    """What the nodes `names` give on one photo, (h, w, c), run by Keras; no more is kept than is still to be read."""
    values = {graph.inputs[0].name: batch}
    found = {}
    for node in graph:
        if node.is_input:
            continue
        values[node.name] = node.call(values)
        if node.name in names:
            found[node.name] = np.asarray(values[node.name])[0]
        for name in {name for name in node.inputs if graph.readers[name][-1] == node.name}:
            del values[name]
    return found
