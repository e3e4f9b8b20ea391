"""What machine this is, and the physical floor: what its matrix multiply would need for a forward pass."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
import tensorflow as tf

SIDE = 2048  # of the square matrices: large enough that the rate no longer grows


def facts() -> dict[str, Any]:
    """The processor, its cores, the memory, and the versions that matter."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        **{name: metadata.version(name) for name in ("keras", "gradio", "numpy")},
    }


def multiply() -> Callable[[], object]:
    """One matrix multiply by TensorFlow, to be timed in turn with the passes: `SIDE`³ multiply-adds."""
    a, b = tf.random.normal((SIDE, SIDE)), tf.random.normal((SIDE, SIDE))
    product = tf.function(lambda x, y: tf.reduce_sum(x @ y))
    return lambda: product(a, b).numpy()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
