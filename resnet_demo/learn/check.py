"""How a check comes to its verdict; the record itself is `results.check.Check`."""

from __future__ import annotations

from resnet_demo.results.check import Check, Verdict

__all__ = ["Check", "Verdict", "verdict"]


def verdict(everywhere: bool, somewhere: bool) -> Verdict:
    """ "holds" where it is true everywhere, "holds_only_where" where it is somewhere, else "does_not_hold"."""
    return "holds" if everywhere else "holds_only_where" if somewhere else "does_not_hold"
