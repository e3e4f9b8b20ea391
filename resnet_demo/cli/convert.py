"""`convert`: anybody's network as Keras weights or as a Keras model."""

from __future__ import annotations

import argparse
from typing import TextIO

from resnet_demo.engine.importing import import_tensorflow


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `convert`."""
    parser = commands.add_parser(
        "convert",
        help="write a checkpoint as Keras weights",
        description="Read a checkpoint (Keras, torchvision, timm, Hugging Face, the old Keras names) or a Keras model, "
        "and write it as Keras weights or as a whole Keras model, which every command, the page and Keras take.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "source",
        metavar="IN",
        help="a .safetensors, .h5, .weights.h5, .keras, .pth, .pt or .bin file, a folder with one, or hf://org/name",
    )
    parser.add_argument(
        "target",
        metavar="OUT",
        help="the file to write, which ends in .weights.h5, or in .keras for the whole model; an existing one is "
        "replaced",
    )
    parser.add_argument(
        "--graph",
        choices=("own", "keras"),
        default="own",
        help="own: the network that the checkpoint is for; keras: that of Keras' ResNet50, for an old file with names "
        "like res2a_branch2a: its max pooling differs, so logits come out near the old ones, not equal (default: "
        "%(default)s)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Convert, and tell what was written."""
    import_tensorflow()
    from resnet_demo.networks import checkpoints

    written = checkpoints.convert(options.source, options.target, options.graph)
    print(
        f"Wrote {options.target}: {written.title}, variant {written.variant}, {written.classes} classes, "
        f"preprocessing {written.preprocessing}, read from the layout {written.layout}.",
        file=out,
    )
    return 0
