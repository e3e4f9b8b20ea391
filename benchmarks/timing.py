"""Medians over interleaved rounds, so that a machine that slows down slows every contestant alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np


class Median(NamedTuple):
    """Seconds: by the clock, and of this process's threads together, which others on the machine hardly change."""

    wall: float
    cpu: float


def medians(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Median]:
    """The median of each task: each is run twice to warm up, then all in turn, `rounds` times."""
    for task in tasks.values():
        task()
        task()
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            started, worked = time.perf_counter(), time.process_time()
            task()
            seconds[name].append((time.perf_counter() - started, time.process_time() - worked))
    return {name: Median(*map(float, np.median(values, axis=0))) for name, values in seconds.items()}
