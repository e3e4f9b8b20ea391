"""`analyze`: everything measured on one picture, as numbers, arrays and figures."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from resnet_demo.cli.analysis_text import analysis_as_text, lab_as_text, pairs_as_text, scores_as_text
from resnet_demo.cli.loading import load_model, tell, tell_of_photo
from resnet_demo.cli.options import add_json_option, add_network_options, add_top_option
from resnet_demo.cli.progress import progress_bar, tracked
from resnet_demo.cli.results import indented
from resnet_demo.errors import OptionError
from resnet_demo.networks.labels import find_class
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results.dossier import Dossier
from resnet_demo.views.pictures import photo_uri
from resnet_demo.views.report import report


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `analyze`."""
    parser = commands.add_parser(
        "analyze",
        help="measure one picture: heatmap, feature maps, every residual block",
        description="Measure one picture and print what was found. --out writes analysis.json (every number), "
        "blocks.csv, arrays.npz (the maps) and figures (PNG, charts as SVG too) into a folder, and leaves other files "
        "there alone; --report writes all of it as one page, which opens without a network.",
        allow_abbrev=False,
    )
    parser.add_argument("image", metavar="IMAGE", help="a picture")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder to write to, made where needed")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="write report.html: one file in both languages, the laboratory included",
    )
    parser.add_argument(
        "--target",
        metavar="CLASS",
        help="the class to explain: its index, WordNet id, English or Chinese name (default: the top class)",
    )
    parser.add_argument(
        "--at",
        metavar="BLOCK",
        help="where Grad-CAM looks: a block such as conv4_block6, a stage, conv1 or pool1 "
        "(default: the last block)",
    )
    parser.add_argument(
        "--lab",
        action="store_true",
        help="also measure what each block is worth: its gradients, its lesion, its line in the ledger",
    )
    parser.add_argument(
        "--scores",
        action="store_true",
        help="also test how far the heatmap can be believed, and which layer's heatmap the scores prefer: about a "
        "hundred forward passes",
    )
    parser.add_argument(
        "--pairs",
        action="store_true",
        help="also switch every two blocks off at once: about forty forward passes",
    )
    add_network_options(parser)
    add_top_option(parser)
    add_json_option(parser, "the content of analysis.json")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Measure, write, and tell what was found and written."""
    photo = read_photo(options.image)
    if options.out is not None:
        _make_folder(options.out, f"--out {options.out}")
    if options.report is not None:
        _make_folder(options.report.parent, f"--report {options.report}")
    model = load_model(options)
    tell(model)
    from resnet_demo.atlas.bundled import atlas_of
    from resnet_demo.measures.dossier import dossier
    from resnet_demo.measures.recorder import Recorder

    target = None if options.target is None else find_class(model.labels, options.target)
    with progress_bar("passes") as progress:
        found = dossier(
            Recorder(model),
            photo,
            target,
            options.at,
            lab=options.lab or options.report is not None,
            top=options.top,
            atlas=atlas_of(model.network.provenance.sha256),
            scores=options.scores,
            pairs=options.pairs,
            progress=progress,
        )
    tell_of_photo(model, found.analysis)
    kept = found if options.lab else replace(found, lab=None)
    written = _write(options, found, kept)
    if options.json:
        print(indented(kept.numbers), file=out)
    else:
        print(analysis_as_text(found.analysis), file=out)
        if kept.lab:
            print("\n" + lab_as_text(kept.lab), file=out)
        if kept.pairs:
            print("\n" + pairs_as_text(kept.pairs), file=out)
        if options.scores:
            print("\n" + scores_as_text(kept.scores), file=out)
        if written:
            print("\n" + "\n".join(written), file=out)
    return 0


def _write(options: argparse.Namespace, found: Dossier, kept: Dossier) -> list[str]:
    """Write what is to be written, the report of `found` and the files of `kept`; what was written, a line each."""
    lines = []
    try:
        if options.out is not None:
            from resnet_demo.views.figures.files import write_files

            names = write_files(options.out, kept, lambda figures: tracked(figures, "figures"))
            lines.append(f"Written to {options.out}: {', '.join(names)}")
        if options.report is not None:
            options.report.write_text(report(found, photo_uri(found.photo)), encoding="utf-8")
            lines.append(f"Written: {options.report}")
    except OSError as error:
        wanted = (("--out", options.out), ("--report", options.report))
        raise OptionError(
            "The results cannot be written. Received: {given} ({reason}). Accepted: a place with room that can "
            "be written to.",
            given=" ".join(f"{option} {path}" for option, path in wanted if path is not None),
            reason=error.strerror,
        ) from error
    return lines


def _make_folder(folder: Path, given: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(
            "The folder for the results cannot be made. Received: {given} ({reason}). Accepted: "
            "an existing folder, or a new one where it can be made.",
            given=given,
            reason=error.strerror,
        ) from error
