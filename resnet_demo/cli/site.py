"""`site`: a static web site of many photos."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
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

if TYPE_CHECKING:
    from resnet_demo.measures.recorder import Recorder

THUMBNAIL_SIDE = 160  # pixels


def add(commands: argparse._SubParsersAction) -> None:
    """Tell the options of `site`."""
    parser = commands.add_parser(
        "site",
        help="a static web site of many photos: an index, a page a photo, a block and a class",
        description="Measure photos and write a static web site of them, which opens from a disk and fits a free "
        "static Space. Other files in the folder are left alone.",
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
    """Measure, write a page after each photo, and the pages over all of them at the end."""
    data = _photos(options.data, options.limit)
    model = load_model(options)
    tell(model)
    from resnet_demo.atlas.classes import class_finder
    from resnet_demo.measures.recorder import Recorder
    from resnet_demo.networks.facts import facts_of

    spec, find = model.engine.architecture, class_finder(model.labels)
    entries: list[Entry] = []
    unreadable: list[str] = []
    try:
        for name in ("photos", "blocks", "classes"):
            (options.out / name).mkdir(parents=True, exist_ok=True)
        recorder = Recorder(model)
        for example in tracked(data.examples, "photos", len(data.examples)):
            try:
                own = find(example.wnid, example.label, example.index)
                entries.append(_write_photo(options.out / "photos", example, own, recorder, lab=options.lab))
            except ImageError as error:
                unreadable.append(example.path.name)
                print(error, file=sys.stderr)
        blocks = tuple(SiteBlock(b.name, b.kind, b.shape) for b in spec.blocks)
        facts = facts_of(model.network, spec)
        site = pages.Site(data.name, facts, blocks, model.labels, tuple(entries), tuple(unreadable))
        _write_pages(options.out, site)
    except OSError as error:
        raise OptionError(
            "The results cannot be written. Received: {given} ({reason}). Accepted: a place with room that can "
            "be written to.",
            given=f"--out {options.out}",
            reason=error.strerror,
        ) from error
    found = {"photos": len(entries), "unreadable": unreadable, "index": str(options.out / "index.html")}
    if options.json:
        print(one_line(found), file=out)
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


def _write_photo(folder: Path, example: Example, own: int | None, recorder: Recorder, *, lab: bool) -> Entry:
    """Measure one photo and write its page with its pictures; anew, whatever was there under its address."""
    from resnet_demo.measures.dossier import dossier

    photo = read_photo(example.path)
    slug = slug_of(example.path.name, example.path.read_bytes())
    found = dossier(recorder, photo, lab=lab)
    page, files = with_files(pages.photo_page(found, slug), slug)
    shutil.rmtree(folder / slug, ignore_errors=True)
    (folder / slug).mkdir()
    (folder / f"{slug}.html").write_text(page, encoding="utf-8")
    files[pages.PHOTO] = photo_file(found.photo)
    files[pages.THUMBNAIL] = encode_bytes(shown(found.photo, THUMBNAIL_SIDE), "jpeg")
    for name, data in files.items():
        (folder / slug / name).write_bytes(data)
    return entry_of(found, slug, own)


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
