"""The atlas' photos per second: local beside the compiled batch forward pass alone, Ray's workers beside local.

    .venv/bin/python -m benchmarks.atlas --weights bundled [--photos FOLDER] [--rounds 3] [--workers 2]

All in turn, round by round, so that a machine that slows down slows every contestant alike; ratios are taken within a
round, and the median round is told. Loading, compiling and the start of Ray are left out: a rate counts from the first
chunk that is done to the last.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks import machine
from resnet_demo.assets import EXAMPLES
from resnet_demo.atlas.cluster import go_through_on_ray
from resnet_demo.atlas.local import CHUNK, SavedProgress, go_through
from resnet_demo.atlas.work import Item, Work, Worker
from resnet_demo.cli.loading import load_model
from resnet_demo.cli.options import add_json_option, add_network_options, positive
from resnet_demo.cli.results import indented
from resnet_demo.engine.instrumented_model import InstrumentedModel

CHUNKS = 12  # of a round
NOTHING = SavedProgress(None, "")
BOUNDS = {"local / batch forward": 0.8, "ray / local": 0.85}


def forward_rate(model: InstrumentedModel) -> float:
    """Photos per second of the batch forward pass."""
    batch = np.zeros((CHUNK, *model.engine.architecture.input_shape), np.float32)
    model.engine.logits(batch)
    started = time.perf_counter()
    for _ in range(CHUNKS):
        model.engine.logits(batch)
    return CHUNKS * CHUNK / (time.perf_counter() - started)


def rate(steps: Iterable[tuple[int, object]]) -> float:
    """Photos per second of a run, from its first chunk to its last."""
    seen = [(done, time.perf_counter()) for done, _ in steps if done]
    (first, started), (last, ended) = seen[0], seen[-1]
    return (last - first) / (ended - started)


def work_of(model: InstrumentedModel, photos: list[Path]) -> Work:
    """`CHUNKS` chunks of the photos, over and over."""
    paths = [photos[i % len(photos)] for i in range(CHUNKS * CHUNK)]
    blocks = tuple(block.name for block in model.engine.architecture.blocks)
    return Work(tuple(Item(str(path), 0) for path in paths), "atlas", "none", blocks=blocks)


def measure(
    model: InstrumentedModel, weights: str | None, photos: list[Path], rounds: int, workers: int
) -> dict[str, object]:
    """Every rate of every round, and the median ratios."""
    work = work_of(model, photos)
    found: list[dict[str, float]] = []
    for _ in range(rounds):
        local = go_through(
            len(work.items),
            Worker(work, model).chunk,
            work.nothing(),
            work.restore,
            NOTHING,
            at_once=work.at_once,
        )
        one = {"batch forward": forward_rate(model)}
        one["local"] = rate(local)
        if workers:
            one["ray"] = rate(go_through_on_ray(work, {"weights": weights}, NOTHING, workers=workers))
        found.append(one)
    pairs = [("local", "batch forward"), *([("ray", "local")] if workers else [])]
    ratios = {f"{a} / {b}": float(np.median([one[a] / one[b] for one in found])) for a, b in pairs}
    return {"machine": machine.facts(), "photos_per_second": found, "ratios": ratios}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.atlas", description=__doc__.splitlines()[0], allow_abbrev=False
    )
    add_network_options(parser)
    add_json_option(parser, 'one object, {"machine", "photos_per_second", "ratios"}')
    parser.add_argument("--photos", type=Path, default=EXAMPLES, metavar="FOLDER", help="JPEGs; the examples")
    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument("--workers", type=int, default=2, help="Ray's actors; 0 leaves Ray out")
    options = parser.parse_args()
    model = load_model(options)
    photos = sorted(p for p in options.photos.iterdir() if p.suffix.lower() in (".jpg", ".jpeg"))
    measured = measure(model, options.weights, photos, options.rounds, options.workers)
    if options.json:
        print(indented(measured))
        return 0
    for one in measured["photos_per_second"]:  # type: ignore[attr-defined]
        print("   ".join(f"{name} {value:.1f}" for name, value in one.items()), "photos a second")
    for name, value in measured["ratios"].items():  # type: ignore[attr-defined]
        bound = BOUNDS[name]
        print(f"{name} {value:.2f}   bound ≥ {bound:g}{'' if value >= bound else '   NOT MET'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
