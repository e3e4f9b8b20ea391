"""The example images, each for the weights that recognise it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from resnet_demo.analysis.report import Explorer

FOLDER = Path(__file__).parents[2] / "assets" / "examples"


@dataclass(frozen=True)
class Example:
    """One example image and the class it shows."""

    path: Path
    wnid: str


def examples_for(explorer: Explorer) -> list[Example]:
    """The examples whose class this network knows."""
    known = {label.wnid for label in explorer.labels}
    group = "imagenet" if len(known) > 10 else "bundled"
    listed = json.loads((FOLDER / "examples.json").read_text("utf-8"))
    return [
        Example(FOLDER / e["file"], e["wnid"]) for e in listed if e["for"] == group and e["wnid"] in known
    ]
