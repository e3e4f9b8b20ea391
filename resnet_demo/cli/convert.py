"""`convert`: anybody's ResNet checkpoint as Keras weights."""

from __future__ import annotations

import argparse
from typing import TextIO

from resnet_demo.cli.loading import import_tensorflow


def add(commands: argparse._SubParsersAction) -> None:
    """Tell the options of `convert`."""
    parser = commands.add_parser(
        "convert",
        help="write a checkpoint as Keras weights",
        description="Read a ResNet checkpoint (Keras, torchvision, timm, Hugging Face, the old Keras names) and "
        "write it as Keras weights, which every command, the page and Keras' load_weights take.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "source", metavar="IN", help="a .safetensors, .h5, .weights.h5, .keras, .pth, .pt or .bin file"
    )
    parser.add_argument(
        "target", metavar="OUT.weights.h5", help="the file to write; an existing one is replaced"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Convert, and tell what was read."""
    import_tensorflow()
    from resnet_demo.network import checkpoints

    read = checkpoints.convert(options.source, options.target)
    print(
        f"Wrote {options.target}: ResNet-{read.depth}, variant {read.variant}, {read.classes} classes, "
        f"preprocessing {read.preprocessing}, read from the layout {read.layout}.",
        file=out,
    )
    return 0
