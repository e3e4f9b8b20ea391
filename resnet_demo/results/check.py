"""What a step of the walk ends in: a claim, what was measured of it on the spot, and what that says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["holds", "holds_only_where", "does_not_hold"]


@dataclass(frozen=True)
class Check:
    """One claim, checked.

    Attributes:
        step: "degradation", "gradients", …; the words of the step have keys that begin so.
        verdict: what the measurement says of the claim.
        values: the numbers that the step's sentences are filled in with; a text that begins with "learn_" is the key of
            some words.
        data: what the step's picture is drawn of; plain numbers, lists and dictionaries, or arrays.
    """

    step: str
    verdict: Verdict
    values: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
