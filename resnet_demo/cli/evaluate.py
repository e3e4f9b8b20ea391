"""`evaluate`: how right a network is over a data set, and how far its heatmaps can be believed."""

from __future__ import annotations

import argparse
import csv
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from resnet_demo.cli.data_options import add_data_options, add_score_options, do, items_of
from resnet_demo.cli.loading import load_model, tell
from resnet_demo.cli.options import add_json_option
from resnet_demo.cli.results import indented, one_line
from resnet_demo.cli.table import aligned
from resnet_demo.errors import OptionError
from resnet_demo.views.number_format import MINUS, percent

CURVE_STEPS = 10  # of deletion and insertion
CORRELATIONS = ("sanity_last", "sanity", "stability")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `evaluate`."""
    parser = commands.add_parser(
        "evaluate",
        help="judge a network and its heatmaps on a data set",
        description="Classify every photo of a data set, and score the heatmaps of each photo's own class: do they lie "
        "in the boxes (pointing, energy), does the network need what they mark (insertion, deletion, average drop, "
        "increase), and do they depend on what it learned (sanity) and not on noise (stability)? Tells which layer "
        "each score puts first. Goes on after a kill where --out is given.",
        allow_abbrev=False,
    )
    add_data_options(parser)
    add_score_options(
        parser, "gradcam, the last block of each stage and every block of the last, all scores", CURVE_STEPS
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="also write evaluation.json, layers.csv and the reliability diagram into this folder",
    )
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
    from resnet_demo.atlas.work import Work, network_key
    from resnet_demo.measures.scores.scoring import Wanted

    Wanted.parse(options.scores, model)  # a mistyped name is told before an hour's work
    data, items, foreign = items_of(options, model)
    network = network_key(model)
    work = Work(tuple(items), "evaluate", options.scores, options.steps, network=network)
    sha256 = model.network.provenance.sha256
    key = work_key(version("resnet_demo"), data.digest, network, options.scores, options.steps, options.limit)
    partial = options.out / "evaluation.part" if options.out else None
    started = time.perf_counter()
    tally = do(options, work, model, key, partial)
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
        _write(options.out, numbers)
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
        names = _names(layers)
        rows = [("layer", *(name.replace("_", " ") for name in names))]
        rows += [
            (layer, *(_score_text(name, values.get(name)) for name in names))
            for layer, values in layers.items()
        ]
        best = [numbers["best_layers"][method].get(name, "–") for name in names]
        if len(layers) > 1:
            rows.append(("best", *best))
        lines += [
            "",
            f"{method}, for each photo's own class:",
            *aligned(rows, "l" + "r" * len(names), indent="  "),
        ]
    if numbers["scores"]:
        lines += ["", NOTE]
    return "\n".join(lines)


NOTE = (
    "Less is better for deletion and average drop, and near 0 for sanity, which are rank correlations as stability is. "
    "Scores disagree, and none is the truth (arXiv:2302.10764)."
)


def _names(layers: dict[str, dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for values in layers.values() for name in values))


def _score_text(name: str, value: float | None) -> str:
    """A share as per cent, a rank correlation as a number."""
    if name in CORRELATIONS:
        return "–" if value is None else f"{value:.2f}".replace("-", MINUS)
    return _share(value)


def _write(folder: Path, numbers: dict[str, Any]) -> None:
    """evaluation.json, layers.csv, and the reliability diagram where there is a photo."""
    from resnet_demo.views.figures import reliability_figure

    (folder / "evaluation.json").write_text(indented(numbers) + "\n", "utf-8")
    _write_layers(folder / "layers.csv", numbers)
    if numbers["images"]:
        error = percent(numbers["calibration"]["ece"])
        note = f"{numbers['images']} photos of {numbers['data']['name']}; expected calibration error {error}"
        title = f"Reliability of {numbers['weights']['name']}"
        figure = reliability_figure(numbers["calibration"]["bins"], title, note)
        figure.savefig(folder / "reliability.svg", metadata={"Date": None})
        figure.savefig(folder / "reliability.png")


def _write_layers(path: Path, numbers: dict[str, Any]) -> None:
    """A line a method and layer, a column a score."""
    names = _names({f"{m}/{k}": v for m, layers in numbers["scores"].items() for k, v in layers.items()})
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["method", "layer", *names])
        for method, layers in numbers["scores"].items():
            for layer, values in layers.items():
                lines.writerow([method, layer, *(values.get(name) for name in names)])


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)
