"""What the commands that go over data sets share: their options, and how far they have come."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from resnet_demo.cli.options import add_network_options, positive
from resnet_demo.errors import OptionError

if TYPE_CHECKING:
    from resnet_demo.atlas.work import Item, Tally, Work
    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.photos.data_sets import DataSet


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """DATA, the network, and where the work is done."""
    parser.add_argument(
        "data",
        metavar="DATA",
        help="a folder a class with photos in it (ImageNet's layout too), or photos with labels.json, labels.csv or "
        "COCO's annotations beside them; boxes also from Pascal VOC's XML",
    )
    add_network_options(parser)
    parser.add_argument(
        "--limit", type=positive, metavar="N", help="only N of the photos, spread evenly over all"
    )
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="where the work is done (default: %(default)s)",
    )
    parser.add_argument(
        "--address", metavar="WHERE", help="of a running Ray cluster (default: Ray on this machine)"
    )
    parser.add_argument(
        "--workers", type=positive, default=2, metavar="N", help="Ray's actors (default: %(default)s)"
    )


def add_score_options(parser: argparse.ArgumentParser, default: str, steps: int) -> None:
    """Which heatmaps are scored how; `default` says what is without the option."""
    parser.add_argument(
        "--scores",
        metavar="NAMES",
        help="which methods, layers and scores are computed, with commas between: gradcam, gradcam_probability, "
        "gradcam_shortcut, gradcam_residual, gradcam++, scorecam, smoothgrad, ledger; layers such as conv5_block3; "
        "pointing, energy, insertion, deletion, average_drop, increase, sanity_last, sanity, stability; or 'none' "
        f"(default: {default})",
    )
    parser.add_argument(
        "--steps",
        type=positive,
        default=steps,
        metavar="N",
        help="of deletion and insertion (default: %(default)s)",
    )


def items_of(
    options: argparse.Namespace, model: InstrumentedModel
) -> tuple[DataSet, list[Item], dict[str, int]]:
    """The data set, the photos of classes that the network knows, and how many there are of each other class.

    Raises:
        OptionError: no data set, or not one photo of a class that the network knows.
    """
    from resnet_demo.atlas.classes import class_finder
    from resnet_demo.atlas.work import Item
    from resnet_demo.photos.data_sets import read_data_set

    data, find = read_data_set(options.data), class_finder(model.labels)
    items: list[Item] = []
    foreign: dict[str, int] = {}
    for e in data.examples:
        target = find(e.wnid, e.label, e.index)
        if target is None:
            name = str(e.wnid or e.label or e.index)
            foreign[name] = foreign.get(name, 0) + 1
        else:
            items.append(Item(str(e.path), target, e.boxes))
    if not items:
        raise OptionError(
            "The network knows no class of the data set. Received: {data}, with {foreign}. Accepted: "
            "classes such as {known}.",
            data=options.data,
            foreign=", ".join(list(foreign)[:5]),
            known=", ".join(label.english for label in model.labels[:5]),
        )
    if options.limit and options.limit < len(items):
        items = [items[i * len(items) // options.limit] for i in range(options.limit)]
    if foreign:
        print(
            f"Left out: {sum(foreign.values())} photos of {len(foreign)} classes that the network does not know "
            f"({', '.join(list(foreign)[:5])}).",
            file=sys.stderr,
        )
    return data, items, foreign


def do(
    options: argparse.Namespace, work: Work, model: InstrumentedModel, key: str, path: Path | None
) -> Tally:
    """Do the work where the options say, under a progress bar, going on from what is saved.

    stderr names the files that could not be read.
    """
    from resnet_demo.atlas.local import SavedProgress

    kept = SavedProgress(path, key)
    whole = work.nothing()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("photos", total=len(work.items))
        for done, found in _engine(options, work, model, kept):
            whole = found
            bar.update(task, completed=done)
    kept.remove()
    for _, reason in whole.unreadable:
        print(reason, file=sys.stderr)
    return whole


def _engine(
    options: argparse.Namespace, work: Work, model: InstrumentedModel, saved: Any
) -> Iterator[tuple[int, Tally]]:
    if options.engine == "ray":
        from resnet_demo.atlas.cluster import go_through_on_ray

        loading = {
            "weights": options.weights,
            "labels": options.labels,
            "preprocessing": options.preprocessing,
            "size": tuple(options.size) if options.size else None,
            "activation": options.activation,
        }
        return go_through_on_ray(work, loading, saved, address=options.address, workers=options.workers)
    from resnet_demo.atlas.local import go_through
    from resnet_demo.atlas.work import Worker

    measure = Worker(work, model).chunk
    return go_through(len(work.items), measure, work.nothing(), work.restore, saved, at_once=work.at_once)
