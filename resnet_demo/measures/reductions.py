"""The last step of every sum, in float64.

What leaves TensorFlow is one float32 number per position, a sum over channels. Adding up the positions here, in
float64, keeps the sums a reader checks from being blurred by a million float32 additions.
"""

from __future__ import annotations

import numpy as np


def total(positions: np.ndarray) -> float:
    """The sum over positions (h, w), in float64."""
    return float(positions.sum(dtype=np.float64))


def divide(numerator: float, denominator: float) -> float:
    """The quotient, NaN where the denominator is 0."""
    return float(numerator / denominator) if denominator else float("nan")
