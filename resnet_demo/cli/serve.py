"""`serve`: the page and its API."""

from __future__ import annotations

import argparse
import contextlib
import os
from typing import TextIO

from resnet_demo.cli.options import add_network_options


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `serve`."""
    parser = commands.add_parser(
        "serve",
        help="serve the page and its API",
        description="Serve the page and its API until stopped.",
        allow_abbrev=False,
    )
    parser.add_argument("--host", help="the address to serve on (default: HOST, else 127.0.0.1)")
    parser.add_argument("--port", help="the port to serve on (default: PORT, else 7860)")
    add_network_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Serve as `app.py` does; where it is served is told on stdout."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.update({name: value for name in ("HOST", "PORT") if (value := getattr(options, name.lower()))})
    from resnet_demo.ui.hosting.lean import start_lean

    start_lean()
    with contextlib.redirect_stdout(out):
        from resnet_demo.ui.serve import free_address

        address = free_address()  # before the weights, which may have to be downloaded
        from resnet_demo.engine.loaded import load_networks
        from resnet_demo.ui.hosting.stopping import leave
        from resnet_demo.ui.page import build
        from resnet_demo.ui.serve import serve

        size = tuple(options.size) if options.size else None
        networks = load_networks(
            options.weights, options.labels, options.preprocessing, size, options.activation
        )
        serve(build(networks), networks, *address)
        leave()
