"""Serving the page: where, with what, and when it is ready."""

from __future__ import annotations

import os

import gradio as gr
import numpy as np

from resnet_demo.analysis.explorer import Explorer
from resnet_demo.analysis.lab import lab_table
from resnet_demo.analysis.preprocessing import Photo, photo_from_pixels
from resnet_demo.analysis.report import analyze
from resnet_demo.ui.page import launch_options


def serve(page: gr.Blocks, explorer: Explorer) -> None:
    """Serve the page on HOST:PORT until stopped (127.0.0.1:7860, or 0.0.0.0 on a Space).

    The page answers at once; the compiled passes are warmed before it says it is ready.
    """
    on_space = "SPACE_ID" in os.environ
    host = os.environ.get("HOST") or ("0.0.0.0" if on_space else "127.0.0.1")
    port = int(os.environ.get("PORT") or os.environ.get("GRADIO_SERVER_PORT") or 7860)
    weights = explorer.network.provenance
    print(f"Weights: {weights.name}, {weights.classes} classes, SHA-256 {weights.sha256}")
    print(weights.reason, flush=True)
    page.launch(server_name=host, server_port=port, prevent_thread_lock=True, quiet=True, **launch_options())
    warm(explorer)
    print(f"ResNet Explorer is ready at http://{host}:{port}", flush=True)
    warm_laboratory(explorer)
    page.block_thread()


def warm(explorer: Explorer) -> None:
    """Trace and run the passes a first photo needs, so that it does not wait for them."""
    analyze(explorer, _grey(explorer))


def warm_laboratory(explorer: Explorer) -> None:
    """The same for the laboratory, which a first photo does not need yet."""
    if explorer.engine.architecture.blocks:
        photo = _grey(explorer)
        lab_table(explorer, photo, analyze(explorer, photo))


def _grey(explorer: Explorer) -> Photo:
    return photo_from_pixels(np.full((*explorer.engine.architecture.input_shape[:2], 3), 128, np.uint8))
