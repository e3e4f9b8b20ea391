"""The files that the code reads at run time: package data, so that an installed wheel has them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_HERE = Path(str(files(__name__)))

WEIGHTS = _HERE / "weights"  # the bundled weights: a manifest and its parts
EXAMPLES = _HERE / "examples"  # the example pictures, examples.json and their credits
FINISHED = EXAMPLES / "finished.json"  # what the page shows of the first of them before there is a photo
LEARN = _HERE / "learn"  # curves of experiments that were run beforehand
ATLAS = _HERE / "atlas"  # what is typical of the bundled weights
