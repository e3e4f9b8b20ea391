"""`predict`: the top classes of any number of pictures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from resnet_demo.cli.loading import load_model, tell
from resnet_demo.cli.options import add_json_option, add_network_options, add_top_option, positive
from resnet_demo.cli.progress import tracked
from resnet_demo.cli.results import classes_as_text, one_line
from resnet_demo.measures.batches import BATCH_SIZE, Failure, Result, classify_many, pictures_in


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `predict`."""
    parser = commands.add_parser(
        "predict",
        help="print the top classes of pictures",
        description="Print the input shape and the top classes, with WordNet id, name and probability, of each "
        "picture, in the order given. A picture that cannot be used is named on stderr, the others still run, and "
        "the exit status is 1.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "images",
        nargs="+",
        metavar="IMAGE",
        help="a picture, or a folder, which stands for all pictures directly in it, sorted by name",
    )
    add_network_options(parser)
    add_top_option(parser)
    parser.add_argument(
        "--batch-size",
        type=positive,
        default=BATCH_SIZE,
        metavar="N",
        help="how many pictures go through the network together (default: %(default)s)",
    )
    add_json_option(
        parser,
        'one object per picture and line, {"file", "input_shape", "predictions": '
        '[{"index", "wnid", "label", "probability", "logit"}]}',
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Classify the pictures; 1 when any of them could not be."""
    files, refused = _files_of(options.images)
    if not files:
        return 1
    model = load_model(options)
    tell(model)
    results = classify_many(model, files, options.batch_size, options.top)
    # The bar is for whoever looks at a terminal that does not show the results themselves.
    hidden = out.isatty() or not sys.stderr.isatty()
    before = ""
    for result in tracked(results, "pictures", len(files), hidden=hidden):
        if isinstance(result, Failure):
            refused += 1
            print(result.error, file=sys.stderr)
        elif options.json:
            print(one_line(_as_json(result)), file=out, flush=True)
        else:
            shown = classes_as_text(str(result.source), result.input_shape, result.predictions)
            print(before + shown, file=out, flush=True)
            before = "\n"
    return 1 if refused else 0


def _files_of(images: Sequence[str]) -> tuple[list[str], int]:
    """The files to classify, folders opened up, and how many of the arguments gave none; stderr tells why."""
    files: list[str] = []
    refused = 0
    for image in images:
        if not Path(image).is_dir():
            files.append(image)
            continue
        try:
            found, reason = [str(path) for path in pictures_in(Path(image))], "which has none directly in it"
        except OSError as error:
            found, reason = [], f"which cannot be listed ({error.strerror})"
        files += found
        if not found:
            refused += 1
            print(f"A folder stands for the pictures in it. Received: {image}, {reason}.", file=sys.stderr)
    return files, refused


def _as_json(result: Result) -> dict[str, object]:
    from resnet_demo.results import json_form

    return {
        "file": str(result.source),
        "input_shape": list(result.input_shape),
        "predictions": [json_form.prediction(prediction) for prediction in result.predictions],
    }
