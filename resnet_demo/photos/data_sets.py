"""Data sets as people keep them: which photos there are, what each shows, and where.

Read are, in this order:

    a labels file in the folder, `labels.json` or `labels.csv`       our JSON, or columns file and label / wnid / index
    COCO's JSON, `annotations*.json` or `instances*.json`            classes and boxes
    class folders, one a class, named by WordNet id or class name    torchvision's and Keras' layout; also below `val`
    photos in one folder, each with an XML that names its class      ImageNet's own layout, given its root, and VOC's

Boxes come with the labels file, with COCO's, or as Pascal VOC's XML (see `annotations.annotation_of`).
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from resnet_demo.errors import OptionError
from resnet_demo.photos.annotations import (
    FOLDERS,
    OF_PHOTOS,
    Box,
    annotation_of,
    box_of,
    largest,
    read_annotation,
)

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".ppm", ".heic"}
WNID = re.compile(r"n\d{8}")
FILE_COLUMNS = ("file", "filename", "image", "path", "name")
IMAGENETS = ("Data/CLS-LOC/val", "ILSVRC/Data/CLS-LOC/val", "JPEGImages")  # and VOC's: below the root


@dataclass(frozen=True, slots=True)
class Example:
    """One photo of a data set; what is not known of it is None.

    Attributes:
        path: the file.
        wnid, label, index: its class: WordNet id, name, position in its data set's own list.
        boxes: around what it shows.
    """

    path: Path
    wnid: str | None = None
    label: str | None = None
    index: int | None = None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True)
class DataSet:
    """Photos in a fixed order, and a digest of which they are."""

    name: str
    examples: tuple[Example, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of all names, classes and sizes in bytes."""
        digest = hashlib.sha256()
        for e in self.examples:
            size = e.path.stat().st_size if e.path.is_file() else -1
            digest.update(f"{e.path.name}\t{size}\t{e.wnid}\t{e.label}\t{e.index}\t{e.boxes}\n".encode())
        return digest.hexdigest()


def read_data_set(folder: str | Path) -> DataSet:
    """Read a data set; the photos themselves are not opened.

    Raises:
        OptionError: no folder, none of the forms, or a labels file that is damaged.
    """
    root = Path(folder)
    if not root.is_dir():
        raise OptionError(
            "A data set is a folder. Received: {folder}. Accepted: an existing folder.",
            folder=folder,
        )
    readers = (
        ("labels.json", _from_json),
        ("labels.csv", _from_csv),
        ("*annotations*.json", _from_coco),
        ("*instances*.json", _from_coco),
    )
    for pattern, read in readers:
        for file in sorted(root.glob(pattern)):
            try:
                examples = list(read(file, root))
            except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
                raise OptionError(
                    "The labels file cannot be understood ({kind}: {reason}). Received: {file}. Accepted: a "
                    'list of {{"file", "wnid" or "label" or "index", "boxes_xyxy"}}, CSV with a header, or '
                    "COCO's form.",
                    kind=type(error).__name__,
                    reason=error,
                    file=file,
                ) from error
            return _data_set(root, examples)
    for base in (*(root / below for below in (*IMAGENETS, "val", "validation")), root):
        if base.is_dir() and (examples := list(_from_folders(base)) or _from_annotations(base, root)):
            return _data_set(root, examples)
    raise OptionError(
        "There is no data set in the folder. Received: {folder}. Accepted: a folder a class with "
        "photos in it, or photos with labels.json, labels.csv or COCO's annotations beside them.",
        folder=folder,
    )


def _data_set(root: Path, examples: list[Example]) -> DataSet:
    with_boxes = [example if example.boxes else _boxed(example, root) for example in examples]
    return DataSet(root.resolve().name, tuple(sorted(with_boxes, key=lambda e: str(e.path))))


