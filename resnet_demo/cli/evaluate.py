"""`evaluate`: how right a network is over a data set, and how far its heatmaps can be believed."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, TextIO

from resnet_demo.cli.data_options import add_data_options, do, items_of
from resnet_demo.cli.loading import load_model, tell
from resnet_demo.cli.options import add_json_option, positive
from resnet_demo.cli.results import indented, one_line
from resnet_demo.cli.table import aligned
from resnet_demo.errors import OptionError
from resnet_demo.views.number_format import percent


def add(commands: argparse._SubParsersAction) -> None:
    """Tell the options of `evaluate`."""
    parser = commands.add_parser(
        "evaluate",
        help="judge a network and its heatmaps on a data set",
        description="Classify every photo of a data set, and score the heatmaps of each photo's own class: do they lie "
        "in the boxes (pointing, energy), and does the network need what they mark (insertion, deletion, average drop, "
        "increase)? Goes on after a kill where --out is given.",
        allow_abbrev=False,
    )
    add_data_options(parser)
    parser.add_argument(
        "--scores",
        metavar="NAMES",
        help="which methods, layers and scores are computed, with commas between: gradcam, gradcam_shortcut, "
        "gradcam_residual, gradcam++, scorecam, smoothgrad, ledger; layers such as conv5_block3; pointing, energy, "
        "insertion, deletion, average_drop, increase; or 'none' for classification alone (default: gradcam, the last "
        "block of each stage and every block of the last, all scores)",
    )
    parser.add_argument(
        "--steps",
        type=positive,
        default=10,
        metavar="N",
        help="of deletion and insertion (default: %(default)s)",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="also write evaluation.json into this folder")
    add_json_option(
        parser,
        'one object, {"images", "top1", "top5", "classes", "confusions", "calibration", "centre", "scores", …}',
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Judge, and tell."""
    if options.out:
        try:
            options.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OptionError(
                "The folder for the results cannot be made. Received: --out {out} ({reason}). Accepted: an "
                "existing folder, or a new one where it can be made.",
                out=options.out,
                reason=error.strerror,
            ) from error
    model = load_model(options)
    tell(model)
    from resnet_demo.atlas.evaluation import Evaluation
    from resnet_demo.atlas.local import work_key
    from resnet_demo.atlas.work import Work
    from resnet_demo.measures.scores.scoring import Wanted

    Wanted.parse(options.scores, model)  # a mistyped name is told before an hour's work
    data, items, foreign = items_of(options, model)
    work = Work(tuple(items), "evaluate", options.scores, options.steps)
    sha256 = model.network.provenance.sha256
    key = work_key(data.digest, sha256, options.scores, options.steps, options.limit)
    checkpoint = options.out / "evaluation.part" if options.out else None
    started = time.perf_counter()
    tally = do(options, work, model, key, checkpoint)
    seconds = time.perf_counter() - started
    assert isinstance(tally.counted, Evaluation)
    numbers = tally.counted.numbers([label.english for label in model.labels])
    numbers |= {
        "data": {"name": data.name, "sha256": data.digest, "classes_left_out": foreign},
        "weights": {"name": model.network.provenance.name, "sha256": sha256},
        "unreadable": [{"file": path, "reason": reason} for path, reason in tally.unreadable],
        "photos_per_second": numbers["images"] / seconds,
    }
    if options.out:
        (options.out / "evaluation.json").write_text(indented(numbers) + "\n", "utf-8")
    print(one_line(numbers) if options.json else _as_text(numbers), file=out)
    return 1 if tally.unreadable else 0


def _as_text(numbers: dict[str, Any]) -> str:
    lines = [
        f"{numbers['images']} photos of {len(numbers['classes'])} classes, {len(numbers['unreadable'])} unreadable; "
        f"{numbers['photos_per_second']:.1f} a second",
        f"top-1 {_share(numbers['top1'])}, top-5 {_share(numbers['top5'])}, "
        f"expected calibration error {_share(numbers['calibration']['ece'])}",
    ]
    if numbers["confusions"]:
        worst = (f"{c['label']} as {c['said']} ({c['images']})" for c in numbers["confusions"][:5])
        lines.append("Most confused: " + "; ".join(worst))
    if numbers["boxed"]:
        lines.append(
            f"{numbers['boxed']} photos with boxes: their centre points inside for "
            f"{_share(numbers['centre']['pointing'])}, the boxes cover {_share(numbers['boxes_area'])}"
        )
    for method, layers in numbers["scores"].items():
        names = list(dict.fromkeys(name for values in layers.values() for name in values))
        rows = [("layer", *(name.replace("_", " ") for name in names))]
        rows += [(layer, *(_share(values.get(name)) for name in names)) for layer, values in layers.items()]
        lines += [
            "",
            f"{method}, for each photo's own class:",
            *aligned(rows, "l" + "r" * len(names), indent="  "),
        ]
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)
