"""Images per second for a folder, decoding included, beside the compiled batch forward pass alone."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.batches import BATCH_SIZE, classify_many, pictures_in

PICTURES = 64


def images_per_second(model: InstrumentedModel, examples: list[Path], rounds: int = 3) -> dict[str, float]:
    """Classify a folder of `PICTURES` copies of the examples, and as many ready batches, in turn."""
    batch = np.repeat(np.zeros((1, *model.engine.architecture.input_shape), np.float32), BATCH_SIZE, axis=0)
    model.engine.logits(batch)
    forward, folder = [], []
    with TemporaryDirectory() as layer:
        for i in range(PICTURES):
            source = examples[i % len(examples)]
            shutil.copy(source, Path(layer) / f"{i:03d}{source.suffix}")
        sources = pictures_in(Path(layer))
        for _ in range(rounds):
            started = time.perf_counter()
            for _ in range(PICTURES // BATCH_SIZE):
                model.engine.logits(batch)
            forward.append(time.perf_counter() - started)
            started = time.perf_counter()
            for _ in classify_many(model, sources):
                pass
            folder.append(time.perf_counter() - started)
    rates = {"forward": PICTURES / float(np.median(forward)), "folder": PICTURES / float(np.median(folder))}
    return rates | {
        "folder_over_forward": rates["folder"] / rates["forward"],
        "pictures": PICTURES,
        "batch": BATCH_SIZE,
    }