def _from_json(file: Path, root: Path) -> Iterator[Example]:
    """Our form: a list of objects, or an object from file name to one, or to a class."""
    found = json.loads(file.read_text("utf-8"))
    if isinstance(found, dict):
        found = [{"file": name, **(v if isinstance(v, dict) else {"label": v})} for name, v in found.items()]
    for entry in found:
        boxes = entry.get("boxes_xyxy") or entry.get("boxes") or ()
        yield _example(root / entry["file"], entry, tuple(box_of(box) for box in boxes))


def _from_csv(file: Path, root: Path) -> Iterator[Example]:
    """A header that names the file and its class."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            fields = {key.strip().casefold(): value.strip() for key, value in row.items() if key and value}
            name = next((fields[key] for key in FILE_COLUMNS if key in fields), None)
            if name is None:
                raise ValueError(f"no column is called {', '.join(FILE_COLUMNS)}")
            yield _example(root / name, fields)


def _example(path: Path, fields: dict[str, Any], boxes: tuple[Box, ...] = ()) -> Example:
    label = next(
        (fields[key] for key in ("label", "class", "class_name") if fields.get(key) not in (None, "")), None
    )
    index = fields.get("index", fields.get("class_index"))
    wnid = fields.get("wnid") or fields.get("synset")
    if isinstance(label, int) or (isinstance(label, str) and label.isdecimal()):
        label, index = None, label if index is None else index
    if wnid is None and label is not None and WNID.fullmatch(label):
        wnid, label = label, None
    if wnid is label is index is None:
        raise ValueError(f"nothing is said of the class of {path.name}")
    return Example(path, wnid, label, None if index is None else int(index), boxes)


def _from_coco(file: Path, root: Path) -> Iterator[Example]:
    """COCO's instances: a photo's class is that of most of its boxes' area, and those are its boxes."""
    found = json.loads(file.read_text("utf-8"))
    names = {category["id"]: category["name"] for category in found["categories"]}
    boxes: dict[int, dict[int, list[Box]]] = {}
    for annotation in found["annotations"]:
        left, top, width, height = (float(value) for value in annotation["bbox"])
        of_photo = boxes.setdefault(annotation["image_id"], {})
        of_photo.setdefault(annotation["category_id"], []).append((left, top, left + width, top + height))
    folders = [root, *(p for p in sorted(root.iterdir()) if p.is_dir())]
    for image in found["images"]:
        if found_here := boxes.get(image["id"]):
            category = largest(found_here)
            candidates = [folder / image["file_name"] for folder in folders]
            path = next((candidate for candidate in candidates if candidate.is_file()), candidates[0])
            yield Example(path, label=names[category], boxes=tuple(found_here[category]))


def _from_folders(base: Path) -> Iterator[Example]:
    no_class = {*FOLDERS, *OF_PHOTOS}
    for folder in sorted(path for path in base.iterdir() if path.is_dir() and path.name not in no_class):
        wnid = WNID.match(folder.name)
        for path in sorted(folder.rglob("*")):
            if path.suffix.casefold() in SUFFIXES and path.is_file():
                yield Example(path, wnid[0] if wnid else None, None if wnid else folder.name)


def _from_annotations(base: Path, root: Path) -> list[Example]:
    """Photos that lie in one folder, each with an XML that names what most of its boxes' area is around."""
    examples = []
    for path in sorted(p for p in base.iterdir() if p.suffix.casefold() in SUFFIXES and p.is_file()):
        file = annotation_of(path, root)
        boxes = read_annotation(file) if file else {}
        boxes.pop("", None)
        if not boxes:
            return []  # with a photo whose class nobody tells it is no data set
        name = largest(boxes)
        examples.append(_example(path, {"label": name}, boxes[name]))
    return examples


def _boxed(example: Example, root: Path) -> Example:
    """The example with the boxes of its XML, where there is one."""
    file = annotation_of(example.path, root)
    boxes = sum(read_annotation(file).values(), ()) if file else ()
    return replace(example, boxes=boxes)
