"""`atlas`: every block, measured over a data set; what is typical, and what depends on what."""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from resnet_demo.cli.data_options import add_data_options, add_score_options, do, items_of
from resnet_demo.cli.loading import load_model, tell
from resnet_demo.cli.options import add_json_option
from resnet_demo.cli.results import one_line
from resnet_demo.cli.table import aligned
from resnet_demo.errors import OptionError
from resnet_demo.views.number_format import number, percent

# Of deletion and insertion: half of what `evaluate` takes, for the atlas has much to do besides.
CURVE_STEPS = 5


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `atlas`."""
    parser = commands.add_parser(
        "atlas",
        help="measure every block over a data set",
        description="For each block and quantity count, mean, standard deviation and quantiles, over all photos and "
        "per class; with --lab also gradients, lesions of one block and of two, the ledger, and how far these agree; "
        "and how the heatmaps of each layer score. Goes on after a kill; photos are counted once.",
        allow_abbrev=False,
    )
    add_data_options(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="JSON where it ends in .json, else Parquet"
    )
    parser.add_argument(
        "--lab",
        action="store_true",
        help="also the laboratory and the layers' scores: about a hundred times the work",
    )
    add_score_options(
        parser,
        "with --lab gradcam at the last block of each stage and every block of the last, else none",
        CURVE_STEPS,
    )
    add_json_option(parser, "what the file holds, as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Measure, write, tell."""
    from resnet_demo.atlas.store import require_format

    require_format(options.out)
    if not options.out.parent.is_dir():
        raise OptionError(
            "The atlas cannot be written. Received: --out {out}, whose folder does not exist. "
            "Accepted: a file in an existing folder.",
            out=options.out,
        )
    model = load_model(options)
    tell(model)
    from resnet_demo.atlas.accumulator import Accumulator
    from resnet_demo.atlas.local import work_key
    from resnet_demo.atlas.store import ATLAS_VERSION, write
    from resnet_demo.atlas.work import Work, network_key
    from resnet_demo.measures.requirements import require
    from resnet_demo.measures.scores.scoring import Wanted

    require(model.engine, frozenset({"residual"}))
    scores = options.scores or (None if options.lab else "none")
    Wanted.parse(scores, model)  # a mistyped name is told before an hour's work
    data, items, foreign = items_of(options, model)
    blocks = tuple(block.name for block in model.engine.architecture.blocks)
    network = network_key(model)
    work = Work(tuple(items), "atlas", scores, options.steps, options.lab, blocks, network)
    sha256 = model.network.provenance.sha256
    key = work_key(
        version("resnet_demo"), data.digest, network, options.lab, scores, options.steps, options.limit
    )
    tally = do(options, work, model, key, options.out.with_name(f"{options.out.name}.part"))
    assert isinstance(tally.counted, Accumulator)
    numbers = {
        "schema_version": ATLAS_VERSION,
        "weights": {"name": model.network.provenance.name, "sha256": sha256},
        "data": {"name": data.name, "sha256": data.digest, "classes_left_out": foreign},
        "versions": {name: version(name) for name in ("resnet_demo", "keras", "numpy")},
        "unreadable": [{"file": Path(path).name, "reason": reason} for path, reason in tally.unreadable],
        **tally.counted.numbers([label.english for label in model.labels]),
    }
    try:
        write(options.out, numbers)
    except OSError as error:
        raise OptionError(
            "The atlas cannot be written. Received: --out {out} ({reason}). Accepted: a file that can "
            "be written.",
            out=options.out,
            reason=error.strerror,
        ) from error
    print(one_line(numbers) if options.json else _as_text(numbers, options.out), file=out)
    return 1 if tally.unreadable else 0


def _as_text(numbers: dict[str, Any], path: Path) -> str:
    names = [
        name
        for name in ("ratio", "novelty", "closed_gates", "lesion", "ledger")
        if name in numbers["blocks"][0]
    ]
    rows: list[tuple[str, ...]] = [("block", *names)]
    for block in numbers["blocks"]:
        rows.append((block["name"], *(_spread(block[name]) for name in names)))
    lines = [
        f"{numbers['images']} photos, {percent(numbers['top1'])} right",
        "",
        "Mean ± standard deviation:",
        *aligned(rows, "l" + "r" * len(names), indent="  "),
    ]
    if numbers["correlations"]:
        lines += ["", "Spearman's ρ over the blocks of each photo:"]
        lines += [
            f"  {pair.replace('/', ' and ')}: {_spread(one)}" for pair, one in numbers["correlations"].items()
        ]
    return "\n".join([*lines, "", f"Written to {path}"])


def _spread(one: dict[str, Any]) -> str:
    return "–" if one["mean"] is None else f"{number(one['mean'])} ± {number(one['std'], 2)}"
