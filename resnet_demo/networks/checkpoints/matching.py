"""Whether the tensors at hand are exactly those a network needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from resnet_demo.errors import CheckpointError

NAMED = 5  # how many of the tensors at fault an error names


def require_match(
    expected: Mapping[str, tuple[int, ...]], received: Mapping[str, tuple[int, ...]], network: str, path: Path
) -> None:
    """Raise CheckpointError unless both have the same names with the same shapes.

    Args:
        expected: name -> shape of every tensor `network` has.
        received: name -> shape of every tensor at hand.
        network: what the tensors are for, as the message is to call it.
        path: where they come from.
    """
    if missing := [name for name in expected if name not in received]:
        raise CheckpointError(
            "{count_of_missing} of the {count_of_expected} tensors of a {network} are missing: "
            "{names}. Received: {path!r}.",
            count_of_missing=len(missing),
            count_of_expected=len(expected),
            network=network,
            names=_some(missing),
            path=str(path),
        )
    if unexpected := [name for name in received if name not in expected]:
        raise CheckpointError(
            "There are {count_of_unexpected} tensors too many for a {network}: {names}. Received: {path!r}.",
            count_of_unexpected=len(unexpected),
            network=network,
            names=_some(unexpected),
            path=str(path),
        )
    wrong = [
        f"{name} {received[name]} ≠ {expected[name]}" for name in expected if received[name] != expected[name]
    ]
    if wrong:
        raise CheckpointError(
            "There are {count_of_wrong} tensors of the wrong shape for a {network}: {names}. Received: "
            "{path!r}.",
            count_of_wrong=len(wrong),
            network=network,
            names=_some(wrong),
            path=str(path),
        )


def _some(things: Sequence[str]) -> str:
    more = len(things) - NAMED
    return ", ".join(things[:NAMED]) + (f", … (+{more})" if more > 0 else "")
