"""What a host may ask of a running server: /healthz, whether it is ready, and /metrics, how it fares (Prometheus)."""

from __future__ import annotations

import hmac
import ipaddress
import os
import time
from enum import StrEnum
from typing import Any

import gradio as gr
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resnet_demo.errors import StoppingError
from resnet_demo.ui.gate import GatedBlocks
from resnet_demo.ui.hosting.uploads import SessionFiles
from resnet_demo.ui.refusals import refusal

TOKEN = (
    "RESNET_DEMO_METRICS_TOKEN"  # who sends it as `Authorization: Bearer …` sees the metrics from anywhere
)
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
WORK = (
    "/gradio_api/upload",
    "/gradio_api/queue/join",
    "/gradio_api/call/",
    "/gradio_api/run/",
    "/gradio_api/mcp",
)


class State(StrEnum):
    """Whether the server takes work."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"


class Monitor:
    """A server's state and its counters."""

    def __init__(self) -> None:
        self.state = State.STARTING
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "resnet_demo_requests", "Calls that were begun.", ["endpoint"], registry=self.registry
        )
        self._errors = Counter(
            "resnet_demo_errors", "Calls that ended in an error.", ["endpoint"], registry=self.registry
        )
        self._seconds = Histogram(
            "resnet_demo_seconds",
            "Seconds a call took, its wait in the queue not counted.",
            ["endpoint"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._answers = Counter(
            "resnet_demo_http_answers", "HTTP answers.", ["status"], registry=self.registry
        )
        self._waiting = Gauge("resnet_demo_queue_length", "Calls that wait.", registry=self.registry)
        ProcessCollector(registry=self.registry)  # resident memory, processor seconds, open files; on Linux

    def watch_queue(self, page: gr.Blocks) -> None:
        """Let the queue's length be the page's."""
        self._waiting.set_function(lambda: len(page._queue))

    def begun(self, endpoint: str) -> None:
        """Count a call."""
        self._requests.labels(endpoint).inc()

    def failed(self, endpoint: str) -> None:
        """Count a call that ended in an error."""
        self._errors.labels(endpoint).inc()

    def ended(self, endpoint: str, seconds: float) -> None:
        """Note how long a call took."""
        self._seconds.labels(endpoint).observe(seconds)

    def answered(self, status: int) -> None:
        """Count an HTTP answer."""
        self._answers.labels(str(status)).inc()

    def metrics(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)


class MonitoredBlocks(GatedBlocks):
    """A page whose every call is counted and timed, by the endpoint's name, or as "page" where it has none.

    It knows which files its sessions have to do with, too.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.monitor = Monitor()
        self.monitor.watch_queue(self)
        self.files = SessionFiles(self)

    async def process_api(self, block_fn: Any, *args: Any, **options: Any) -> dict[str, Any]:
        """As Gradio's, counted."""
        function = self.function_of(block_fn)
        endpoint = str(function.api_name) if function.api_visibility == "public" else "page"
        self.monitor.begun(endpoint)
        start = time.perf_counter()
        ends = any(event == "unload" for _, event in function.targets)
        session = None if ends else options.get("session_hash")
        try:
            if session:
                self.files.note(session, options.get("inputs"))
            answer = await super().process_api(block_fn, *args, **options)
            if session:
                self.files.note(session, answer.get("data"))
            return answer
        except Exception:
            self.monitor.failed(endpoint)
            raise
        finally:
            self.monitor.ended(endpoint, time.perf_counter() - start)


class Monitoring:
    """ASGI middleware: answers /healthz and /metrics, counts answers, and takes no new work of a server that stops."""

    def __init__(self, app: ASGIApp, monitor: Monitor) -> None:
        self.app = app
        self.monitor = monitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = self._answer(scope)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.monitor.answered(message["status"])
            await send(message)

        await (answer or self.app)(scope, receive, counted)

    def _answer(self, scope: Scope) -> Response | None:
        path, state = scope["path"].removeprefix(scope.get("root_path", "")), self.monitor.state
        if path == "/healthz":
            return JSONResponse({"state": state}, 200 if state is State.READY else 503)
        if path == "/metrics" and _may_watch(scope):
            return Response(self.monitor.metrics(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
        if state is State.STOPPING and scope["method"] == "POST" and path.startswith(WORK):
            stopping = StoppingError("The server is being stopped and takes no new request.")
            return refusal(stopping, Request(scope))
        return None


def _may_watch(scope: Scope) -> bool:
    """Whether the metrics are for this caller: it has the token, or, where none is set, is on this very machine."""
    headers = Headers(scope=scope)
    if token := os.environ.get(TOKEN):
        return hmac.compare_digest(headers.get("authorization", "").encode(), f"Bearer {token}".encode())
    if any(name in headers for name in FORWARDED):  # a proxy on this machine asks for somebody else
        return False
    try:
        return ipaddress.ip_address((scope.get("client") or ("", 0))[0]).is_loopback
    except ValueError:
        return False
