"""From photos to the atlas' rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resnet_demo.atlas.rows import Row
from resnet_demo.atlas.score_tally import Scored
from resnet_demo.atlas.sums import quantities, sums_and_logits
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError
from resnet_demo.measures import as_it_forms, gradients, logit_attribution
from resnet_demo.measures.classification import softmax
from resnet_demo.measures.double_lesion import double_lesion_logits
from resnet_demo.measures.lesion import lesion_logits
from resnet_demo.measures.requirements import require

REQUIRES = frozenset({"residual"})


def rows_of(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int],
    scored: Sequence[Scored] | None = None,
    *,
    lab: bool = False,
) -> list[Row]:
    """Measure N photos for their own classes.

    Args:
        batch: float32 (N, h, w, c), preprocessed. Not modified.
        targets: a class index each.
        scored: how each photo's heatmaps score, where that was asked.
        lab: also gradients, the ledger, the answer as it forms, and every lesion of one block and of two.

    Raises:
        ArchitectureError: the network has no residual blocks.
    """
    require(model.engine, REQUIRES)
    sums, logits = sums_and_logits(model.engine, batch)
    all_of = quantities(model.engine, sums)
    found = [{name: values[i] for name, values in all_of.items()} for i in range(len(batch))]
    scored = scored or [Scored() for _ in targets]
    if not lab:
        top1 = logits.argmax(axis=-1)
        return [Row(t, int(said), q, s) for t, said, q, s in zip(targets, top1, found, scored, strict=True)]
    lesions = lesion_logits(model.engine, batch)  # (1 + blocks, N, classes)
    pairs = double_lesion_logits(model.engine, batch).argmax(axis=-1)
    splits = gradients.compute(model, batch, targets)
    forming = as_it_forms.compute(model, batch, targets)
    for i, (target, of) in enumerate(zip(targets, found, strict=True)):
        own, probability = lesions[:, i, target].astype(np.float64), softmax(lesions[:, i])[:, target]
        of["gradient"] = np.array([split.ratio for split in splits[i]])
        of["lesion"] = own[1:] - own[0]
        of["lesion_probability"] = probability[1:] - probability[0]
        of["as_it_forms"] = np.array([step.logit for step in forming[i].steps[1:]])  # up to each block
        of["as_it_forms_probability"] = np.array([step.probability for step in forming[i].steps[1:]])
    try:
        attributions = logit_attribution.compute(model, batch, targets)
    except ArchitectureError:  # this network's logit is no sum; its other quantities stand
        attributions = ()
    for of, attribution in zip(found, attributions, strict=False):
        of["ledger"] = np.array([entry.contribution for entry in attribution.entries])
    said = lesions.argmax(axis=-1)
    return [
        Row(target, int(said[0, i]), found[i], scored[i], said[1:, i], pairs[:, i])
        for i, target in enumerate(targets)
    ]
