"""`networks`: every network we build, beside the paper's figures."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import Any, TextIO

from resnet_demo.cli.options import add_json_option
from resnet_demo.cli.progress import tracked
from resnet_demo.cli.results import one_line
from resnet_demo.cli.table import aligned
from resnet_demo.engine.importing import import_tensorflow

WIDTH = 100  # columns for the notes


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `networks`."""
    parser = commands.add_parser(
        "networks",
        help="list the networks we build, beside the paper's figures",
        description="Build each network and count its layers, parameters and multiply-adds and the output size of "
        "each stage, beside Table 1 of He et al. 2015 (arXiv:1512.03385), with the reason where they differ.",
        allow_abbrev=False,
    )
    add_json_option(
        parser,
        'one object per network and line, {"name", "layers", "parameters", "multiply_adds", '
        '"stages": [[h, w, c] of conv1 to conv5], "paper_multiply_adds", "note"}',
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Count every network."""
    import_tensorflow()
    from resnet_demo.networks import complexity
    from resnet_demo.networks.named import standard_networks

    rows = []
    for name in tracked(standard_networks(), "networks"):
        rows.append(complexity.row(name))
        if options.json:
            print(one_line(rows[-1]), file=out, flush=True)
    if not options.json:
        print(_table(rows), file=out)
    return 0


def _table(rows: Sequence[dict[str, Any]]) -> str:
    from resnet_demo.networks.complexity import billions

    stages = [f"conv{number}" for number in range(1, 6)]
    cells = [
        ("network", "layers", "parameters", "multiply-adds", "paper", *stages),
        *(
            (
                row["name"],
                str(row["layers"]),
                f"{row['parameters']:,}",
                billions(row["multiply_adds"]),
                billions(row["paper_multiply_adds"], 1) if row["paper_multiply_adds"] else "–",
                *("×".join(map(str, shape)) for shape in row["stages"]),
            )
            for row in rows
        ),
    ]
    return "\n".join(
        [
            *aligned(cells, "lrrrrlllll"),
            "",
            "Where the multiply-adds differ from the paper's, and why:",
            *_notes(rows),
        ]
    )


def _notes(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Each reason once, after the names of the networks it is the reason for."""
    names: dict[str, list[str]] = {}
    for row in rows:
        if row["note"]:
            names.setdefault(row["note"], []).append(row["name"])
    return [
        line
        for note, named in names.items()
        for line in textwrap.wrap(
            f"{', '.join(named)}: {note}", WIDTH, initial_indent="  ", subsequent_indent="    "
        )
    ]
