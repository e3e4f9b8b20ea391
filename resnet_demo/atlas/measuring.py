"""From photos to the atlas' rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from resnet_demo.atlas.rows import QUANTITIES, Row
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError
from resnet_demo.measures import gradients, logit_attribution, residual
from resnet_demo.measures.classification import softmax
from resnet_demo.measures.double_lesion import double_lesion_logits
from resnet_demo.measures.lesion import lesion_logits
from resnet_demo.results.blocks import BlockProfile

BRANCHES = ("shortcut", "residual")


def rows_of(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int], *, lab: bool = False
) -> list[Row]:
    """Measure N photos for their own classes.

    Args:
        batch: float32 (N, h, w, c), preprocessed. Not modified.
        targets: a class index each.
        lab: also gradients, the ledger, and every lesion of one block and of two.

    Raises:
        ArchitectureError: the network has no residual blocks.
    """
    profiles = residual.compute(model, batch, targets)
    found = [_quantities(blocks) for blocks in profiles]
    if not lab:
        top1 = model.engine.logits(batch).argmax(axis=-1)
        return [Row(t, int(said), q) for t, said, q in zip(targets, top1, found, strict=True)]
    logits = lesion_logits(model.engine, batch)  # (1 + blocks, N, classes)
    pairs = double_lesion_logits(model.engine, batch).argmax(axis=-1)
    splits = gradients.compute(model, batch, targets)
    for i, (target, quantities) in enumerate(zip(targets, found, strict=True)):
        own, probability = logits[:, i, target].astype(np.float64), softmax(logits[:, i])[:, target]
        quantities["gradient"] = np.array([split.ratio for split in splits[i]])
        quantities["lesion"] = own[1:] - own[0]
        quantities["lesion_probability"] = probability[1:] - probability[0]
    try:
        ledgers = logit_attribution.compute(model, batch, targets)
    except ArchitectureError:  # this network's logit is no sum; its other quantities stand
        ledgers = ()
    for quantities, ledger in zip(found, ledgers, strict=False):
        quantities["ledger"] = np.array([entry.contribution for entry in ledger.entries])
    said = logits.argmax(axis=-1)
    return [
        Row(target, int(said[0, i]), quantities, said[1:, i], pairs[:, i])
        for i, (target, quantities) in enumerate(zip(targets, found, strict=True))
    ]


def _quantities(blocks: Sequence[BlockProfile]) -> dict[str, np.ndarray]:
    return {name: np.array([_of(block, name) for block in blocks], np.float64) for name in QUANTITIES}


def _of(block: BlockProfile, name: str) -> float:
    """One of `QUANTITIES`; NaN where it is not defined for this block."""
    parent, _, child = name.partition("_")
    if parent == "energy":
        return getattr(block.energy, child)
    if parent in BRANCHES:
        return getattr(getattr(block, parent), child)
    value = getattr(block, name)
    return math.nan if value is None else value
