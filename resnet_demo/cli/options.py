"""Options several commands share."""

from __future__ import annotations

import argparse


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """What the user says of the network; `loading.load_model` reads it."""
    parser.add_argument(
        "--weights",
        default="auto",
        metavar="WHICH",
        help="auto: what RESNET_DEMO_WEIGHTS names, else the official Keras ImageNet file, downloaded where "
        "needed, else the bundled weights; resnet50, resnet101, resnet152, resnet50v2, resnet101v2, resnet152v2: "
        "Keras' official ImageNet file, downloaded where needed; bundled: the bundled ten classes; or a file of "
        "weights, a folder with one, or hf://org/name (default: %(default)s)",
    )
    parser.add_argument(
        "--labels",
        metavar="FILE",
        help="class names: a JSON list of names or of [wnid, name], Keras' class index, or text with one name a "
        "line",
    )
    parser.add_argument(
        "--preprocessing",
        metavar="HOW",
        help="what the network eats: caffe (BGR minus ImageNet's mean), torch (RGB/255 minus mean, by std), tf (RGB "
        "from -1 to 1), unit (RGB from 0 to 1), raw (RGB from 0 to 255), or a JSON file with channels, scale, mean, "
        "std and size, or as Hugging Face and timm write it (default: what RESNET_DEMO_PREPROCESSING says, else what "
        "the network, its file, a file beside it or its first BatchNorm tells)",
    )
    parser.add_argument(
        "--activation",
        metavar="WHAT",
        help="what the network's outputs mean: softmax, one of the classes; sigmoid, each class for itself, yes or no; "
        "none, scores (default: what RESNET_DEMO_ACTIVATION says, else what the network or a file beside it tells, "
        "else softmax, and for one unit sigmoid)",
    )
    parser.add_argument(
        "--size",
        nargs=2,
        type=positive,
        metavar=("H", "W"),
        help="the photo's height and width for a network that takes any (default: what its file tells, else 224 224)",
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
