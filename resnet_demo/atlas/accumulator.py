"""The atlas of many photos, photo by photo: mergeable, and of a size that does not depend on their number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from resnet_demo.atlas.rows import Row
from resnet_demo.atlas.score_tally import ScoreTally
from resnet_demo.atlas.summary import COARSE, Summary
from resnet_demo.results.correlation import rank_correlation
from resnet_demo.results.laboratory import COLUMNS


class Accumulator:
    """Counts photos in; see `numbers` for what comes out.

    Args:
        blocks: the names of the network's blocks.
    """

    def __init__(self, blocks: Sequence[str]) -> None:
        self.blocks = tuple(blocks)
        self.images = self.correct = 0
        self.of_class: Counter[int] = Counter()  # how many photos
        self._whole: defaultdict[str, Summary] = defaultdict(Summary)  # "block/quantity"
        self._by_class: defaultdict[str, Summary] = defaultdict(
            lambda: Summary(COARSE)
        )  # "class/block/quantity"
        self._correlations: defaultdict[str, Summary] = defaultdict(Summary)  # "quantity/quantity"
        self._right_without: Counter[str] = Counter()  # "block" or "block/block"
        self._lesioned = 0  # photos of which `_right_without` knows
        self._scores = ScoreTally()

    def add(self, row: Row) -> None:
        """Count one photo in."""
        self.images += 1
        self.correct += row.top1 == row.target
        self.of_class[row.target] += 1
        for quantity, values in row.quantities.items():
            for block, value in zip(self.blocks, values.tolist(), strict=True):
                self._whole[f"{block}/{quantity}"].add(value)
                self._by_class[f"{row.target}/{block}/{quantity}"].add(value)
        for first, second in combinations([column for column in COLUMNS if column in row.quantities], 2):
            agree = rank_correlation(row.quantities[first].tolist(), row.quantities[second].tolist())
            self._correlations[f"{first}/{second}"].add(agree)
        self._scores.add(row.scored)
        self._lesioned += bool(len(row.without))
        pairs = combinations(self.blocks, 2)
        for name, said in (
            *zip(self.blocks, row.without.tolist(), strict=False),
            *zip(map("/".join, pairs), row.without_pairs.tolist(), strict=False),
        ):
            self._right_without[name] += said == row.target

    def merge(self, other: Accumulator) -> None:
        """Count in all photos of `other`, which stays as it is."""
        assert self.blocks == other.blocks
        self.images += other.images
        self.correct += other.correct
        self._lesioned += other._lesioned
        self.of_class.update(other.of_class)
        self._right_without.update(other._right_without)
        self._scores.merge(other._scores)
        for mine, theirs in zip(self._summaries().values(), other._summaries().values(), strict=True):
            for key, summary in theirs.items():
                mine[key].merge(summary)

    def _summaries(self) -> dict[str, defaultdict[str, Summary]]:
        return {"whole": self._whole, "by_class": self._by_class, "correlations": self._correlations}

    def numbers(self, labels: Sequence[str]) -> dict[str, Any]:
        """As the atlas' JSON has it: blocks with their quantities, classes, correlations, lesions, layers' scores.

        Args:
            labels: the classes' names by index.
        """
        return {
            "images": self.images,
            "top1": self.correct / self.images if self.images else None,
            "blocks": self._blocks(self._whole, ""),
            "classes": [
                {"index": c, "label": labels[c], "images": n, "blocks": self._blocks(self._by_class, f"{c}/")}
                for c, n in sorted(self.of_class.items())
            ],
            "correlations": {key: found.numbers() for key, found in sorted(self._correlations.items())},
            "lesions": self._lesions(),
            "boxed": self._scores.area.count,
            "centre": {"pointing": self._scores.centre.numbers()},
            "boxes_area": self._scores.area.numbers(),
            "scores": self._scores.by_layer(Summary.numbers),
        }

    def _blocks(self, summaries: dict[str, Summary], prefix: str) -> list[dict[str, Any]]:
        quantities = list(dict.fromkeys(key.rsplit("/", 1)[1] for key in self._whole))
        return [
            {"name": block, **{q: summaries[f"{prefix}{block}/{q}"].numbers() for q in quantities}}
            for block in self.blocks
        ]

    def _lesions(self) -> dict[str, Any] | None:
        """Share of photos still right without a block, and without two."""
        if not self._lesioned:
            return None
        share = {name: count / self._lesioned for name, count in self._right_without.items()}
        return {
            "images": self._lesioned,
            "without": {name: share[name] for name in self.blocks},
            "without_pairs": {name: value for name, value in share.items() if "/" in name},
        }

    def state(self) -> dict[str, Any]:
        """All of it as plain JSON types, for `SavedProgress`."""
        return {
            "blocks": list(self.blocks),
            "images": self.images,
            "correct": self.correct,
            "lesioned": self._lesioned,
            "of_class": sorted(self.of_class.items()),
            "right_without": dict(self._right_without),
            "scores": self._scores.state(),
            **{
                name: {key: summary.state() for key, summary in kept.items()}
                for name, kept in self._summaries().items()
            },
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Accumulator:
        """The accumulator that `state` was taken of."""
        found = cls(state["blocks"])
        found.images, found.correct = state["images"], state["correct"]
        found._lesioned = state["lesioned"]
        found.of_class = Counter(dict(state["of_class"]))
        found._right_without = Counter(state["right_without"])
        found._scores = ScoreTally.from_state(state["scores"])
        for name, kept in found._summaries().items():
            kept.update({key: Summary.from_state(one) for key, one in state[name].items()})
        return found
