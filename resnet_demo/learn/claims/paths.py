"""Step 9: many short paths. A residual network as 2^L ways through L blocks, most of which need no other.

Three experiments of Veit et al. on one photo: how much of the gradient comes through paths of each length, by single
paths drawn at random, as they did, and beside it by the exact sum over all paths; what is left of the answer when
blocks are taken away, one and several at once; and when neighbouring blocks change places.

References:
    Veit, Wilber, Belongie 2016, arXiv:1605.06431.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from resnet_demo.learn.check import Verdict, verdict
from resnet_demo.learn.subject import Subject
from resnet_demo.measures import path_lengths, sampled_paths
from resnet_demo.measures.block_order import exchangeable, reordered_logits, tau_distance
from resnet_demo.measures.classification import probabilities
from resnet_demo.measures.gates import gated_logits
from resnet_demo.measures.lesion import lesion_logits
from resnet_demo.results.check import Check

REMOVALS = 7  # how many numbers of removed blocks are tried, up to all of them
DRAWS = 2  # of blocks, for each
ORDERS = 8  # exchanged orders that are run


def compute(at: Subject) -> Check:
    """The check on the photo at hand, for the class at hand.

    Of 16 blocks it takes the work of about 100 forward passes: `sampled_paths.work` and `path_lengths.work` for the
    gradient, (L + 2)/2 for all single lesions of L blocks, and one for each of the other lesions and orders.

    Returns:
        `data["lengths"]`, `["sampled"]`, `["lesions"]`, `["removed"]`, `["orders"]`; each answer with the target's
        probability, its logit, and whether the top class is still that of the whole network.
    """
    model, batch = at.model, at.batch
    assert batch is not None  # the step needs a photo
    engine, blocks = model.engine, model.engine.architecture.blocks
    rng = np.random.default_rng(0)  # the same blocks and orders in every run
    plan, orders = _removals(len(blocks), rng), _orders(exchangeable(blocks), len(blocks), rng)
    done, parts = 0, 2 + sampled_paths.passes_in(len(blocks)) + len(plan) + len(orders)

    def next_part(*_: int) -> None:
        nonlocal done
        done += 1
        at.progress(done, parts)

    (found,) = path_lengths.compute(model, batch, [at.target])
    next_part()
    (sampled,) = sampled_paths.compute(model, batch, [at.target], progress=next_part)
    whole, *without = lesion_logits(engine, batch)[:, 0]
    next_part()

    def answer(logits: np.ndarray) -> dict[str, Any]:
        return {
            "logit": float(logits[found.target]),
            "probability": float(probabilities(logits, model.activation)[found.target]),
            "same": bool(logits.argmax() == whole.argmax()),
        }

    removed, exchanged = [], []
    for gates in plan:
        logits = gated_logits(engine, batch, gates[np.newaxis])[0]
        removed.append({"count": int((gates == 0).sum()), **answer(logits)})
        next_part()
    for order in orders:
        logits = reordered_logits(engine, batch, order)[0]
        exchanged.append({"distance": tau_distance(order), **answer(logits)})
        next_part()
    lesions = [{"block": b.name, **answer(one)} for b, one in zip(blocks, without, strict=True)]
    data = {
        "whole": answer(whole),
        "target": model.labels[found.target],
        "lengths": found,
        "sampled": sampled,
        "lesions": lesions,
        "removed": removed,
        "orders": exchanged,
    }
    gradient = path_lengths.work(len(blocks)) + sampled_paths.work(len(blocks))
    holds, values = _said(data)
    passes = round(gradient + len(blocks) / 2 + 1 + len(plan) + len(orders))
    return Check("paths", holds, values | {"passes": passes}, data)


def _said(data: dict[str, Any]) -> tuple[Verdict, dict[str, Any]]:
    """The verdict and its numbers: shorter than the paths are, no block indispensable, no order either."""
    lengths, sampled, lesions, orders = (data[key] for key in ("lengths", "sampled", "lesions", "orders"))
    half, quarter = lengths.blocks / 2, lengths.blocks // 4
    shorter = max(lengths.mean_length, sampled.mean_length) < half
    survived, kept = (sum(one["same"] for one in answers) for answers in (lesions, orders))
    return verdict(
        shorter and survived == len(lesions) and kept == len(orders), shorter or survived > 0 or kept > 0
    ), {
        "blocks": lengths.blocks,
        "paths": f"{2**lengths.blocks:,}",
        "drawn": sum(sampled.drawn),
        "mean_length": lengths.mean_length,
        "sampled_length": sampled.mean_length,
        "half": half,
        "short": sum(lengths.shares[: quarter + 1]),
        "short_paths": f"{sum(lengths.counts[: quarter + 1]):,}",
        "short_length": quarter,
        "decay": sampled.decay,
        "survived": survived,
        "needed": len(lesions) - survived,
        "kept": kept,
        "orders": len(orders),
    }


def _removals(blocks: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Gates (blocks,), 0 for what is removed: from two blocks to all, each number with blocks drawn anew."""
    counts = sorted({round(n) for n in np.linspace(min(2, blocks), blocks, REMOVALS)})
    plan = []
    for count in counts:
        for _ in range(DRAWS if count < blocks else 1):
            gates = np.ones(blocks)
            gates[rng.choice(blocks, count, replace=False)] = 0
            plan.append(gates)
    return plan


def _orders(runs: tuple[tuple[int, ...], ...], blocks: int, rng: np.random.Generator) -> list[list[int]]:
    """Orders of the blocks, from near to far: of many drawn, one of each distance, the distances evenly apart."""
    drawn: dict[int, list[int]] = {}
    for _ in range(500):
        order = list(range(blocks))
        for _ in range(rng.integers(1, 2 * blocks)):  # swaps of two, each within a run
            if runs:
                first, second = rng.choice(runs[rng.integers(len(runs))], 2, replace=False)
                order[first], order[second] = order[second], order[first]
        drawn.setdefault(tau_distance(order), list(map(int, order)))
    distances = sorted(drawn.keys() - {0})
    wanted = np.linspace(0, len(distances) - 1, min(ORDERS, len(distances))).round().astype(int)
    return [drawn[distances[i]] for i in wanted]
