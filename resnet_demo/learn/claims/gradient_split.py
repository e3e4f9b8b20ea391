"""Step 5: dL/dx = dL/dy·(1 + dF/dx). The tutorials' form against the gradient itself, block by block.

Read with y the block's output, as the tutorials draw it, it forgets two things: the ReLU after the sum lets through
only what its mask m has open, and in a projection block the 1 is a map P of its own. The corrected form is
∂L/∂x = Pᵀv + J_Fᵀv with v = m ⊙ ∂L/∂x⁺; Pᵀ is 1 in an identity block.

References:
    He et al. 2016, arXiv:1603.05027, equations 4 and 5.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.engine.branches import pull_back, through_gates
from resnet_demo.engine.engine import Engine
from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.learn.check import verdict
from resnet_demo.learn.subject import Subject
from resnet_demo.measures.gradients import block_gradients, gradient_splits
from resnet_demo.results.check import Check

EXACT = 1e-3  # of ‖∂L/∂x‖: more is no rounding
FORMS = ("output", "sum", "corrected")


def compute(at: Subject) -> Check:
    """The check on the photo at hand, for the logit of the class at hand.

    Returns:
        `data["blocks"]`: of each block the split, and by how much each form misses ∂L/∂x, relative to its norm:
        "output" and "sum" are the tutorials' with y the block's output and its sum, None where there is no adding 1
        since x and y differ in shape; and "corrected".
    """
    model, batch = at.model, at.batch
    assert batch is not None  # the step needs a photo
    splits = gradient_splits(model, batch, at.target)
    missed = model.engine.run(_forms_pass, batch, model.targets([at.target], 1))
    rows: list[dict[str, Any]] = [
        {
            "name": block.name,
            "stage": block.stage,
            "kind": block.kind,
            "shortcut": split.shortcut_rms,
            "residual": split.residual_rms,
            "cosine": split.cosine if isfinite(split.cosine) else None,
            "closed": split.closed_gates,
            **{form: _number(one[form]) for form in FORMS},
        }
        for block, split, one in zip(model.engine.architecture.blocks, splits, missed, strict=True)
    ]
    right = {form: sum(_is_right(row[form]) for row in rows) for form in FORMS}
    off = sorted(row["output"] for row in rows if row["output"] is not None)
    return Check(
        "gradient_split",
        verdict(right["output"] == len(rows), right["output"] + right["sum"] > 0),
        {
            "blocks": len(rows),
            "projection": sum(row["kind"] == "projection" for row in rows),
            "as_output": right["output"],
            "as_sum": right["sum"],
            "as_corrected": right["corrected"],
            "least": off[0] if off else float("nan"),
            "most": off[-1] if off else float("nan"),
            "corrected": max(row["corrected"] or 0.0 for row in rows),
            "by_shortcut": sum(row["shortcut"] > row["residual"] for row in rows),
        },
        {"blocks": rows},
    )


def _is_right(missed: float | None) -> bool:
    return missed is not None and missed <= EXACT


def _number(value: np.ndarray) -> float | None:
    return float(value[0]) if isfinite(value[0]) else None


def _forms_pass(engine: Engine, batch: tf.Tensor, target: tf.Tensor) -> list[dict[str, tf.Tensor]]:
    """Of each block, by how much each form misses the gradient at its input, (N,), relative to its norm."""
    values = engine.forward(batch, engine.architecture.blocks[-1].output)
    found = []
    for block, g in zip(engine.architecture.blocks, block_gradients(engine, batch, target), strict=True):
        x = values[block.input]
        behind = through_gates(block, values, g.output)

        def by(last: str, gradient: tf.Tensor, block: BlockSpec = block, x: tf.Tensor = x) -> tf.Tensor:
            return pull_back(engine, block, last, x, gradient)

        forms = {"corrected": by(block.shortcut, behind) + by(block.residual, behind)}
        for form, gradient in (("output", g.output), ("sum", g.sum)):
            fits = gradient.shape[1:] == x.shape[1:]
            forms[form] = gradient + by(block.residual, gradient) if fits else x * float("nan")
        found.append({form: _norm(one - g.input) / _norm(g.input) for form, one in forms.items()})
    return found


def _norm(tensor: tf.Tensor) -> tf.Tensor:
    return tf.sqrt(tf.reduce_sum(tensor**2, axis=(1, 2, 3)))
