"""Step 4: "If the residual is 0, the block is the identity". Each block with its gate at 0, against its own input.

References:
    He et al. 2015, arXiv:1512.03385, section 3.1; He et al. 2016, arXiv:1603.05027, on the ReLU after the sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.engine.engine import Engine
from resnet_demo.learn.check import verdict
from resnet_demo.learn.claims.branches import branches, described, drawn, telling_channel
from resnet_demo.learn.subject import Subject
from resnet_demo.measures.classification import probabilities, rank
from resnet_demo.measures.gates import gated_logits
from resnet_demo.results.check import Check

GATES = (0.0, 0.25, 0.5, 0.75, 1.0)


def compute(at: Subject) -> Check:
    """The check on the photo at hand; of the block at hand the gate is turned.

    Returns:
        `data["blocks"]`: of each block, with its gate at 0, the largest |x⁺ − x|, None where their shapes differ;
        `data["gates"]`: what the network says, and one channel of the block's output, at each of `GATES`.
    """
    model, batch = at.model, at.batch
    assert batch is not None  # the step needs a photo
    engine, blocks = model.engine, model.engine.architecture.blocks
    chosen = [b.name for b in blocks].index(at.block)
    largest = [None if np.isnan(one) else float(one) for (one,) in engine.run(_closed_pass, batch)]
    same = [one == 0 for one in largest]
    identity = sum(b.skips_unchanged for b in blocks)
    logits = _turned(engine, batch, chosen)  # (gates, classes)
    index = int(logits[-1].argmax()) if at.target is None else at.target
    return Check(
        "identity",
        verdict(all(same), any(same)),
        {
            "blocks": len(blocks),
            "same": sum(same),
            "identity": identity,
            "projection": len(blocks) - identity,
            "bent": sum(b.skips_unchanged and not s for b, s in zip(blocks, same, strict=True)),
            "block": at.block,
            "trained": float(logits[-1][index]),
            "off": float(logits[0][index]),
        },
        {
            "blocks": [
                {"name": b.name, "kind": b.kind, "largest": one}
                for b, one in zip(blocks, largest, strict=True)
            ],
            "block": at.block,
            "target": model.labels[index],
            "gates": [
                {"gate": gate, "logit": float(row[index]), "probability": float(share), "top1": first.label}
                for gate, row, share, first in zip(
                    GATES,
                    logits,
                    probabilities(logits, model.activation)[:, index],
                    (rank(row, model.labels, 1, model.activation)[0] for row in logits),
                    strict=True,
                )
            ],
            **_maps(engine, batch, chosen),
        },
    )


def _closed_pass(engine: Engine, batch: tf.Tensor) -> list[tf.Tensor]:
    """Of each block the largest |x⁺ − x| with its gate at 0, (N,); NaN where their shapes differ."""
    blocks = engine.architecture.blocks
    values = engine.forward(batch, blocks[-1].output)
    gates = tf.zeros((tf.shape(batch)[0], len(blocks)), batch.dtype)
    found = []
    for block in blocks:
        x = values[block.input]
        output = engine.execute(block.input, x, block.output, gates)[block.output]
        apart = output - x if output.shape[1:] == x.shape[1:] else tf.fill(tf.shape(x), float("nan"))
        found.append(tf.reduce_max(tf.abs(apart), axis=(1, 2, 3)))
    return found


def _turned(engine: Engine, batch: np.ndarray, chosen: int) -> np.ndarray:
    """Logits, float32 (gates, classes), with one block's gate at each of `GATES`."""
    gates = np.ones((len(GATES), len(engine.architecture.blocks)))
    gates[:, chosen] = GATES
    return gated_logits(engine, np.repeat(batch, len(GATES), axis=0), gates)


def _maps(engine: Engine, batch: np.ndarray, chosen: int) -> dict[str, Any]:
    """One channel of a block's input, None where it has another shape, and of its output at each of `GATES`."""
    block = engine.architecture.blocks[chosen]
    x, s, f = branches(engine, batch)[chosen]
    channel = telling_channel(s, f)
    sums = tf.stack([s + s.dtype.type(gate) * f for gate in GATES])
    outputs = engine.execute(block.sum, sums, block.output)[block.output].numpy()
    return {
        "input": drawn(x, channel) if x.shape == s.shape else None,
        "input_shape": x.shape,
        "outputs": [drawn(output, channel) for output in outputs],
        **described(s, channel),
    }
