"""Measure the gallery's first example with the bundled weights, for the page to show before there is a photo.

usage: python tools/finish_example.py
"""

import json

from resnet_demo.assets import FINISHED
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.overview import analyze
from resnet_demo.networks import weights
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results.finished import to_json
from resnet_demo.ui.examples import examples_for


def main() -> None:
    """Load, measure, write."""
    model = InstrumentedModel(weights.load("bundled"))
    found = analyze(model, read_photo(examples_for(model)[0].path))
    FINISHED.write_text(json.dumps(to_json(found), ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    print(f"{FINISHED}: {FINISHED.stat().st_size / 1e3:.1f} kB")


if __name__ == "__main__":
    main()
