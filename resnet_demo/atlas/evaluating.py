"""Evaluate a network on a data set: from photos to what an `Evaluation` counts."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_demo.atlas.evaluation import Judged
from resnet_demo.atlas.score_tally import scored_photos
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.classification import softmax
from resnet_demo.measures.scores.scoring import Wanted
from resnet_demo.photos.annotations import Box
from resnet_demo.photos.decoding import Photo


def judge_photos(
    model: InstrumentedModel,
    photos: Sequence[Photo],
    targets: Sequence[int],
    boxes: Sequence[Sequence[Box]],
    wanted: Wanted | None,
    steps: int,
) -> list[Judged]:
    """Judge the network on N photos, together.

    Args:
        photos: not modified.
        targets: each photo's own class.
        boxes: each photo's, in pixels of its full size; none where they are not known.
        wanted: which maps are scored how; None for none.
        steps: of the deletion and insertion curves.
    """
    batch = model.batch(*photos)
    rows = softmax(model.engine.logits(batch))
    scored = scored_photos(model, batch, photos, targets, boxes, wanted, steps)
    return [Judged(*one) for one in zip(targets, rows, scored, strict=True)]
