"""The page from outside: a real server in a process of its own, asked over HTTP as programs ask it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

import numpy as np
import psutil
from gradio_client import Client, handle_file
from PIL import Image

from resnet_demo.ui.serve import EVERYTHING_WARM

ROOT = Path(__file__).parents[1]
USERS = 16
PHOTOS = 50


@dataclass(frozen=True)
class Server:
    """A running page: its address, its process, and how long it took to answer and to be ready, in seconds."""

    url: str
    process: subprocess.Popen
    said: IO[str]
    started: float
    first_answer: float
    warm: float

    def wait_for(self, words: str) -> float:
        """Seconds from its start until it said so."""
        return _wait(self.process, self.started, lambda: words in _read(self.said))


@contextmanager
def running(weights: str) -> Iterator[Server]:
    """Start app.py on a free port with `weights`, a file or "bundled"; stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PORT": str(port), "HOST": "127.0.0.1", "RESNET_DEMO_WEIGHTS": weights}
    url = f"http://127.0.0.1:{port}"
    with TemporaryFile("w+") as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=said, stderr=said
        )
        try:
            first = _wait(process, started, lambda: _answers(url))
            warm = _wait(process, started, lambda: "ready at" in _read(said))
            yield Server(url, process, said, started, first, warm)
        finally:
            process.terminate()
            process.wait(10)


def _wait(process: subprocess.Popen, started: float, done: Callable[[], bool], most: float = 240) -> float:
    """Seconds since `started` until `done`."""
    while not done():
        if process.poll() is not None or time.perf_counter() - started > most:
            raise RuntimeError("The page did not start.")
        time.sleep(0.02)
    return time.perf_counter() - started


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def import_seconds() -> float:
    """What `import tensorflow, gradio` takes in a process of its own."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import tensorflow, gradio"], check=True, capture_output=True)
    return time.perf_counter() - started


def resident_mb(process: subprocess.Popen) -> float:
    """The process's resident memory now, in millions of bytes."""
    return psutil.Process(process.pid).memory_info().rss / 1e6


class Visitor:
    """One user of the API, with a session of its own.

    `layers` are the blocks and layers of the stem that the page lets its user choose.
    """

    def __init__(self, url: str) -> None:
        self.client = Client(url, verbose=False, analytics_enabled=False)
        (layer,) = (c for c in self.client.config["components"] if c["props"].get("elem_id") == "layer")
        self.layers = [name for _, name in layer["props"]["choices"]]

    def analyze(self, path: Path, layer: str = "") -> float:
        """Ask for a photo's numbers, Grad-CAM at `layer`; seconds from the upload to the answer.

        Raises:
            ValueError: what gradio_client raises where the server refuses, with the server's sentence.
        """
        started = time.perf_counter()
        self.client.predict(handle_file(path), "", layer, api_name="/analyze")
        return time.perf_counter() - started

    def close(self) -> None:
        """End the session."""
        self.client.close()


def memory_after_photos(server: Server, examples: list[Path]) -> dict[str, float]:
    """Resident memory of a server whose passes are all warm, in millions of bytes.

    After `PHOTOS` photos, no two alike; and after they were looked at once more, each at another block or layer of the
    stem.
    """
    server.wait_for(EVERYTHING_WARM)
    visitor = Visitor(server.url)
    found = {"warm_mb": resident_mb(server.process)}
    with TemporaryDirectory() as folder:
        photos = [_cropped(examples[i % len(examples)], i, Path(folder)) for i in range(PHOTOS)]
        for path in photos:
            visitor.analyze(path)
        found["resident_mb"] = resident_mb(server.process)
        for i, path in enumerate(photos):
            visitor.analyze(path, visitor.layers[i % len(visitor.layers)])
        found["resident_after_layers_mb"] = resident_mb(server.process)
    return found


def _cropped(example: Path, number: int, folder: Path) -> Path:
    """The example without its `number` first rows: another photo to whoever compares."""
    path = folder / f"{number}.jpg"
    with Image.open(example) as image:
        image.crop((0, number, *image.size)).save(path)
    return path


def many_users(server: Server, examples: list[Path]) -> dict[str, float]:
    """`USERS` users, one after another and all at once."""
    visitors = [Visitor(server.url) for _ in range(USERS)]
    asked = [(visitor, examples[i % len(examples)]) for i, visitor in enumerate(visitors)]
    started = time.perf_counter()
    alone = [visitor.analyze(path) for visitor, path in asked]
    one_after_another = time.perf_counter() - started
    with ThreadPoolExecutor(USERS) as pool:
        started = time.perf_counter()
        together = list(pool.map(lambda each: each[0].analyze(each[1]), asked))
        at_once = time.perf_counter() - started
    return {
        "users": USERS,
        "alone_median_s": float(np.median(alone)),
        "together_median_s": float(np.median(together)),
        "together_max_s": max(together),
        "max_over_median": max(together) / float(np.median(together)),
        "throughput_over_one_by_one": one_after_another / at_once,
    }
