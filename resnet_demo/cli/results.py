"""How results are written: classes for reading, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from resnet_demo.cli.table import aligned
from resnet_demo.results.classes import Prediction
from resnet_demo.views.number_format import chance


def classes_as_text(file: str, input_shape: Sequence[int], predictions: Sequence[Prediction]) -> str:
    """One picture's classes as the tutorials show them: the input shape, then WordNet id, name, probability."""
    rows = [(p.label.wnid, p.label.english, chance(p.probability)) for p in predictions]
    return "\n".join([file, f"Input image shape: {tuple(input_shape)}", *aligned(rows, "llr", indent="  ")])


def one_line(value: dict[str, Any]) -> str:
    """A JSON object on one line, in ASCII, which any terminal and any encoding takes."""
    return json.dumps(value)


def indented(value: dict[str, Any]) -> str:
    """A JSON object over many lines, in ASCII."""
    return json.dumps(value, indent=2)
