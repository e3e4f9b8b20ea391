"""A piece of work over a data set, in chunks that any machine can do: which photos, and what is counted of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from resnet_demo.atlas.accumulator import Accumulator
from resnet_demo.atlas.evaluating import judge_photos
from resnet_demo.atlas.evaluation import Evaluation, Judged
from resnet_demo.atlas.local import CHUNK, work_key
from resnet_demo.atlas.measuring import rows_of
from resnet_demo.atlas.rows import Row
from resnet_demo.atlas.score_tally import scored_photos
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ImageError, OptionError
from resnet_demo.measures.scores.scoring import Wanted
from resnet_demo.photos.annotations import Box
from resnet_demo.photos.decoding import Photo, read_photo


@dataclass(frozen=True, slots=True)
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
        network: `network_key` of the network that does it.
    """

    items: tuple[Item, ...]
    kind: str
    scores: str | None = None
    steps: int = 10
    lab: bool = False
    blocks: tuple[str, ...] = ()
    network: str = ""

    @property
    def at_once(self) -> int:
        """How many chunks a machine does best at once: two where each is one pass, over soon, else one."""
        return 2 if self.scores == "none" and not self.lab else 1

    def chunk(self, number: int) -> tuple[Item, ...]:
        """The photos of one chunk."""
        return self.items[number * CHUNK : (number + 1) * CHUNK]

    def nothing(self) -> Tally:
        """What is counted before the first photo."""
        return Tally(Evaluation() if self.kind == "evaluate" else Accumulator(self.blocks))

    def restore(self, state: dict[str, Any]) -> Tally:
        """The inverse of `Tally.state`."""
        kind = Evaluation if self.kind == "evaluate" else Accumulator
        return Tally(kind.from_state(state["counted"]), [(a, b) for a, b in state["unreadable"]])


def network_key(model: InstrumentedModel) -> str:
    """A digest of all that a photo's numbers depend on: the weights, what they eat, what their outputs mean."""
    network = model.network
    preprocessing, input_shape = network.preprocessing.value, model.engine.architecture.input_shape
    return work_key(network.provenance.sha256, preprocessing, input_shape, model.activation, model.labels)


class Worker:
    """Does chunks of a work with one network; several at once where several threads ask.

    Raises:
        OptionError: this is another network than the work is for.
    """

    def __init__(self, work: Work, model: InstrumentedModel) -> None:
        if work.network and work.network != network_key(model):
            raise OptionError(
                "A worker has another network than the run was started with. Received: {found}. Accepted: the "
                "same weights and options on every machine.",
                found=model.network.provenance.name,
            )
        self.work, self.model = work, model
        self.wanted = Wanted.parse(work.scores, model)

    def chunk(self, number: int) -> Findings:
        """Decode and measure the photos of one chunk of the work."""
        return self.measure(self.work.chunk(number))

    def measure(self, items: Sequence[Item]) -> Findings:
        """Decode and measure some photos, together."""
        photos: list[Photo] = []
        read: list[Item] = []
        unreadable: list[tuple[str, str]] = []
        for item in items:
            try:
                photos.append(read_photo(item.path, item.path))
                read.append(item)
            except ImageError as error:
                unreadable.append((item.path, str(error)))
        return Findings(self._measured(photos, read) if photos else (), unreadable)

    def _measured(self, photos: Sequence[Photo], items: Sequence[Item]) -> Sequence[Judged | Row]:
        targets = [item.target for item in items]
        boxes = [item.boxes for item in items]
        if self.work.kind == "evaluate":
            return judge_photos(self.model, photos, targets, boxes, self.wanted, self.work.steps)
        batch = self.model.batch(*photos)
        scored = scored_photos(self.model, batch, photos, targets, boxes, self.wanted, self.work.steps)
        return rows_of(self.model, batch, targets, scored, lab=self.work.lab)
