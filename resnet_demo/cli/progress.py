"""How far a long command has come: a bar on stderr, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, track

Item = TypeVar("Item")


def tracked(
    items: Iterable[Item], what: str, total: int | None = None, *, hidden: bool = False
) -> Iterable[Item]:
    """The items, one after another, under a bar that is gone at the end; what is printed meanwhile stands above it.

    Args:
        items: what is worked on.
        what: what they are called, e.g. "pictures".
        total: how many there are, where they cannot be counted.
        hidden: no bar, terminal or not.
    """
    console = Console(stderr=True)
    return track(
        items, what, total, console=console, transient=True, disable=hidden or not sys.stderr.isatty()
    )


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for what tells itself how far it is: a function of what is done, and of how much there is to do."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
