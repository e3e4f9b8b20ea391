"""`site`: a static web site of many photos."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from resnet_demo.cli.loading import load_model, tell
from resnet_demo.cli.options import add_json_option, add_network_options, positive
from resnet_demo.cli.progress import tracked
from resnet_demo.cli.results import one_line
from resnet_demo.errors import ImageError, OptionError
from resnet_demo.photos.data_sets import SUFFIXES, DataSet, Example, read_data_set
from resnet_demo.photos.decoding import read_photo
from resnet_demo.views.pictures import encode_bytes, shown
from resnet_demo.views.report.page import script, styles
from resnet_demo.views.site import pages
from resnet_demo.views.site.card import space_card
from resnet_demo.views.site.entry import Entry, SiteBlock, entry_of, slug_of
from resnet_demo.views.site.files import photo_file, with_files
from resnet_demo.views.site.finished import FinishedPages

if TYPE_CHECKING:
    from resnet_demo.measures.recorder import Recorder
    from resnet_demo.results.dossier import Dossier

THUMBNAIL_SIDE = 160  # pixels
AT_ONCE = 2  # photos under way: one is drawn while another is in the network


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `site`."""
    parser = commands.add_parser(
        "site",
        help="a static web site of many photos: an index, a page a photo, a block and a class",
        description="Measure photos and write a static web site of them, which opens from a disk and fits a free "
        "static Space. Other files in the folder are left alone. Goes on after a kill; finished photos are not done "
        "again.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "data",
        metavar="DATA",
        help="a folder of photos, or a data set as `evaluate` reads it, whose classes are told",
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="SITE", help="the folder to write to, made where needed"
    )
    parser.add_argument(
        "--limit", type=positive, metavar="N", help="only N of the photos, spread evenly over all"
    )
    parser.add_argument(
        "--lab", action="store_true", help="also measure what each block is worth, some ten times the work"
    )
    add_network_options(parser)
    add_json_option(parser, "how many photos and which files could not be read")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Measure, write a page for each photo as soon as it is known, and the pages over all of them at the end."""
    data = _photos(options.data, options.limit)
    model = load_model(options)
    tell(model)
    from resnet_demo.atlas.classes import class_finder
    from resnet_demo.atlas.local import in_order, work_key
    from resnet_demo.atlas.work import network_key
    from resnet_demo.measures.recorder import Recorder
    from resnet_demo.networks.facts import facts_of

    spec, find = model.engine.architecture, class_finder(model.labels)
    entries: list[Entry] = []
    unreadable: list[str] = []
    try:
        for name in ("photos", "blocks", "classes"):
            (options.out / name).mkdir(parents=True, exist_ok=True)
        key = work_key(version("resnet_demo"), network_key(model), options.lab)
        done = FinishedPages(options.out / "site.part", key)
        measure = partial(_measured, Recorder(model), done, lab=options.lab)
        found = in_order(measure, data.examples, AT_ONCE)
        for example, one in zip(data.examples, tracked(found, "photos", len(data.examples)), strict=True):
            if isinstance(one, ImageError):
                unreadable.append(example.path.name)
                print(one, file=sys.stderr)
                continue
            entry = one if isinstance(one, Entry) else _write_photo(options.out / "photos", *one)
            done.add(entry)
            entries.append(replace(entry, own=find(example.wnid, example.label, example.index)))
        blocks = tuple(SiteBlock(b.name, b.kind, b.shape) for b in spec.blocks)
        facts = facts_of(model.network, spec)
        site = pages.Site(data.name, facts, blocks, model.labels, tuple(entries), tuple(unreadable))
        _write_pages(options.out, site)
        done.remove()
    except OSError as error:
        raise OptionError(
            "The results cannot be written. Received: {given} ({reason}). Accepted: a place with room that can "
            "be written to.",
            given=f"--out {options.out}",
            reason=error.strerror,
        ) from error
    summary = {"photos": len(entries), "unreadable": unreadable, "index": str(options.out / "index.html")}
    if options.json:
        print(one_line(summary), file=out)
    else:
        print(f"{len(entries)} photos, {len(unreadable)} unreadable: {options.out / 'index.html'}", file=out)
    return 1 if unreadable else 0


def _photos(folder: str, limit: int | None) -> DataSet:
    """The data set; else the photos that lie in the folder, of which no classes are known."""
    try:
        data = read_data_set(folder)
    except OptionError:
        root = Path(folder)
        found = sorted(p for p in root.glob("*") if p.suffix.casefold() in SUFFIXES and p.is_file())
        if not found:
            raise
        data = DataSet(root.resolve().name, tuple(Example(path) for path in found))
    count = len(data.examples)
    if limit and limit < count:
        data = DataSet(data.name, tuple(data.examples[i * count // limit] for i in range(limit)))
    return data


def _measured(
    recorder: Recorder, done: FinishedPages, example: Example, *, lab: bool
) -> tuple[str, Dossier] | Entry | ImageError:
    """A photo's address with all that was measured of it; or what the run before this one, killed, has finished."""
    from resnet_demo.measures.dossier import dossier

    try:
        photo = read_photo(example.path)
    except ImageError as error:
        return error
    slug = slug_of(example.path.name, example.path.read_bytes())
    return done.find(slug) or (slug, dossier(recorder, photo, lab=lab))


def _write_photo(folder: Path, slug: str, found: Dossier) -> Entry:
    """Write a photo's pictures and its page; anew, whatever was there under its address."""
    page, files = with_files(pages.photo_page(found, slug), slug)
    files[pages.PHOTO] = photo_file(found.photo)
    files[pages.THUMBNAIL] = encode_bytes(shown(found.photo, THUMBNAIL_SIDE), "jpeg")
    shutil.rmtree(folder / slug, ignore_errors=True)
    (folder / slug).mkdir()
    for name, data in files.items():
        (folder / slug / name).write_bytes(data)
    (folder / f"{slug}.html").write_text(page, encoding="utf-8")
    return entry_of(found, slug)


def _write_pages(folder: Path, site: pages.Site) -> None:
    """The pages over all photos."""
    for name, text in _texts(site):
        (folder / name).write_text(text, encoding="utf-8")


def _texts(site: pages.Site) -> Iterator[tuple[str, str]]:
    yield "index.html", pages.index_page(site)
    for number, block in enumerate(site.blocks):
        yield f"blocks/{block.name}.html", pages.block_page(site, number)
    for index in pages.classes_of(site):
        yield pages.class_file(site.labels[index], index), pages.class_page(site, index)
    yield "style.css", styles()
    yield "script.js", script()
    yield "README.md", space_card(site)
