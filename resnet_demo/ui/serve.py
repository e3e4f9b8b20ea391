"""Serving the page: where, with what, and when it is ready."""

from __future__ import annotations

import gc
import math
import os
import socket
import time
from pathlib import Path
from threading import Event

import numpy as np
from gradio.utils import get_upload_folder

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.engine.loaded import LoadedNetworks
from resnet_demo.errors import OptionError
from resnet_demo.measures import logit_attribution
from resnet_demo.measures.compare import compare_classes
from resnet_demo.measures.gates import classify_with_gates
from resnet_demo.measures.gradcam import gradcam
from resnet_demo.measures.lab import lab_table
from resnet_demo.measures.overview import REQUIRES, analyze
from resnet_demo.measures.requirements import lacking
from resnet_demo.measures.split import split_gradcam
from resnet_demo.photos.decoding import Photo, photo_from_pixels
from resnet_demo.ui.first_paint import SpokenBlocks
from resnet_demo.ui.hosting.arenas import trim
from resnet_demo.ui.hosting.monitoring import State
from resnet_demo.ui.hosting.sessions import LeanSessions
from resnet_demo.ui.hosting.stopping import finish, stop_on_sigterm
from resnet_demo.ui.hosting.uploads import sweep
from resnet_demo.ui.page import DELETE_CACHE, launch_options

EVERYTHING_WARM = "The laboratory's passes are warm too."
TRIMMED = 1  # seconds between two times that free memory is given back, which costs 15 ms


def free_address() -> tuple[str, int]:
    """Host and port to serve on, by HOST and PORT: 127.0.0.1 (0.0.0.0 on a Space) and 7860 where they say nothing.

    GRADIO_SERVER_PORT is asked where PORT says nothing.

    Raises:
        OptionError: the port is no number from 1 to 65535, or nothing can be served there: it is taken, say.
    """
    host = os.environ.get("HOST") or ("0.0.0.0" if "SPACE_ID" in os.environ else "127.0.0.1")
    name = (
        "GRADIO_SERVER_PORT"
        if os.environ.get("GRADIO_SERVER_PORT") and not os.environ.get("PORT")
        else "PORT"
    )
    text = os.environ.get(name) or "7860"
    port = int(text) if text.isdecimal() else 0
    if not 1 <= port <= 65535:
        raise OptionError(
            "The port is no port number. Received: {name}={text}. Accepted: a whole number from 1 to 65535.",
            name=name,
            text=text,
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
        try:
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:  # UnicodeError for what can be no host's name
            raise OptionError(
                "The page cannot be served there ({reason}). Received: HOST={host}, {name}={port}. "
                "Accepted: an address of this machine with a port that is free.",
                reason=error,
                host=host,
                name=name,
                port=port,
            ) from error
    return host, port


def serve(page: SpokenBlocks, networks: LoadedNetworks, host: str, port: int) -> None:
    """Serve the page at a `free_address` until stopped by Ctrl-C or SIGTERM; what runs then is finished first.

    The page answers at once; the compiled passes are warmed before it says it is ready, the laboratory's after that.

    Raises:
        OptionError: the port was taken while the weights were loaded.
    """
    print(_named(networks.get()), flush=True)
    sweep(Path(get_upload_folder()))
    stopping = stop_on_sigterm(page.monitor)
    _keep_own_calls_off_the_proxy()
    try:
        page.launch(
            server_name=host, server_port=port, prevent_thread_lock=True, quiet=True, **launch_options(page)
        )
    except OSError as error:
        raise OptionError(
            "The page cannot be served there any more. Received: HOST={host}, PORT={port}. Accepted: "
            "an address of this machine with a port that is free.",
            host=host,
            port=port,
        ) from error
    page.app.state_holder = sessions = LeanSessions(page)
    try:
        warm(networks.get())
        if page.monitor.state is State.STARTING:
            page.monitor.state = State.READY
        print(f"ResNet Explorer is ready at http://{host}:{port}", flush=True)
        if not stopping.is_set():
            warm_laboratory(networks.get())
            print(EVERYTHING_WARM, flush=True)
            gc.collect()
            gc.freeze()  # half a million objects that stay need not be gone through again and again
        _tidy_until(stopping, page, sessions)
    except KeyboardInterrupt:
        page.monitor.state = State.STOPPING
    finish(page)


def _named(model: InstrumentedModel) -> str:
    """Which weights these are, and why."""
    weights, kind = model.network.provenance, model.network.outputs.kind
    classes = "one question" if kind == "question" else f"{weights.classes} classes"
    return f"Weights: {weights.name}, {classes}, SHA-256 {weights.sha256}\n{weights.reason}"


def _tidy_until(stopping: Event, page: SpokenBlocks, sessions: LeanSessions) -> None:
    """Forget the sessions that have ended, delete the files whose time has come and give back memory that lies free,
    until the event is set.
    """
    swept, trimmed = time.monotonic(), -math.inf  # at once: what warming took lies free
    while not stopping.wait(1):
        for session in page.files.delete_ended():
            sessions.forget(session)
        if time.monotonic() - swept > DELETE_CACHE[0]:
            sweep(Path(get_upload_folder()))
            swept = time.monotonic()
        if time.monotonic() - trimmed > TRIMMED:
            trim()
            trimmed = time.monotonic()


def _keep_own_calls_off_the_proxy() -> None:
    """Gradio asks its own server whether it answers; a proxy that is set for the internet has no part in that."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "localhost", "127.0.0.1")))


def warm(model: InstrumentedModel) -> None:
    """Trace and run the passes a first photo needs, so that it does not wait for them."""
    if not lacking(model.engine, REQUIRES):
        analyze(model, _grey(model))


def warm_laboratory(model: InstrumentedModel) -> None:
    """The same for the laboratory, which a first photo does not need yet."""
    blocks = model.engine.architecture.blocks
    if not blocks or lacking(model.engine, REQUIRES):
        return
    photo = _grey(model)
    batch = model.batch(photo)
    gradcam(model, batch, blocks[-1].name)
    classify_with_gates(model, batch, np.ones(len(blocks)))
    split_gradcam(model, batch, blocks[-1].name)
    lab_table(model, photo, analyze(model, photo))
    if not lacking(model.engine, logit_attribution.REQUIRES) and len(model.labels) > 1:
        compare_classes(model, batch)


def _grey(model: InstrumentedModel) -> Photo:
    return photo_from_pixels(np.full((*model.engine.architecture.input_shape[:2], 3), 128, np.uint8))
