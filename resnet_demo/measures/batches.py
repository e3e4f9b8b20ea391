"""Many pictures: the next batch is decoded while the network works on this one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from resnet_demo.errors import ImageError, OptionError
from resnet_demo.measures.classification import rank
from resnet_demo.photos.decoding import FORMATS, read_photo
from resnet_demo.results.classes import Prediction

if TYPE_CHECKING:
    from resnet_demo.engine.instrumented_model import InstrumentedModel

BATCH_SIZE = 16
DECODERS = min(4, os.cpu_count() or 1)  # each may hold one whole decoded picture, up to 240 MB


@dataclass(frozen=True)
class Result:
    """One picture's ranked classes; `input_shape` is (1, h, w, 3), what the network ate."""

    source: str | Path
    input_shape: tuple[int, ...]
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class Failure:
    """One picture that cannot be used; the error's sentence tells why."""

    source: str | Path
    error: ImageError


def pictures_in(folder: Path) -> list[Path]:
    """The pictures directly in a folder, sorted by name: files with the ending of a format we read.

    Hidden files are left out.

    Raises:
        OSError: the folder cannot be listed.
    """
    Image.init()
    endings = {ending for ending, name in Image.registered_extensions().items() if name in FORMATS}
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in endings and not path.name.startswith(".") and path.is_file()
    )


def classify_many(
    model: InstrumentedModel, sources: Iterable[str | Path], batch_size: int = BATCH_SIZE, top: int = 5
) -> Iterator[Result | Failure]:
    """Classify pictures, in batches, each result as soon as its batch is done.

    Threads decode and resize one batch ahead of the network; beside the pictures in their hands, at most two
    batches are in memory however many pictures there are.

    Args:
        model: the network.
        sources: picture files; taken from the iterable as they are needed.
        batch_size: how many pictures go through the network together.
        top: how many classes to rank.

    Returns:
        One result per source, in their order; a bad picture is a `Failure` and the others go on.

    Raises:
        OptionError: `batch_size` or `top` is not at least 1.
    """
    for name, value in (("batch_size", batch_size), ("top", top)):
        if value < 1:
            raise OptionError(
                "`{name}` should be 1 or more. Received: {name}={value}.",
                name=name,
                value=value,
            )
    from resnet_demo.measures.requirements import require  # takes TensorFlow to import

    require(model.engine, frozenset({"classes"}))
    return _classify(model, iter(sources), batch_size, top)


def _classify(
    model: InstrumentedModel, sources: Iterator[str | Path], batch_size: int, top: int
) -> Iterator[Result | Failure]:
    pool = ThreadPoolExecutor(DECODERS, thread_name_prefix="decode")

    def decode(source: str | Path) -> np.ndarray:
        pixels: np.ndarray = model.batch(read_photo(source, name=str(source)))[0]
        return pixels  # (h, w, 3)

    def start_next() -> list[tuple[str | Path, Future[np.ndarray]]]:
        return [(source, pool.submit(decode, source)) for source in islice(sources, batch_size)]

    try:
        upcoming = start_next()
        while upcoming:
            current, upcoming = upcoming, start_next()
            yield from _classify_batch(model, current, top)
    finally:
        pool.shutdown(cancel_futures=True)


def _classify_batch(
    model: InstrumentedModel, decoded: list[tuple[str | Path, Future[np.ndarray]]], top: int
) -> Iterator[Result | Failure]:
    results: list[np.ndarray | ImageError] = []
    for _, future in decoded:
        try:
            results.append(future.result())
        except ImageError as error:
            results.append(error)
    pixels = [result for result in results if not isinstance(result, ImageError)]
    logits = iter(model.engine.logits(np.stack(pixels)) if pixels else ())  # (classes,) each
    for (source, _), result in zip(decoded, results, strict=True):
        if isinstance(result, ImageError):
            yield Failure(source, result)
        else:
            yield Result(source, (1, *result.shape), rank(next(logits), model.labels, top, model.activation))
