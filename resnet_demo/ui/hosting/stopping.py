"""Stopping a server by SIGTERM: what runs is finished, nothing new is begun, and it is over in 10 s."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import NoReturn

import gradio as gr

from resnet_demo.ui.hosting.monitoring import Monitor, State

FINISHING = 8.0  # seconds that running calls are given; what is left of ten is for closing connections
DELIVERY = 0.3  # seconds an answer needs from the end of its call to its reader
CLOSING = 1.5


def stop_on_sigterm(monitor: Monitor) -> threading.Event:
    """From now on SIGTERM sets the event that is returned, and ends nothing by itself. For the main thread."""
    stopping = threading.Event()

    def tell(*_: object) -> None:
        monitor.state = State.STOPPING
        stopping.set()

    signal.signal(signal.SIGTERM, tell)
    return stopping


def finish(page: gr.Blocks) -> None:
    """Wait until no call runs or waits, for `FINISHING` seconds at most, then close the server."""
    end = time.monotonic() + FINISHING
    while time.monotonic() < end and _busy(page):
        time.sleep(0.05)
    time.sleep(DELIVERY)
    # Gradio waits five seconds for streams that an open page reads; it is not waited for.
    closing = threading.Thread(target=page.close, kwargs={"verbose": False}, daemon=True)
    closing.start()
    closing.join(CLOSING)


def leave() -> NoReturn:
    """End the process, all being finished.

    Left to itself Python would first take apart what TensorFlow has built, for some 4 s after a crowd and more on a
    busy machine, of the ten that there are. The decoder processes end with this one.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def _busy(page: gr.Blocks) -> bool:
    queue = page._queue
    return len(queue) > 0 or any(job is not None for job in queue.active_jobs)
