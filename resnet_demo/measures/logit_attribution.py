"""The logit as a sum: class bias + stem + projection biases + one number for each block, exact.

A ReLU multiplies by its gates: x⁺ = m·(S + F). With the gates and the residual branches of this
photo held as they are, the way up along the shortcuts is linear, so each residual branch's share in
the logit can be read off by walking down: u is the weight of a block's output in the logit, v = m·u
that of its sum, ⟨F, v⟩ what the residual branch adds, and Pᵀv the weight of the output below, P
being the shortcut's linear part. A projection's own bias adds ⟨b, v⟩.

It says who brought the evidence along, not what would happen without the block: that is a lesion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import choose_target, run_with_gradients, target_logit
from resnet_demo.engine.branches import pull_back, push_forward
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError
from resnet_demo.measures.reductions import total

ROUNDING = 1e-3  # of max(1, |logit|): a hundred times what float32 leaves; more is no rounding


@dataclass(frozen=True)
class LedgerEntry:
    """One block's line of the ledger, in units of the logit.

    Attributes:
        block: the block's name.
        contribution: ⟨F, v⟩; positive where the residual branch spoke for the class.
        map: float32 (h, w), the same for each position; it adds up to `contribution`.
        projection_bias: ⟨b, v⟩ of the block's shortcut; 0 for an identity block.
    """

    block: str
    contribution: float
    map: np.ndarray
    projection_bias: float


@dataclass(frozen=True)
class Ledger:
    """One logit of one photo, taken apart.

    Attributes:
        target: class index.
        logit: the class's logit as the network computed it.
        class_bias: what the head says of an image without any feature.
        stem: ⟨x, u⟩ with x the first block's input.
        entries: one per block, from the first to the last.
        stem_map: float32 (h, w), the stem's contribution for each position; it adds up to `stem`.
    """

    target: int
    logit: float
    class_bias: float
    stem: float
    entries: tuple[LedgerEntry, ...]
    stem_map: np.ndarray

    @property
    def projection_biases(self) -> float:
        """What the biases of all projection shortcuts add."""
        return sum(entry.projection_bias for entry in self.entries)

    @property
    def blocks(self) -> float:
        """What all residual branches add."""
        return sum(entry.contribution for entry in self.entries)

    @property
    def sum(self) -> float:
        """All of it."""
        return self.class_bias + self.stem + self.projection_biases + self.blocks

    @property
    def error(self) -> float:
        """|sum − logit|: rounding."""
        return abs(self.sum - self.logit)


def ledger(model: InstrumentedModel, batch: np.ndarray, target: int | None = None) -> Ledger:
    """The ledger of one image.

    Args:
        batch: float32 (1, h, w, 3), preprocessed. Not modified.
        target: class index; None for the top class.

    Raises:
        ArchitectureError: the network has no shortcuts, or its head is not linear.
        UnknownClassError: no such class.
    """
    return ledgers(model.engine, batch, [model.require_class(target)])[0]


def ledgers(engine: Engine, batch: np.ndarray, targets: Sequence[int]) -> tuple[Ledger, ...]:
    """As `ledger`, for N images (N, h, w, 3) and one class index each; negative for the top class."""
    engine.require_blocks()
    for below, above in pairwise(engine.architecture.blocks):
        if below.output != above.input:
            raise ArchitectureError(
                "The ledger walks from each block straight to the one below. "
                f"Received: a network with layers between {below.name} and {above.name}."
            )
    out = engine.run(_ledger_pass, batch, targets)
    found = tuple(_ledger_of(engine, out, i) for i in range(len(batch)))
    for one in found:
        if one.error > ROUNDING * max(1.0, abs(one.logit)):
            raise ArchitectureError(
                "The ledger needs a head that is linear, pooling and one dense layer. "
                f"Received: a network whose sum {one.sum:.6g} is not its logit {one.logit:.6g}."
            )
    return found


def _ledger_pass(engine: Engine, batch: tf.Tensor, target: tf.Tensor) -> dict[str, Any]:
    """One forward pass, and down again along the shortcuts."""
    spec = engine.architecture
    values, gradients = run_with_gradients(engine, batch, target, [spec.head_input])
    u, logits = gradients[spec.head_input], values[spec.logits]
    chosen = choose_target(logits, target)
    nothing = tf.zeros_like(values[spec.head_input][:1])
    biases = engine.execute(spec.head_input, nothing, spec.logits)[spec.logits]
    blocks = []
    for block in reversed(spec.blocks):
        x, s, f, y = (values[name] for name in (block.input, block.shortcut, block.residual, block.sum))
        v = tf.where(y > 0, u, tf.zeros_like(u)) if block.has_relu else u
        entry = {"contribution": tf.reduce_sum(f * v, axis=-1)}
        if block.kind == "projection":
            # S less its linear part; not S at zero, for a tutorial's shortcut has a ReLU of its own.
            bias = s - push_forward(engine, block, block.shortcut, x, x)
            entry["bias"] = tf.reduce_sum(bias * v, axis=-1)
        blocks.append(entry)
        u = pull_back(engine, block, block.shortcut, x, v)
    return {
        "target": chosen,
        "logit": target_logit(logits, target),
        "class_bias": tf.gather(biases[0], chosen),
        "stem": tf.reduce_sum(values[spec.blocks[0].input] * u, axis=-1),
        "blocks": blocks[::-1],
    }


def _ledger_of(engine: Engine, out: dict[str, Any], image: int) -> Ledger:
    return Ledger(
        target=int(out["target"][image]),
        logit=float(out["logit"][image]),
        class_bias=float(out["class_bias"][image]),
        stem=total(out["stem"][image]),
        entries=tuple(
            LedgerEntry(
                block=block.name,
                contribution=total(entry["contribution"][image]),
                map=entry["contribution"][image],
                projection_bias=total(entry["bias"][image]) if "bias" in entry else 0.0,
            )
            for block, entry in zip(engine.architecture.blocks, out["blocks"], strict=True)
        ),
        stem_map=out["stem"][image],
    )
