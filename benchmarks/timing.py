"""Medians over interleaved rounds, so that a machine that slows down slows every contestant alike."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np


class Median(NamedTuple):
    """Seconds: by the clock, and of this process's threads together, which others on the machine hardly change."""

    wall: float
    cpu: float


def medians(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Median]:
    """The median of each task: each is run twice to warm up, then all in turn, `rounds` times.

    Each round has another order, for what a task leaves behind, cold caches or a processor at a lower rate, costs the
    next one up to a fifth of a forward pass.
    """
    for task in tasks.values():
        task()
        task()
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    order, chance = list(tasks.items()), random.Random(0)
    for _ in range(rounds):
        chance.shuffle(order)
        for name, task in order:
            started, worked = time.perf_counter(), time.process_time()
            task()
            seconds[name].append((time.perf_counter() - started, time.process_time() - worked))
    return {name: Median(*map(float, np.median(values, axis=0))) for name, values in seconds.items()}
