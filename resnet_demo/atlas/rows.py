"""What the atlas takes of one photo: for each quantity a number per block."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from resnet_demo.atlas.score_tally import Scored


@dataclass(frozen=True)
class Row:
    """One photo.

    Attributes:
        target: index of the photo's own class, which lesion, ledger and gradient are of.
        top1: index of the class the network says.
        quantities: a quantity's name, as in analysis.json, a nested number as parent_child, to float64 (blocks,); NaN
            where it is not defined for a block.
        scored: its heatmaps.
        without: int (blocks,), the class said without each block; empty without the laboratory.
        without_pairs: the same for each pair of blocks, in the order of `itertools.combinations`.
    """

    target: int
    top1: int
    quantities: dict[str, np.ndarray]
    scored: Scored = field(default_factory=Scored)
    without: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    without_pairs: np.ndarray = field(default_factory=lambda: np.empty(0, int))
