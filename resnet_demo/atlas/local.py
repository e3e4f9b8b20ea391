"""Many photos on one machine, chunk by chunk, so that a kill loses little and no photo counts twice."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

CHUNK = 16  # photos that are measured, and counted, together
WRITING_SHARE = 50  # at most this part of the time goes into writing down what is done


class Counting(Protocol):
    """What counts photos: a `Tally`, say."""

    def add(self, found: Any) -> None:
        """Count a chunk in."""

    def state(self) -> dict[str, Any]:
        """All of it as plain JSON types."""


Kept = TypeVar("Kept", bound=Counting)


def chunks(count: int, size: int = CHUNK) -> list[range]:
    """The photos' indices, parted."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


class SavedProgress:
    """What is done so far, in one file that is replaced whole: after a kill there is the old one or the new one.

    Args:
        path: the file; None keeps nothing.
        key: what the work is, the data, the weights and the options: a file of other work is not gone on with.
    """

    def __init__(self, path: Path | None, key: str) -> None:
        self.path, self.key = path, key
        self._next = 0.0  # when it may be written again

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

    def write(self, done: set[int], state: Callable[[], dict[str, Any]], *, now: bool = False) -> None:
        """Replace the file: at once, or if that takes no more than a `WRITING_SHARE`-th of the time.

        Over a thousand classes a state has a hundred thousand summaries and takes seconds to write.
        """
        started = time.monotonic()
        if self.path is None or (started < self._next and not now):
            return
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        new.write_text(json.dumps({"key": self.key, "done": sorted(done), "state": state()}), "utf-8")
        os.replace(new, self.path)
        ended = time.monotonic()
        self._next = ended + WRITING_SHARE * (ended - started)

    def remove(self) -> None:
        """The work is done."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def work_key(*parts: object) -> str:
    """A digest of what the work is."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


def go_through(
    count: int,
    measure: Callable[[int], Any],
    whole: Kept,
    restore: Callable[[dict[str, Any]], Kept],
    saved: SavedProgress,
    size: int = CHUNK,
    at_once: int = 1,
) -> Iterator[tuple[int, Kept]]:
    """Measure all photos, chunk by chunk, going on from what is saved.

    Args:
        count: how many photos there are.
        measure: what comes out of the chunk of this number.
        whole: empty; it takes in every chunk, in order.
        restore: the inverse of `state`.
        at_once: how many chunks are under way together; with more than one a run that is broken off waits for them.

    Yields:
        How many photos are done, and all of what came out so far.
    """
    done, state = saved.read()
    if state is not None:
        whole = restore(state)
    numbers = [number for number in range(len(chunks(count, size))) if number not in done]
    found = zip(
        numbers, map(measure, numbers) if at_once == 1 else in_order(measure, numbers, at_once), strict=True
    )
    yield from counted(found, count, done, whole, saved, size)


def in_order(measure: Callable[[Any], Any], things: Iterable[Any], at_once: int) -> Iterator[Any]:
    """What comes out of each thing, in order; `at_once` of them are under way together.

    While one is in the network, which leaves a core idle now and then, another is decoded, drawn or counted in.
    """
    with ThreadPoolExecutor(at_once, thread_name_prefix="measure") as pool:
        under_way: deque[Future[Any]] = deque()
        try:
            for thing in things:
                under_way.append(pool.submit(measure, thing))
                if len(under_way) > at_once:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for one in under_way:
                one.cancel()


def counted(
    found: Iterable[tuple[int, Any]],
    count: int,
    done: set[int],
    whole: Kept,
    saved: SavedProgress,
    size: int = CHUNK,
) -> Iterator[tuple[int, Kept]]:
    """Count chunks in as they come, by number, and write down what is done; also where something ends it early.

    Yields:
        As `go_through`; first what was done before.
    """
    yield min(len(done) * size, count), whole
    try:
        for number, chunk in found:
            whole.add(chunk)
            done.add(number)
            saved.write(done, whole.state)
            yield min(len(done) * size, count), whole
    finally:
        if done:
            saved.write(done, whole.state, now=True)
