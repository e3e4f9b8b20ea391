"""What a step of the walk is checked on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.photos.decoding import Photo

Progress = Callable[[int, int], None]  # parts done, parts in all


def _silent(done: int, total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Subject:
    """The network, photo, class and block at hand; each step looks at what it needs of them.

    Attributes:
        model: the network.
        photo, batch: the photo, and as the network eats it, float32 (1, h, w, c); None for a step that needs none.
        target: class index; None for the top class.
        block: a block's name; "" for a step that does not look at one.
        progress: told how far a check is; may raise to end it.
    """

    model: InstrumentedModel
    photo: Photo | None = None
    batch: np.ndarray | None = None
    target: int | None = None
    block: str = ""
    progress: Progress = _silent
