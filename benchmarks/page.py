"""The page from outside: a real server in a process of its own, asked over HTTP as the browser asks it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import numpy as np

ROOT = Path(__file__).parents[1]
USERS = 16
PHOTOS = 50


@dataclass(frozen=True)
class Server:
    """A running page: its address, its process, and how long it took to answer and to be warm, in seconds."""

    url: str
    process: subprocess.Popen
    first_answer: float
    warm: float


@contextmanager
def running(weights: str) -> Iterator[Server]:
    """Start app.py on a free port with `weights`, a file or "bundled"; stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PORT": str(port), "HOST": "127.0.0.1", "RESNET_DEMO_WEIGHTS": weights}
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile("w+") as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=said, stderr=said
        )
        try:
            first = _wait(process, started, lambda: _answers(url))
            warm = _wait(process, started, lambda: "ready at" in _read(said))
            yield Server(url, process, first, warm)
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
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def import_seconds() -> float:
    """What `import tensorflow, gradio` takes in a process of its own."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import tensorflow, gradio"], check=True, capture_output=True)
    return time.perf_counter() - started


def peak_memory_mb(process: subprocess.Popen) -> float | None:
    """The process's peak resident memory so far, in millions of bytes; None where /proc does not tell."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(found.group(1)) * 1024 / 1e6 if found else None


class Visitor:
    """One user of the page, over the browser's own protocol.

    `layers` are the blocks and layers of the stem that the page lets its user choose.
    """

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=120)
        config = self.client.get("/config").json()
        components = {c["props"].get("elem_id"): c for c in config["components"]}
        photo = components["photo"]["id"]
        values = {c["id"]: c["props"].get("value") for c in config["components"]}
        event = next(
            d for d in config["dependencies"] if [photo, "change"] in d["targets"] and len(d["outputs"]) > 5
        )
        self.overview_event, self.values = event["id"], [values[i] for i in event["inputs"][1:]]
        self.analyze_event = next(d["id"] for d in config["dependencies"] if d["api_name"] == "analyze")
        self.layers = [name for _, name in components["layer"]["props"]["choices"]]

    def close(self) -> None:
        """Leave the page."""
        self.client.close()

    def overview(self, path: Path) -> float:
        """Upload a photo and wait for the whole overview; seconds from the upload to the last result."""
        started = time.perf_counter()
        output = self._ask(self.overview_event, [self._upload(path), *self.values])
        if "rx-profile" not in json.dumps(output):
            raise RuntimeError(f"The overview is not whole: {output}")
        return time.perf_counter() - started

    def analyze(self, path: Path, layer: str) -> None:
        """Ask the API for a photo's numbers, Grad-CAM at `layer`, as a click on a block of the page does."""
        self._ask(self.analyze_event, [self._upload(path), "", layer])

    def _upload(self, path: Path) -> dict[str, Any]:
        with path.open("rb") as file:
            uploaded = self.client.post("/gradio_api/upload", files={"files": (path.name, file)}).json()[0]
        return {"path": uploaded, "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def _ask(self, event: int, data: list[Any]) -> Any:
        session = uuid.uuid4().hex
        asked = {"data": data, "fn_index": event, "session_hash": session}
        self.client.post("/gradio_api/queue/join", json=asked).raise_for_status()
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:") and (told := json.loads(line[5:]))["msg"] == "process_completed":
                    if not told["success"]:
                        raise RuntimeError(f"The page failed: {told['output']}")
                    return told["output"]
        raise RuntimeError("The server closed the stream before the answer was complete.")


def many_photos(server: Server, examples: list[Path]) -> dict[str, Any]:
    """Peak memory after `PHOTOS` photos, each with a click on another block or layer of the stem (each has a compiled
    pass of its own), then `USERS` users one after another and all at once.
    """
    with ExitStack() as stack:
        visitors = [stack.enter_context(closing(Visitor(server.url))) for _ in range(USERS)]
        for i in range(PHOTOS):
            visitor, path = visitors[0], examples[i % len(examples)]
            visitor.overview(path)
            visitor.analyze(path, visitor.layers[i % len(visitor.layers)])
        memory = peak_memory_mb(server.process)
        asked = [(v, examples[i % len(examples)]) for i, v in enumerate(visitors)]
        started = time.perf_counter()
        alone = [v.overview(path) for v, path in asked]
        one_after_another = time.perf_counter() - started
        with ThreadPoolExecutor(USERS) as pool:
            started = time.perf_counter()
            together = list(pool.map(lambda each: each[0].overview(each[1]), asked))
            at_once = time.perf_counter() - started
    return {
        "peak_memory_mb": memory,
        "peak_memory_after_users_mb": peak_memory_mb(server.process),
        "users": USERS,
        "alone_median_s": float(np.median(alone)),
        "together_median_s": float(np.median(together)),
        "together_max_s": max(together),
        "max_over_median": max(together) / float(np.median(together)),
        "throughput_over_one_by_one": one_after_another / at_once,
    }
