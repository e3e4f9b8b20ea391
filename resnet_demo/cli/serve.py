"""`serve`: the page and its API."""

from __future__ import annotations

import argparse
import contextlib
import os
from typing import TextIO

from resnet_demo.cli.loading import import_tensorflow, load_model
from resnet_demo.cli.options import add_network_options


def add(commands: argparse._SubParsersAction) -> None:
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
    from resnet_demo.ui.hosting.arenas import limit_arenas

    limit_arenas()  # before TensorFlow starts its threads
    import_tensorflow()
    with contextlib.redirect_stdout(out):
        from resnet_demo.ui.serve import free_address

        address = free_address()  # before the weights, which may have to be downloaded
        model = load_model(options)
        from resnet_demo.ui.hosting.stopping import leave
        from resnet_demo.ui.page import build
        from resnet_demo.ui.serve import serve

        serve(build(model), model, *address)
        leave()
