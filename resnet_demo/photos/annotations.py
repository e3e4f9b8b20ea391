"""Pascal VOC's XML as it, ImageNet and others keep it: where a photo's lies, its boxes and what they are around."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from resnet_demo.errors import OptionError

FOLDERS = ("Annotations", "annotations", "bbox")
OF_PHOTOS = ("Data", "JPEGImages", "images")  # beside which `FOLDERS` has the same folders below it

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels of the upright photo


def annotation_of(photo: Path, root: Path) -> Path | None:
    """A photo's XML: beside it, in one of `FOLDERS` there or above, or with one of them for one of `OF_PHOTOS`."""
    parts = photo.parts
    mirrored = [
        Path(*parts[:i], name, *parts[i + 1 :]).with_suffix(".xml")
        for i, part in enumerate(parts)
        if part in OF_PHOTOS
        for name in FOLDERS
    ]
    folders = [photo.parent, *(b / name for b in (photo.parent, root, root.parent) for name in FOLDERS)]
    named = [f for folder in folders for f in (folder, folder / photo.parent.name)]
    paths = [*(folder / f"{photo.stem}.xml" for folder in named), *mirrored]
    return next((path for path in paths if path.is_file()), None)


def read_annotation(file: Path) -> dict[str, tuple[Box, ...]]:
    """Every box by the name of what it is around, "" where that is not said.

    Raises:
        OptionError: a damaged file.
    """
    found: dict[str, tuple[Box, ...]] = {}
    try:
        tree = ElementTree.parse(file).getroot()
        for thing in (*tree.iter("object"), tree):
            name = (thing.findtext("name") or "").strip()
            for one in thing.findall("bndbox"):
                corners = [one.findtext(side) for side in ("xmin", "ymin", "xmax", "ymax")]
                found[name] = (*found.get(name, ()), box_of(corners))
    except (ElementTree.ParseError, ValueError, TypeError) as error:
        raise OptionError(
            "The boxes cannot be read ({reason}). Received: {file}. Accepted: Pascal VOC's XML, whole.",
            reason=error,
            file=file,
        ) from error
    return found


def box_of(values: Any) -> Box:
    """Four corners as a box; ValueError or TypeError where they are none."""
    left, top, right, bottom = (float(value) for value in values)
    if not (right >= left and bottom >= top):
        raise ValueError(f"a box runs from left to right and from top to bottom, not {values}")
    return left, top, right, bottom


def largest(boxes: dict[Any, Any]) -> Any:
    """What most of the boxes' area is around."""
    return max(boxes, key=lambda name: sum((r - x) * (b - y) for x, y, r, b in boxes[name]))
