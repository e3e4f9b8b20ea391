"""Measure the bundled weights on a folder of photos: how many they name right, and where Grad-CAM looks.

    python tools/measure_bundle.py FOLDER [--before resnet50_imagenette.safetensors]

FOLDER holds the photos and `labels.json`, a list of {"file", "wnid", "boxes_xyxy": [[x0, y0, x1, y1], …]};
the boxes, in pixels of the photo, are where the object is, and may be missing. With `--before`, the weights
as they were before int8 are measured beside them.

A hit: the heatmap's maximum lies in one of the photo's boxes. The heatmap is Grad-CAM at the last block's
output, resized bilinearly to the photo; bilinear interpolation never exceeds the values it lies between, so
its maximum is at the centre of the map's largest cell. A map without a positive value has no maximum and is
a miss. The photo's centre is the guess to beat.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ResNetDemoError
from resnet_demo.measures.gradcam import gradcam
from resnet_demo.networks import weights
from resnet_demo.networks.labels import find_class
from resnet_demo.photos.decoding import Photo, read_photo

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Example:
    """A photo, its class, and the boxes (x0, y0, x1, y1) of its object in pixels; none where unknown."""

    photo: Photo
    wnid: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Result:
    """One photo measured: is the top class right, and is each point in a box (None without boxes)."""

    right: bool
    predicted_hit: bool | None  # the heatmap's maximum, for the class the network predicts
    labelled_hit: bool | None  # the same, for the photo's own class
    centre_hit: bool | None


def main() -> int:
    """Print one table, a column for each set of weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="photos and labels.json")
    parser.add_argument("--before", help="the weights before int8, to measure beside the bundled ones")
    options = parser.parse_args()
    try:
        examples = read_examples(options.folder)
        columns = {}
        if options.before:
            columns["before int8"] = measure(weights.load(options.before), examples)
        columns["bundled, int8"] = measure(weights.load("bundled"), examples)
    except (ResNetDemoError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(table(columns)))
    return 0


def read_examples(folder: Path) -> list[Example]:
    """The photos that `labels.json` lists."""
    entries = json.loads((folder / "labels.json").read_text("utf-8"))
    examples = []
    for entry in entries:
        boxes = tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in entry.get("boxes_xyxy", ()))
        examples.append(Example(read_photo(folder / entry["file"]), entry["wnid"], boxes))
    return examples


def measure(network: weights.Network, examples: list[Example]) -> list[Result]:
    """Classify each photo, and where it has boxes, see whether the heatmap's maximum is in one."""
    model = InstrumentedModel(network)
    last_block = model.engine.architecture.blocks[-1].name
    results = []
    for example in examples:
        batch = model.batch(example.photo)
        labelled = find_class(network.labels, example.wnid)
        predicted = int(model.engine.logits(batch)[0].argmax())
        if not example.boxes:
            results.append(Result(predicted == labelled, None, None, None))
            continue
        height, width, _ = example.photo.pixels.shape
        points = [
            maximum(gradcam(model, batch, last_block, predicted).gradcam, width, height),
            maximum(gradcam(model, batch, last_block, labelled).gradcam, width, height),
            (width / 2, height / 2),
        ]
        predicted_hit, labelled_hit, centre_hit = (in_a_box(point, example.boxes) for point in points)
        results.append(Result(predicted == labelled, predicted_hit, labelled_hit, centre_hit))
    return results


def maximum(gradcam_map: np.ndarray, width: int, height: int) -> tuple[float, float] | None:
    """(x, y) in a photo of this size where a map (h, w) laid over it is largest; None if never positive."""
    if gradcam_map.max() <= 0:
        return None
    h, w = gradcam_map.shape
    row, column = np.unravel_index(gradcam_map.argmax(), gradcam_map.shape)
    return (column + 0.5) * width / w, (row + 0.5) * height / h


def in_a_box(point: tuple[float, float] | None, boxes: tuple[Box, ...]) -> bool:
    """Whether the point (x, y) is in any of the boxes."""
    return point is not None and any(
        x0 <= point[0] <= x1 and y0 <= point[1] <= y1 for x0, y0, x1, y1 in boxes
    )


def table(columns: dict[str, list[Result]]) -> list[str]:
    """Markdown: a row for each figure, "hits of photos"."""
    rows = {
        "top class right": "right",
        "heatmap's maximum in the object's box, for the predicted class": "predicted_hit",
        "heatmap's maximum in the object's box, for the photo's own class": "labelled_hit",
        "the photo's centre in the object's box": "centre_hit",
    }
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for title, field in rows.items():
        cells = []
        for results in columns.values():
            known = [value for value in (getattr(result, field) for result in results) if value is not None]
            cells.append(f"{sum(known)} of {len(known)}")
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
