"""The networks that a server's visitors can choose from: what each is called, and how it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from resnet_demo.networks import checkpoints, official, weights
from resnet_demo.networks.download import Progress
from resnet_demo.networks.weights import Network, Provenance

Fetch = Callable[[Progress | None], object]


@dataclass(frozen=True)
class Choice:
    """One network to choose.

    Attributes:
        name: what it is called: a word of `weights.load`, or the file's own name.
        load: the network, from this machine.
        fetch: downloads what `load` needs and is not on this machine yet.
    """

    name: str
    load: Callable[[], Network]
    fetch: Fetch = lambda _: None


def choices(
    first: Network, load_first: Callable[[], Network], more: Sequence[str] = ()
) -> tuple[Choice, ...]:
    """All that can be chosen, the server's own first, then Keras' official networks, the bundled one last.

    Args:
        first: the network that the server starts with.
        load_first: loads it again.
        more: other weights of the host's, each as `weights.load` takes it.
    """
    found = {name_of(first.provenance): Choice(name_of(first.provenance), load_first)}
    for source in more:
        name = _unused(source if source.startswith("hf://") else Path(source).name, found)
        found[name] = Choice(name, _loading(source), _fetching(source))
    for name in (*official.TITLES, "bundled"):
        found.setdefault(name, Choice(name, _loading(name, environment=False), _fetching(name)))
    return tuple(found.values())


def name_of(provenance: Provenance) -> str:
    """What a network is called among the choices."""
    if provenance.path == str(weights.BUNDLE):
        return "bundled"
    return next((n for n in official.TITLES if official.title(n) == provenance.name), provenance.name)


def _loading(source: str, *, environment: bool = True) -> Callable[[], Network]:
    return lambda: weights.load(source, environment=environment)


def _fetching(source: str) -> Fetch:
    if source in official.TITLES:
        return lambda progress: official.obtain(source, progress)
    if source.startswith("hf://"):
        return lambda _: checkpoints.locate(source)
    return lambda _: None


def _unused(name: str, used: dict[str, Choice]) -> str:
    """The name, or it with a number behind, where another has it: where files lie is not for visitors."""
    return next(n for n in _numbered(name) if n not in used)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name} {number}"
        number += 1
