"""What was measured is kept for a while, so that nothing is measured twice."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

R = TypeVar("R")  # a record

MOST_BYTES = 24 << 20  # some fifteen photos' overviews
SECONDS = 30 * 60
OBJECT = 64  # bytes that anything but an array's numbers is taken to need


class RecordCache:
    """Records by key: at most `most_bytes` by estimate, each for at most `seconds`; the longest unused go first.

    For many threads. Two that want the same record at once have it measured once; an error is told to both, and not
    kept.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, seconds: float = SECONDS) -> None:
        self.most_bytes, self.seconds = most_bytes, seconds
        self.bytes = 0
        self._entries: OrderedDict[Hashable, tuple[Any, int, float]] = (
            OrderedDict()
        )  # value, bytes, until when
        self._awaited: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def get(self, key: Hashable, measure: Callable[[], R]) -> R:
        """The record under `key`; measured and kept where it is missing."""
        with self._lock:
            found: R | None = self._find(key)
            if found is not None:
                return found
            awaited: Future[R] | None = self._awaited.get(key)
            if awaited is None:
                mine: Future[R] = Future()
                self._awaited[key] = mine
        if awaited is not None:
            return awaited.result()
        try:
            value = measure()
            self.put(key, value)
            mine.set_result(value)
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._awaited[key]
        return value

    def find(self, key: Hashable) -> Any | None:
        """The record under `key`, or None."""
        with self._lock:
            return self._find(key)

    def put(self, key: Hashable, value: Any) -> None:
        """Keep a record; one larger than all that may be kept is not."""
        size = size_of(value)
        with self._lock:
            self._drop(key)
            if size > self.most_bytes:
                return
            self._entries[key] = (value, size, time.monotonic() + self.seconds)
            self.bytes += size
            while self.bytes > self.most_bytes:
                self._drop(next(iter(self._entries)))
            self._wake_later()

    def __len__(self) -> int:
        return len(self._entries)

    def _find(self, key: Hashable) -> Any | None:
        value, _, until = self._entries.get(key, (None, 0, 0.0))
        if value is None or until <= time.monotonic():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return value

    def _drop(self, key: Hashable) -> None:
        _, size, _ = self._entries.pop(key, (None, 0, 0.0))
        self.bytes -= size

    def _wake_later(self) -> None:
        """Old records go even if nobody asks again."""
        if self._timer is None and self._entries:
            until = min(until for _, _, until in self._entries.values())
            self._timer = threading.Timer(max(until - time.monotonic(), 0.01), self._forget_the_old)
            self._timer.daemon = True
            self._timer.start()

    def _forget_the_old(self) -> None:
        with self._lock:
            self._timer = None
            now = time.monotonic()
            for key in [key for key, (_, _, until) in self._entries.items() if until <= now]:
                self._drop(key)
            self._wake_later()


def size_of(value: Any) -> int:
    """How many bytes a record takes, about."""
    if isinstance(value, np.ndarray):
        return OBJECT + value.nbytes
    if is_dataclass(value):
        return OBJECT + sum(size_of(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, dict):
        return OBJECT + sum(size_of(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return OBJECT + sum(size_of(item) for item in value)
    return OBJECT
