"""How right a network is over a data set, and how far its heatmaps can be believed: counted photo by photo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from resnet_demo.atlas.score_tally import Scored, ScoreTally
from resnet_demo.atlas.summary import Summary
from resnet_demo.results.belief import best_layers

BINS = 15  # of the reliability diagram, as Guo et al. 2017 have them
CONFUSIONS = 10  # the worst that are named


@dataclass(frozen=True)
class Judged:
    """One photo with what is known of it.

    Attributes:
        target: index of its own class.
        probabilities: float (classes,).
        scored: its heatmaps.
    """

    target: int
    probabilities: np.ndarray
    scored: Scored = field(default_factory=Scored)


class Evaluation:
    """Counts photos in; `numbers` tells what came out."""

    def __init__(self) -> None:
        self.images = self.top1 = self.top5 = 0
        self._of_class: Counter[int] = Counter()
        self._right: Counter[int] = Counter()
        self._confused: Counter[tuple[int, int]] = Counter()  # (own class, class said)
        self._bins = np.zeros((BINS, 3))  # photos, right ones, sum of confidences
        self._scores = ScoreTally()

    def add(self, photo: Judged) -> None:
        """Count one photo in."""
        ranked = np.argsort(-photo.probabilities, kind="stable")
        said, confidence = int(ranked[0]), float(photo.probabilities[ranked[0]])
        right = said == photo.target
        self.images += 1
        self.top1 += right
        self.top5 += photo.target in ranked[:5]
        self._of_class[photo.target] += 1
        self._right[photo.target] += right
        if not right:
            self._confused[photo.target, said] += 1
        self._bins[min(int(confidence * BINS), BINS - 1)] += (1, right, confidence)
        self._scores.add(photo.scored)

    def merge(self, other: Evaluation) -> None:
        """Count in all photos of `other`, which stays as it is."""
        self.images += other.images
        self.top1 += other.top1
        self.top5 += other.top5
        self._of_class.update(other._of_class)
        self._right.update(other._right)
        self._confused.update(other._confused)
        self._bins += other._bins
        self._scores.merge(other._scores)

    def state(self) -> dict[str, Any]:
        """All of it as plain JSON types, for `SavedProgress`."""
        return {
            "counts": [int(self.images), int(self.top1), int(self.top5)],
            "of_class": sorted(self._of_class.items()),
            "right": sorted((c, int(n)) for c, n in self._right.items()),
            "confused": [[*pair, n] for pair, n in sorted(self._confused.items())],
            "bins": self._bins.tolist(),
            "scores": self._scores.state(),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Evaluation:
        """The evaluation that `state` was taken of."""
        found = cls()
        found.images, found.top1, found.top5 = state["counts"]
        found._of_class, found._right = Counter(dict(state["of_class"])), Counter(dict(state["right"]))
        found._confused = Counter({(own, said): n for own, said, n in state["confused"]})
        found._bins = np.array(state["bins"])
        found._scores = ScoreTally.from_state(state["scores"])
        return found

    def numbers(self, labels: Sequence[str]) -> dict[str, Any]:
        """All of it as plain JSON types; shares from 0 to 1, None where no photo tells.

        Args:
            labels: the classes' names by index.
        """
        scores = self._scores.by_layer(_mean)
        return {
            "images": self.images,
            "top1": self._share(self.top1),
            "top5": self._share(self.top5),
            "classes": [
                {"index": c, "label": labels[c], "images": n, "top1": self._right[c] / n}
                for c, n in sorted(self._of_class.items())
            ],
            "confusions": [
                {"label": labels[own], "said": labels[said], "images": n}
                for (own, said), n in sorted(self._confused.items(), key=lambda c: (-c[1], c[0]))[:CONFUSIONS]
            ],
            "calibration": self._calibration(),
            "boxed": self._scores.area.count,
            "centre": {"pointing": _mean(self._scores.centre)},
            "boxes_area": _mean(self._scores.area),
            "scores": scores,
            "best_layers": {method: best_layers(layers) for method, layers in scores.items()},
        }

    def _share(self, count: float) -> float | None:
        return float(count / self.images) if self.images else None

    def _calibration(self) -> dict[str, Any]:
        """Expected calibration error, and the reliability diagram: how right the network is where it is how sure."""
        photos, right, confidence = self._bins.T
        gaps = np.abs(right - confidence).sum()  # Σ n·|accuracy − confidence|
        return {
            "ece": self._share(gaps),
            "bins": [
                {
                    "from": i / BINS,
                    "images": int(n),
                    "accuracy": float(right[i] / n) if n else None,
                    "confidence": float(confidence[i] / n) if n else None,
                }
                for i, n in enumerate(photos)
            ],
        }


def _mean(found: Summary) -> float | None:
    return found.mean if found.count else None
