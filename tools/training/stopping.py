"""How a run is told to stop: between two steps, never within one."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stopped_by_signal() -> Iterator[Callable[[], bool]]:
    """Ctrl-C or a polite kill ends the run after the step it is in; a second one ends it at once.

    Yields:
        A function that tells whether a signal has come.
    """
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in signals}
    received: list[int] = []

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, _frame: object) -> None:
        received.append(number)
        restore()

    for number in signals:
        signal.signal(number, note)
    try:
        yield lambda: bool(received)
    finally:
        restore()
