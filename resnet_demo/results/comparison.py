"""Two ledgers side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resnet_demo.results.laboratory import LogitAttribution


@dataclass(frozen=True)
class Difference:
    """One line of two ledgers; `difference` is positive where it speaks for the first.

    `name` is "class_bias", "stem", "projection_biases" or a block's name.
    """

    name: str
    first: float
    second: float

    @property
    def difference(self) -> float:
        """First less second, in units of the logit."""
        return self.first - self.second


@dataclass(frozen=True)
class Comparison:
    """Two ledgers of one network. Their differences add up to the difference of the logits."""

    first: LogitAttribution
    second: LogitAttribution

    def differences(self) -> tuple[Difference, ...]:
        """Line by line, from the class bias and the stem up to the last block."""
        lines = [
            Difference(name, getattr(self.first, name), getattr(self.second, name))
            for name in ("class_bias", "stem", "projection_biases")
        ]
        lines += [
            Difference(one.block, one.contribution, other.contribution)
            for one, other in zip(self.first.entries, self.second.entries, strict=True)
        ]
        return tuple(lines)

    @property
    def logit_difference(self) -> float:
        """The first logit less the second."""
        return self.first.logit - self.second.logit

    def speaking_for_first(self) -> tuple[Difference, ...]:
        """The blocks that speak for the first, strongest first."""
        blocks = self.differences()[-len(self.first.entries) :]
        return tuple(sorted((b for b in blocks if b.difference > 0), key=lambda b: -b.difference))

    def speaking_for_second(self) -> tuple[Difference, ...]:
        """The blocks that speak for the second, strongest first."""
        return Comparison(self.second, self.first).speaking_for_first()

    def maps(self) -> dict[str, np.ndarray]:
        """Where the stem and each block speak for either of two classes on one photo, each float32 (h, w)."""
        blocks = zip(self.first.entries, self.second.entries, strict=True)
        return {"stem": self.first.stem_map - self.second.stem_map} | {
            one.block: one.map - other.map for one, other in blocks
        }
