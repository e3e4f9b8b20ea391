"""Options several commands share."""

from __future__ import annotations

import argparse


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """`--weights` and `--labels`, which `loading.load_model` reads."""
    parser.add_argument(
        "--weights",
        default="auto",
        metavar="WHICH",
        help="auto: what RESNET_DEMO_WEIGHTS names, else the official Keras ImageNet file, downloaded where "
        "needed, else the bundled weights; imagenet: the official file; bundled: the bundled ten classes; or a "
        "file of weights (default: %(default)s)",
    )
    parser.add_argument(
        "--labels",
        metavar="FILE",
        help="class names: a JSON list of names or of [wnid, name], Keras' class index, or text with one name a "
        "line",
    )


def add_top_option(parser: argparse.ArgumentParser) -> None:
    """`--top`."""
    parser.add_argument(
        "--top", type=positive, default=5, metavar="K", help="how many classes to rank (default: %(default)s)"
    )


def add_json_option(parser: argparse.ArgumentParser, what: str) -> None:
    """`--json`; `what` tells what it prints."""
    parser.add_argument("--json", action="store_true", help=f"print {what}, and nothing else, on stdout")


def positive(text: str) -> int:
    """An option's whole number, at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"should be a whole number, 1 or more. Received: {text!r}.")
    return number
