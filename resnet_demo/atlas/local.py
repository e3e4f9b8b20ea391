"""Many photos on one machine, chunk by chunk, so that a kill loses one chunk at most and no photo counts twice."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

CHUNK = 16  # photos that are measured, and written down, together


class Mergeable(Protocol):
    """What counts photos: an `Accumulator`, say."""

    def merge(self, other: Any) -> None:
        """Count in all that another has seen."""

    def state(self) -> dict[str, Any]:
        """All of it as plain JSON types."""


Kept = TypeVar("Kept", bound=Mergeable)


def chunks(count: int, size: int = CHUNK) -> list[range]:
    """The photos' indices, parted."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


class Checkpoint:
    """What is done so far, in one file that is replaced whole: after a kill there is the old one or the new one.

    Args:
        path: the file; None keeps nothing.
        key: what the work is, the data, the weights and the options: a file of other work is not gone on with.
    """

    def __init__(self, path: Path | None, key: str) -> None:
        self.path, self.key = path, key

    def read(self) -> tuple[set[int], dict[str, Any] | None]:
        """The numbers of the chunks that are done, and the state with them."""
        if self.path is None or not self.path.is_file():
            return set(), None
        try:
            found = json.loads(self.path.read_text("utf-8"))
        except ValueError:  # not ours
            return set(), None
        if not isinstance(found, dict) or found.get("key") != self.key:
            return set(), None
        return set(found["done"]), found["state"]

    def write(self, done: set[int], state: dict[str, Any]) -> None:
        """Replace the file."""
        if self.path is None:
            return
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        new.write_text(json.dumps({"key": self.key, "done": sorted(done), "state": state}), "utf-8")
        os.replace(new, self.path)

    def remove(self) -> None:
        """The work is done."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def work_key(*parts: object) -> str:
    """A digest of what the work is."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


def go_through(
    count: int,
    measure: Callable[[int], Kept],
    whole: Kept,
    restore: Callable[[dict[str, Any]], Kept],
    checkpoint: Checkpoint,
    size: int = CHUNK,
) -> Iterator[tuple[int, Kept]]:
    """Measure all photos, a chunk at a time, going on from a checkpoint.

    Args:
        count: how many photos there are.
        measure: what comes out of the chunk of this number.
        whole: empty; it takes in every chunk.
        restore: the inverse of `state`.

    Yields:
        How many photos are done, and all of what came out so far.
    """
    done, state = checkpoint.read()
    if state is not None:
        whole = restore(state)
        yield min(len(done) * size, count), whole
    for number in range(len(chunks(count, size))):
        if number in done:
            continue
        whole.merge(measure(number))
        done.add(number)
        checkpoint.write(done, whole.state())
        yield min(len(done) * size, count), whole
