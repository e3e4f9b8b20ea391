"""Medians over interleaved rounds, so that a machine that slows down slows every contestant alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np


def medians(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median wall seconds of each task: each is run twice to warm up, then all in turn, `rounds` times."""
    for task in tasks.values():
        task()
        task()
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - started)
    return {name: float(np.median(values)) for name, values in seconds.items()}
