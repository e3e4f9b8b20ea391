"""The scores of heatmaps over many photos: counted photo by photo, mergeable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from resnet_demo.atlas.summary import Summary
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.scores.boxes import centre, inside_boxes
from resnet_demo.measures.scores.scoring import Scores, Wanted, score
from resnet_demo.photos.annotations import Box
from resnet_demo.photos.decoding import Photo


@dataclass(frozen=True)
class Scored:
    """One photo's heatmaps as they score.

    Attributes:
        scores: of its maps; empty where none were asked for.
        centre, area: what its centre scores at the pointing game, and the share of it that the boxes cover; None
            without boxes.
    """

    scores: Scores = field(default_factory=dict)
    centre: float | None = None
    area: float | None = None


def scored_photos(
    model: InstrumentedModel,
    batch: np.ndarray,
    photos: Sequence[Photo],
    targets: Sequence[int],
    boxes: Sequence[Sequence[Box]],
    wanted: Wanted | None,
    steps: int,
) -> list[Scored]:
    """Score the heatmaps of N photos, each of its own class.

    Args:
        batch: float32 (N, H, W, c), the photos as the network eats them. Not modified.
        boxes: each photo's, in pixels of its full size; none where they are not known.
        wanted: which maps are scored how; None for none.
        steps: of the deletion and insertion curves.
    """
    size = batch.shape[1:3]
    inside = [
        inside_boxes(some, photo.size[::-1], size) if some else None
        for photo, some in zip(photos, boxes, strict=True)
    ]
    scores: Sequence[Scores] = (
        score(model, batch, targets, inside, wanted, steps) if wanted else [{} for _ in photos]
    )
    return [
        Scored(one) if mask is None else Scored(one, centre(mask), float(np.mean(mask)))
        for one, mask in zip(scores, inside, strict=True)
    ]


class ScoreTally:
    """Counts photos in: for each method, layer and score what is kept of a number over many photos."""

    def __init__(self) -> None:
        self.centre, self.area = Summary(), Summary()
        self._scores: defaultdict[tuple[str, str, str], Summary] = defaultdict(Summary)

    def add(self, photo: Scored) -> None:
        """Count one photo in."""
        if photo.centre is not None and photo.area is not None:
            self.centre.add(photo.centre)
            self.area.add(photo.area)
        for method, layers in photo.scores.items():
            for layer, values in layers.items():
                for name, value in values.items():
                    self._scores[method, layer, name].add(value)

    def merge(self, other: ScoreTally) -> None:
        """Count in all photos of `other`, which stays as it is."""
        self.centre.merge(other.centre)
        self.area.merge(other.area)
        for key, found in other._scores.items():
            self._scores[key].merge(found)

    def by_layer(self, statistic: Callable[[Summary], Any]) -> dict[str, dict[str, dict[str, Any]]]:
        """{method: {layer: {score: the `statistic` of its `Summary`}}}."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for (method, layer, name), summary in self._scores.items():
            found.setdefault(method, {}).setdefault(layer, {})[name] = statistic(summary)
        return found

    def state(self) -> dict[str, Any]:
        """All of it as plain JSON types, for `SavedProgress`."""
        return {
            "centre": self.centre.state(),
            "area": self.area.state(),
            "scores": [[*key, found.state()] for key, found in self._scores.items()],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> ScoreTally:
        """The tally that `state` was taken of."""
        found = cls()
        found.centre, found.area = (Summary.from_state(state[name]) for name in ("centre", "area"))
        for *key, one in state["scores"]:
            found._scores[tuple(key)] = Summary.from_state(one)
        return found
