"""Shortcut against residual branch, block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["projection", "identity"]  # whether a block's shortcut has weights


@dataclass(frozen=True)
class Magnitude:
    """How large one tensor is: mean |v|, root mean square, and standard deviation, over H, W and C."""

    mean_magnitude: float
    rms: float
    std: float


@dataclass(frozen=True)
class EnergyShares:
    """‖S‖²/‖y‖², ‖F‖²/‖y‖² and the cross term 2⟨S,F⟩/‖y‖²; they add up to 1."""

    shortcut: float
    residual: float
    cross: float


@dataclass(frozen=True)
class BlockProfile:
    """One block on one photo. The quantities and their sources are those of the README's table.

    Attributes:
        shape: (h, w, c) of S, F, y and the output.
        ratio: rms(F) / rms(S) (Jastrzębski et al. 2018).
        cosine: ⟨S,F⟩ / (‖S‖‖F‖).
        novelty: ‖F − proj_S F‖ / ‖F‖, the part of F that does not lie along S.
        closed_gates: share of units with y < 0, which the ReLU closes; 0 where no ReLU follows.
        change: 1 − cos(x, x⁺); None where the shortcut is not the block's input.
        shortcut_map, residual_map, sum_map, output_map: float32 (h, w), root mean square over channels.
        share_map: float32 (h, w), F²/(S²+F²): 0 where all is shortcut, 1 where all is residual branch, 0.5 where
            both are 0.

    Ratios whose denominator is 0 are NaN.
    """

    name: str
    stage: str
    kind: Kind
    shape: tuple[int, int, int]
    shortcut: Magnitude
    residual: Magnitude
    sum: Magnitude
    output: Magnitude
    ratio: float
    cosine: float
    novelty: float
    energy: EnergyShares
    closed_gates: float
    change: float | None
    shortcut_map: np.ndarray
    residual_map: np.ndarray
    sum_map: np.ndarray
    output_map: np.ndarray
    share_map: np.ndarray
