"""Learning rate, image size and phase, by the share of the budget that is used up.

The schedule follows the clock, not a number of epochs: the time given is used up on any machine. There are
two phases. The second starts from the weight average of the first, with a smaller learning rate that warms up
again, and with larger images. Small images at first save most of the time: a step at 96 pixels costs a
quarter of one at 192.

References:
    Loshchilov & Hutter 2017, arXiv:1608.03983 (cosine, restarts); Goyal et al. 2017, arXiv:1706.02677
    (warm-up); Howard 2018, fast.ai on DAWNBench (sizes that grow).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LOWEST = 1e-3  # where the cosine ends, as a share of the peak


@dataclass(frozen=True)
class Phase:
    """One rise and fall of the learning rate."""

    share: float  # of the whole budget
    peak: float  # the highest learning rate
    warm_up: float  # share of the phase in which it rises, in a straight line from 0
    sizes: tuple[tuple[float, int], ...]  # (until this share of the phase, side in pixels)
    average_limit: float  # the largest decay of the weight average


PHASES = (
    Phase(0.79, 0.12, 0.06, ((0.40, 96), (0.78, 128), (0.95, 160), (1.0, 192)), 0.998),
    Phase(0.21, 0.04, 0.03, ((0.35, 128), (0.85, 160), (1.0, 192)), 0.99),
)


@dataclass(frozen=True)
class Moment:
    """What one step is to be done with."""

    phase: int  # index into PHASES
    learning_rate: float
    size: int  # side of the images in pixels
    average_limit: float


def moment(share: float) -> Moment:
    """The schedule where `share` of the whole budget is used up, 0 ≤ share < 1."""
    phase = 0
    while phase < len(PHASES) - 1 and share >= PHASES[phase].share:
        share -= PHASES[phase].share
        phase += 1
    chosen = PHASES[phase]
    share /= chosen.share  # of this phase
    size = next((side for until, side in chosen.sizes if share < until), chosen.sizes[-1][1])
    return Moment(phase, learning_rate(chosen, share), size, chosen.average_limit)


def learning_rate(phase: Phase, share: float) -> float:
    """Where `share` of the phase is over: a straight line up to the peak, then half a cosine down."""
    if share < phase.warm_up:
        return phase.peak * share / phase.warm_up
    fallen = (share - phase.warm_up) / (1 - phase.warm_up)
    return phase.peak * (LOWEST + (1 + math.cos(math.pi * fallen)) / 2)


def average_decay(steps: int, limit: float) -> float:
    """Decay of the weight average after so many steps of a phase, counted from 1.

    At a constant 0.998 the random weights of the start would stay in the average for a thousand steps; so the
    decay begins at 2/11 and grows, and the average always spans about the last tenth of the steps.
    """
    return min(limit, (1 + steps) / (10 + steps))
