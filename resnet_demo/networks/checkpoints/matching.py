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
            f"{len(missing)} of the {len(expected)} tensors of a {network} are missing: {_some(missing)}. "
            f"Received: {str(path)!r}."
        )
    if unexpected := [name for name in received if name not in expected]:
        raise CheckpointError(
            f"There are {len(unexpected)} tensors too many for a {network}: {_some(unexpected)}. "
            f"Received: {str(path)!r}."
        )
    wrong = [
        f"{name} should be {expected[name]} and is {received[name]}"
        for name in expected
        if received[name] != expected[name]
    ]
    if wrong:
        raise CheckpointError(
            f"There are {len(wrong)} tensors of the wrong shape for a {network}: {_some(wrong)}. "
            f"Received: {str(path)!r}."
        )


def _some(things: Sequence[str]) -> str:
    more = len(things) - NAMED
    return ", ".join(things[:NAMED]) + (f" and {more} more" if more > 0 else "")
