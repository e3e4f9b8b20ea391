"""`bench`: how fast it is on this machine, as ratios taken in one run."""

from __future__ import annotations

import argparse
from typing import TextIO

from resnet_demo.cli.loading import load_explorer
from resnet_demo.cli.options import add_json_option, add_network_options
from resnet_demo.cli.results import indented


def add(commands: argparse._SubParsersAction) -> None:
    """Tell the options of `bench`."""
    parser = commands.add_parser(
        "bench",
        help="measure how fast it is here",
        description="Measure the passes, the page and a folder on this machine, in one run of a few minutes; "
        "docs/performance.md tells what each figure means.",
        allow_abbrev=False,
    )
    add_network_options(parser)
    add_json_option(
        parser, 'one object, {"machine", "floor_ms", "median_ms", "ratios", "start", "memory_mb", …}'
    )
    parser.add_argument(
        "--peers", action="store_true", help="also time pytorch-grad-cam, where it is installed"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Measure and print."""
    explorer = load_explorer(options)
    from resnet_demo.bench.report import as_table, measure

    measured = measure(explorer, with_peers=options.peers)
    print(indented(measured) if options.json else as_table(measured), file=out)
    return 0
