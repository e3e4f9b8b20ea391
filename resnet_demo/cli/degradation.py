"""`degradation`: train plain networks and their residual twins, and see which of them get worse with depth."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from resnet_demo.cli.options import add_json_option
from resnet_demo.cli.results import one_line
from resnet_demo.cli.table import aligned
from resnet_demo.engine.importing import import_tensorflow
from resnet_demo.errors import OptionError
from resnet_demo.views.number_format import percent

VERDICTS = {
    "holds": "The tutorials' claim holds here: the deeper plain network has the higher training error, "
    "and with shortcuts it has not.",
    "holds_only_where": "The claim holds only in part here: the residual network too gets worse with depth.",
    "does_not_hold": "The claim does not hold here: the deeper plain network does not have the higher training error.",
}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `degradation`."""
    parser = commands.add_parser(
        "degradation",
        help="train plain and residual twins: do deeper plain networks get worse?",
        description="Train plain networks and their residual twins of several depths on scikit-learn's handwritten "
        "digits, from several seeds, and compare their training errors (He et al. 2015, Fig. 1). "
        "With the defaults it takes about ten minutes on two cores.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--depths",
        type=int,
        nargs="+",
        default=[8, 20, 44],
        metavar="N",
        help="of 6n + 2 layers (default: 8 20 44)",
    )
    parser.add_argument(
        "--seeds", type=int, default=3, metavar="N", help="how many seeds, from 0 (default: 3)"
    )
    parser.add_argument("--epochs", type=int, default=20, metavar="N", help="of each training (default: 20)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write every curve to this JSON file")
    add_json_option(parser, 'one object, {"command", "data", "training", "summary", "verdict", "runs"}')
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Train, compare, tell."""
    for name in ("seeds", "epochs"):
        if getattr(options, name) < 1:
            raise OptionError(
                "`--{name}` counts something. Received: {value}. Accepted: 1 or more.",
                name=name,
                value=getattr(options, name),
            )
    import_tensorflow()
    from resnet_demo.learn.degradation import experiment
    from resnet_demo.learn.record import record, write
    from resnet_demo.learn.twins import require_depth

    for depth in options.depths:
        require_depth(depth)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("")
        runs = list(
            experiment(
                options.depths,
                range(options.seeds),
                options.epochs,
                lambda done, total, name: bar.update(task, completed=done, total=total, description=name),
            )
        )
    found = record(runs, _command(options))
    if options.out:
        try:
            write(options.out, found)
        except OSError as error:
            raise OptionError(
                "The curves cannot be written. Received: --out {out} ({reason}). Accepted: a file that can "
                "be written.",
                out=options.out,
                reason=error.strerror,
            ) from error
    print(one_line(found) if options.json else _table(found), file=out)
    return 0


def _command(options: argparse.Namespace) -> str:
    words = ["python", "-m", "resnet_demo", "degradation", "--depths", *map(str, options.depths)]
    return shlex.join([*words, "--seeds", str(options.seeds), "--epochs", str(options.epochs)])


def _table(found: dict[str, Any]) -> str:
    def spread(row: dict[str, Any], name: str) -> str:
        return f"{percent(row[f'{name}_mean'])} ± {percent(row[f'{name}_std'])}"

    rows: list[Sequence[str]] = [("network", "layers", "seeds", "training error", "test error")]
    rows += [
        (r["kind"], str(r["depth"]), str(r["seeds"]), spread(r, "train_error"), spread(r, "test_error"))
        for r in found["summary"]
    ]
    return "\n".join(
        [
            found["data"],
            found["training"],
            "",
            *aligned(rows, "lrrrr"),
            "",
            VERDICTS[found["verdict"]["holds"]],
        ]
    )
