"""The logit as a sum: class bias + stem + projection biases + one number for each block, exact.

A ReLU multiplies by its gates: x⁺ = m·(S + F). With the gates and the residual branches of this
photo held as they are, the way up along the shortcuts is linear, so each residual branch's share in
the logit can be read off by walking down: u is the weight of a block's output in the logit, v = m·u
that of its sum, ⟨F, v⟩ what the residual branch adds, and Pᵀv the weight of the output below, P
being the shortcut's linear part. A projection's own bias adds ⟨b, v⟩.

It says who brought the evidence along, not what would happen without the block: that is a lesion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import choose_target
from resnet_demo.engine.branches import pull_back, push_forward, through_gates
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError
from resnet_demo.measures.reductions import total
from resnet_demo.measures.requirements import require
from resnet_demo.results.laboratory import BlockContribution, LogitAttribution

NAME = "ledger"
REQUIRES = frozenset({"classes", "residual", "relu_mask", "linear_head"})
COST = "forward"

ROUNDING = 1e-3  # of max(1, |logit|): a hundred times what float32 leaves; more is no rounding


def compute(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int | None]
) -> tuple[LogitAttribution, ...]:
    """The ledgers of N images.

    Args:
        batch: float32 (N, h, w, 3), preprocessed. Not modified.
        targets: N class indices; None for the top class.

    Raises:
        ArchitectureError: the network has no shortcuts, or its head is not piecewise linear.
        UnknownClassError: no such class.
    """
    engine = model.engine
    chosen = model.targets(targets, len(batch))
    require(engine, REQUIRES)
    return logit_attributions(engine, engine.run(_attribution_pass, batch, chosen))


def logit_attributions(engine: Engine, out: dict[str, Any]) -> tuple[LogitAttribution, ...]:
    """The ledgers of a pass that holds what `walk_down` gives, one for each class it went down from.

    Raises:
        ArchitectureError: a ledger's sum is not the logit.
    """
    found = tuple(_attribution_of(engine, out, i) for i in range(len(out["target"])))
    for one in found:
        if one.error > ROUNDING * max(1.0, abs(one.logit)):
            raise ArchitectureError(
                "The ledger's sum must be the logit but for rounding. Received: a network whose sum "
                "{sum:.6g} is not its logit {logit:.6g}.",
                sum=one.sum,
                logit=one.logit,
            )
    return found


def logit_attribution(
    model: InstrumentedModel, batch: np.ndarray, target: int | None = None
) -> LogitAttribution:
    """`compute` for one image (1, h, w, 3)."""
    return compute(model, batch, [target])[0]


def _attribution_pass(engine: Engine, batch: tf.Tensor, target: tf.Tensor) -> dict[str, Any]:
    values = engine.forward(batch)
    return walk_down(engine, values, choose_target(values[engine.architecture.logits], target))


def walk_down(engine: Engine, values: Mapping[str, tf.Tensor], chosen: tf.Tensor) -> dict[str, Any]:
    """Inside a compiled pass: from N photos' classes down along the shortcuts.

    Args:
        values: every layer's output by name, (N, …), as `Engine.forward` returns it.
        chosen: int32 (N,), class indices.
    """
    spec = engine.architecture
    top, logits = values[spec.head_input], values[spec.logits]
    of_class = tf.one_hot(chosen, logits.shape[-1], dtype=logits.dtype)
    u = engine.pull_back(spec.head_input, values, spec.logits, of_class)[spec.head_input]
    # What of the logit is not linear in the features, its choices (ReLU, max pooling) held as they are.
    with tf.autodiff.ForwardAccumulator(top, top) as accumulator:
        again = engine.execute(spec.head_input, top, spec.logits)[spec.logits]
    constants = again - accumulator.jvp(again)
    class_bias = tf.gather(constants, chosen, batch_dims=1)
    blocks: list[dict[str, tf.Tensor]] = []
    above = spec.head_input
    for block in reversed(spec.blocks):
        if above != block.output:  # layers between two blocks, or after the last
            u, constant = _pull_through(engine, block.output, above, values[block.output], u)
            if blocks:
                blocks[-1]["between"] = constant
            else:
                class_bias += constant
        above = block.input
        x, s, f = (values[name] for name in (block.input, block.shortcut, block.residual))
        v = through_gates(block, values, u)
        entry = {"contribution": tf.reduce_sum(f * v, axis=-1)}
        if block.kind == "projection":
            # S less its linear part; not S at zero, for a tutorial's shortcut has a ReLU of its own.
            bias = s - push_forward(engine, block, block.shortcut, x, x)
            entry["bias"] = tf.reduce_sum(bias * v, axis=-1)
        blocks.append(entry)
        u = pull_back(engine, block, block.shortcut, x, v)
    return {
        "target": chosen,
        "logit": tf.gather(logits, chosen, batch_dims=1),
        "class_bias": class_bias,
        "stem": tf.reduce_sum(values[spec.blocks[0].input] * u, axis=-1),
        "blocks": blocks[::-1],
    }


def _pull_through(
    engine: Engine, start: str, last: str, x: tf.Tensor, u: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Jᵀu of the layers from `start`, whose output is `x`, to `last`; and ⟨constant, u⟩ (N,), of J·x + constant."""
    values = engine.execute(start, x, last)
    top, down = values[last], engine.pull_back(start, values, last, u)[start]
    axes = (1, 2, 3)
    return down, tf.reduce_sum(top * u, axis=axes) - tf.reduce_sum(x * down, axis=axes)


def _attribution_of(engine: Engine, out: dict[str, Any], image: int) -> LogitAttribution:
    return LogitAttribution(
        target=int(out["target"][image]),
        logit=float(out["logit"][image]),
        class_bias=float(out["class_bias"][image]),
        stem=total(out["stem"][image]),
        entries=tuple(
            BlockContribution(
                block=block.name,
                contribution=total(entry["contribution"][image]),
                map=entry["contribution"][image],
                projection_bias=(total(entry["bias"][image]) if "bias" in entry else 0.0)
                + (float(entry["between"][image]) if "between" in entry else 0.0),
            )
            for block, entry in zip(engine.architecture.blocks, out["blocks"], strict=True)
        ),
        stem_map=out["stem"][image],
    )
