"""A piece of work over a data set, in chunks that any machine can do: which photos, and what is counted of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from resnet_demo.atlas.accumulator import Accumulator
from resnet_demo.atlas.evaluating import judge_photos
from resnet_demo.atlas.evaluation import Evaluation, Judged
from resnet_demo.atlas.local import chunks
from resnet_demo.atlas.measuring import rows_of
from resnet_demo.atlas.rows import Row
from resnet_demo.atlas.score_tally import scored_photos
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ImageError
from resnet_demo.measures.scores.boxes import Box
from resnet_demo.measures.scores.scoring import Wanted
from resnet_demo.photos.decoding import Photo, read_photo

DECODERS = 2  # threads; decoding one chunk ahead of the network


@dataclass(frozen=True)
class Item:
    """One photo of the work: its file, the index of its own class, and its boxes in its own pixels."""

    path: str
    target: int
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Findings:
    """What came out of one chunk's photos, each by itself; and which files could not be read, with the reason."""

    photos: Sequence[Judged | Row]
    unreadable: Sequence[tuple[str, str]] = ()


@dataclass
class Tally:
    """What came out of all photos so far: what was counted, and the files that could not be read."""

    counted: Evaluation | Accumulator
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    def add(self, found: Findings) -> None:
        """Count a chunk in."""
        for photo in found.photos:
            self.counted.add(photo)  # type: ignore[arg-type]
        self.unreadable += found.unreadable

    def state(self) -> dict[str, Any]:
        """All of it as plain JSON types."""
        return {"counted": self.counted.state(), "unreadable": self.unreadable}


@dataclass(frozen=True)
class Work:
    """What is to be done; the same everywhere, so that any worker can do any chunk.

    Attributes:
        items: all photos, in a fixed order.
        kind: "evaluate" or "atlas".
        scores: `--scores`; None for the default, "none" for none.
        steps: of deletion and insertion.
        lab: for "atlas": with the laboratory.
        blocks: the names of the network's blocks.
    """

    items: tuple[Item, ...]
    kind: str
    scores: str | None = None
    steps: int = 10
    lab: bool = False
    blocks: tuple[str, ...] = ()

    def nothing(self) -> Tally:
        """What is counted before the first photo."""
        return Tally(Evaluation() if self.kind == "evaluate" else Accumulator(self.blocks))

    def restore(self, state: dict[str, Any]) -> Tally:
        """The inverse of `Tally.state`."""
        kind = Evaluation if self.kind == "evaluate" else Accumulator
        return Tally(kind.from_state(state["counted"]), [(a, b) for a, b in state["unreadable"]])


class Worker:
    """Does chunks of a work with one network; decodes the chunk after the one it is asked for meanwhile."""

    def __init__(self, work: Work, model: InstrumentedModel) -> None:
        self.work, self.model = work, model
        self.wanted = Wanted.parse(work.scores, model)
        self._pool = ThreadPoolExecutor(DECODERS, thread_name_prefix="decode")
        self._ahead: dict[int, list[Any]] = {}
        self._parts = chunks(len(work.items))

    def chunk(self, number: int) -> Findings:
        """Measure the photos of one chunk."""
        futures = self._ahead.pop(number, None) or self._start(number)
        if number + 1 < len(self._parts):
            self._ahead = {number + 1: self._start(number + 1)}
        photos: list[Photo] = []
        items: list[Item] = []
        unreadable: list[tuple[str, str]] = []
        for index, future in zip(self._parts[number], futures, strict=True):
            item = self.work.items[index]
            try:
                photos.append(future.result())
                items.append(item)
            except ImageError as error:
                unreadable.append((item.path, str(error)))
        return Findings(self._measured(photos, items) if photos else (), unreadable)

    def _start(self, number: int) -> list[Any]:
        paths = [self.work.items[index].path for index in self._parts[number]]
        return [self._pool.submit(read_photo, path, path) for path in paths]

    def _measured(self, photos: Sequence[Photo], items: Sequence[Item]) -> Sequence[Judged | Row]:
        targets = [item.target for item in items]
        boxes = [item.boxes for item in items]
        if self.work.kind == "evaluate":
            return judge_photos(self.model, photos, targets, boxes, self.wanted, self.work.steps)
        batch = self.model.batch(*photos)
        scored = scored_photos(self.model, batch, photos, targets, boxes, self.wanted, self.work.steps)
        return rows_of(self.model, batch, targets, scored, lab=self.work.lab)
