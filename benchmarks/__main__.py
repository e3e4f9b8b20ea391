"""`python -m benchmarks`: how fast it is on this machine, as ratios taken in one run."""

from __future__ import annotations

import argparse
import sys

from resnet_demo.cli.loading import load_model
from resnet_demo.cli.options import add_json_option, add_network_options
from resnet_demo.cli.results import indented


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the passes, the page and a folder on this machine, in one run of a few minutes; "
        "docs/performance.md tells what each figure means.",
        allow_abbrev=False,
    )
    add_network_options(parser)
    add_json_option(
        parser,
        'one object, {"machine", "floor_ms", "median_ms", "ratios", "cpu_ratios", "start", "memory_mb", …}',
    )
    parser.add_argument(
        "--peers", action="store_true", help="also time pytorch-grad-cam, where it is installed"
    )
    options = parser.parse_args()
    model = load_model(options)
    from benchmarks.report import as_table, measure

    measured = measure(model, with_peers=options.peers)
    print(indented(measured) if options.json else as_table(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
