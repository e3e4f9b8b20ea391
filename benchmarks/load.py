"""A crowd at a running page: how many answers a second, how long a wait, and who was told "busy".

    RESNET_DEMO_WEIGHTS=bundled make run                 # in another terminal
    .venv/bin/locust -f benchmarks/load.py --headless --host http://127.0.0.1:7860 --users 100 --spawn-rate 50 -t 60s

Each client has an address of its own (as a trusted proxy would say it), a photo of its own and a session of its own; it
asks one endpoint after another, and after a "busy" it waits as long as it is told. The first line is the row of
docs/reliability.md. The second, where the server is on this machine, is what it used of the processor for an answer,
its decoder processes with it: a figure that holds on a busy machine too. ENDPOINTS=classify,gradcam asks those alone.
FLOOD=50 has the first client post as many lesions at once; `--users 2` then shows what one other client notices.
FRESH=1 has each question be about a new photo, of which nothing is known yet; else a client asks about its own again
and again, as a visitor does.
"""

from __future__ import annotations

import io
import itertools
import os
import random
import statistics
import time
from pathlib import Path
from urllib.parse import urlsplit

import gevent
import psutil
from locust import HttpUser, events, task
from PIL import Image

PHOTOS = sorted((Path(__file__).parents[1] / "resnet_demo" / "assets" / "examples").glob("*.jpg"))
LIGHT = ("classify", "gradcam", "feature_maps", "residual_profile", "analyze")
HEAVY = ("lesion", "gradients", "ledger", "split_gradcam", "compare")
ARGUMENTS = {
    "classify": [5],
    "gradcam": ["", ""],
    "feature_maps": ["conv2", 16],
    "residual_profile": [],
    "analyze": ["", ""],
    "lesion": [""],
    "gradients": [""],
    "ledger": [""],
    "split_gradcam": ["", ""],
    "compare": ["", "", None],
}
ENDPOINTS = os.environ.get("ENDPOINTS", ",".join((*LIGHT, *HEAVY))).split(",")
FLOOD = int(os.environ.get("FLOOD", 0))
FRESH = bool(os.environ.get("FRESH"))

_numbers = itertools.count()
_answers: dict[str, list[float]] = {}  # seconds from the question to the whole answer, by endpoint
_busy: list[float] = []  # seconds until "busy" was said
_failed: list[str] = []
_before: list[float] = []  # CPU seconds of the server when the crowd came


class Client(HttpUser):
    """One visitor, who asks again as soon as the answer is there."""

    def on_start(self) -> None:
        """Upload a photo that nobody else has."""
        self.number = next(_numbers)
        self.choose = random.Random(self.number)
        self.headers = {"X-Forwarded-For": f"10.0.{self.number // 250}.{self.number % 250 + 1}"}
        self.path = self.upload(self.number)

    def upload(self, number: int) -> str:
        """Send the photo of that number; its path at the server."""
        files = {"files": (f"{number}.jpg", _photo(number))}
        sent = self.client.post("/gradio_api/upload", files=files, headers=self.headers, name="upload")
        return sent.json()[0]

    @task
    def ask(self) -> None:
        """One question; or, of the client that floods, all of them at once."""
        if FLOOD and self.number == 0:
            gevent.joinall([gevent.spawn(self.question, "lesion") for _ in range(FLOOD)])
        else:
            if FRESH:
                self.path = self.upload(next(_numbers))
            self.question(self.choose.choice(ENDPOINTS))

    def question(self, endpoint: str) -> None:
        """Ask, and read the stream of the answer to its end."""
        began = time.monotonic()
        body = {"data": [{"path": self.path}, *ARGUMENTS[endpoint]], "session_hash": f"load{self.number}"}
        if FLOOD:
            del body["session_hash"]  # a stream for each question
        asked = self.client.post(f"/gradio_api/call/{endpoint}", json=body, headers=self.headers, name="join")
        if asked.status_code in (429, 503):
            _busy.append(time.monotonic() - began)
            gevent.sleep(float(asked.headers["Retry-After"]))
            return
        if asked.status_code != 200:
            _failed.append(asked.text or f"POST {getattr(asked, 'error', asked.status_code)}")
            return
        url = f"/gradio_api/call/{endpoint}/{asked.json()['event_id']}"
        got = self.client.get(url, headers=self.headers, name=endpoint)
        answer = got.text or f"GET {getattr(got, 'error', got.status_code)}"
        if "event: complete" in answer:
            _answers.setdefault(endpoint, []).append(time.monotonic() - began)
        else:
            _failed.append(answer)


def _photo(number: int) -> bytes:
    """A part of an example, as a JPEG."""
    with Image.open(PHOTOS[number % len(PHOTOS)]) as picture:
        width, height = picture.size
        cut = picture.crop((number % 40, number // 40 % 40, width - number // 1600, height))
        file = io.BytesIO()
        cut.save(file, "JPEG", quality=90)
    return file.getvalue()


def _cpu_seconds(host: str) -> float | None:
    """User and system time of the process that listens at the host's port, and of those it started; None elsewhere."""
    port = urlsplit(host).port
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            server = psutil.Process(connection.pid)
            times = [process.cpu_times() for process in (server, *server.children(recursive=True))]
            return sum(t.user + t.system for t in times)
    return None


@events.test_start.add_listener
def begin(environment, **_) -> None:
    """What the server has used until now."""
    if (used := _cpu_seconds(environment.host)) is not None:
        _before.append(used)


@events.quitting.add_listener
def say(environment, **_) -> None:
    """The row of the table."""
    seconds = (
        environment.runner.stats.total.last_request_timestamp - environment.runner.stats.total.start_time
    )
    waits = sorted(itertools.chain.from_iterable(_answers.values()))
    if not waits:
        print(f"no answers; failed: {_failed[:3]}")
        return
    print(
        f"{len(waits) / seconds:.2f} answers/s, wait median {statistics.median(waits):.2f} s, "
        f"95 % {waits[int(0.95 * len(waits))]:.2f} s, longest {waits[-1]:.2f} s; told busy {len(_busy)}, "
        f"at most after {max(_busy, default=0):.2f} s; failed {len(_failed)} {_failed[:2]}"
    )
    used = _cpu_seconds(environment.host)
    if _before and used is not None:
        print(f"{(used - _before[0]) / len(waits):.3f} CPU seconds of the server per answer")
    for endpoint, times in sorted(_answers.items()):
        print(
            f"  {endpoint}: {len(times)}, median {statistics.median(times):.2f} s, longest {max(times):.2f} s"
        )
