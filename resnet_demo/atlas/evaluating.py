"""Evaluate a network on a data set: from its photos to an `Evaluation`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resnet_demo.atlas.evaluation import Evaluation, Judged
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.classification import softmax
from resnet_demo.measures.scores.boxes import Box, centre, inside_boxes
from resnet_demo.measures.scores.scoring import Scores, Wanted, score
from resnet_demo.photos.decoding import Photo


def evaluate_photos(
    model: InstrumentedModel,
    photos: Sequence[Photo],
    targets: Sequence[int],
    boxes: Sequence[Sequence[Box]],
    wanted: Wanted | None,
    steps: int,
) -> Evaluation:
    """Evaluate the network on N photos, together.

    Args:
        photos: not modified.
        targets: each photo's own class.
        boxes: each photo's, in pixels of its full size; none where they are not known.
        wanted: which maps are scored how; None for none.
        steps: of the deletion and insertion curves.
    """
    found = Evaluation()
    if not photos:
        return found
    batch = model.batch(*photos)
    size = batch.shape[1:3]
    inside = [
        inside_boxes(some, photo.size[::-1], size) if some else None
        for photo, some in zip(photos, boxes, strict=True)
    ]
    probabilities = softmax(model.engine.logits(batch))
    scores: Sequence[Scores] = (
        score(model, batch, targets, inside, wanted, steps) if wanted else [{} for _ in photos]
    )
    for target, row, mask, one in zip(targets, probabilities, inside, scores, strict=True):
        boxed = {} if mask is None else {"centre": centre(mask), "area": float(np.mean(mask))}
        found.add(Judged(target, row, one, **boxed))
    return found
