"""Training twins while a reader looks on: in a process of its own, which ends when nobody looks any more."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from resnet_demo.errors import BusyError
from resnet_demo.learn.degradation import Run
from resnet_demo.learn.record import runs_of

DEPTHS, SEEDS, EPOCHS = (8, 44), (0,), 8  # shorter than the bundled experiment: a minute or two
BREATH = 0.5  # seconds after which a reader is answered, and may stop it, though there is nothing new
MOST_SECONDS = 600.0


def train_apart(
    depths: Sequence[int] = DEPTHS,
    seeds: Sequence[int] = SEEDS,
    epochs: int = EPOCHS,
    most_seconds: float = MOST_SECONDS,
) -> Iterator[tuple[int, int, list[Run]]]:
    """Train both twins of each depth from each seed, at the lowest priority and on one core.

    Yields:
        Epochs done, epochs in all, and the networks trained so far; at least every second. When the generator is
        closed, the process is ended.

    Raises:
        BusyError: the process fell over, or took longer than `most_seconds`.
    """
    plan = {"depths": list(depths), "seeds": list(seeds), "epochs": epochs}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "resnet_demo.learn.training_process", json.dumps(plan)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
    )
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    clock = threading.Timer(most_seconds, process.kill)
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    for thread in (clock, reader):
        thread.start()
    try:
        yield from _follow(process, lines, 2 * len(depths) * len(seeds) * epochs)
    finally:
        clock.cancel()
        process.kill()
        reader.join()
        process.communicate()


def _follow(
    process: subprocess.Popen[bytes], lines: queue.SimpleQueue[bytes], total: int
) -> Iterator[tuple[int, int, list[Run]]]:
    done, found = 0, list[dict[str, Any]]()
    while True:
        yield done, total, runs_of({"runs": found})
        try:
            line = lines.get(timeout=BREATH)
        except queue.Empty:
            continue
        if not line:
            break
        message = json.loads(line)
        done = message.get("done", done)
        found += [message["run"]] if "run" in message else []
    if process.wait() != 0:
        raise BusyError(
            "The training ended before its time. Received: {done} of {total} epochs. Accepted: the same once more, "
            "when the server has less to do.",
            done=done,
            total=total,
        )


def _read(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(b"")
