"""Photos as batches of pixels, in an order fixed by the seed."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import numpy as np
from PIL import Image

from resnet_demo.photos.decoding import read_photo
from training.photos import PhotoSet

SIDE = 224  # what every photo is resized to, whole, as the page does, before anything is cut out of it
PHOTO_BYTES = SIDE * SIDE * 3


class Reader:
    """Reads photos when they are asked for, and keeps as many of them decoded as there is room for.

    A folder of any size can be trained on: a photo for which there was no room is decoded again whenever it
    is needed. One takes 150,528 bytes.
    """

    def __init__(self, photos: PhotoSet, room_bytes: float) -> None:
        self.photos = photos
        self._room = int(room_bytes // PHOTO_BYTES)
        self._kept: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        """How many photos there are."""
        return len(self.photos.paths)

    def pixels(self, index: int) -> np.ndarray:
        """One photo: uint8 (224, 224, 3) RGB; NotAnImageError where the file is none or damaged."""
        if index in self._kept:
            return self._kept[index]
        photo = Image.fromarray(read_photo(self.photos.paths[index]).pixels)
        pixels = np.asarray(photo.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
        if len(self._kept) < self._room:
            self._kept[index] = pixels
        return pixels

    def batch(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels uint8 (n, 224, 224, 3) and classes int64 (n,) of the photos at `indices` (n,)."""
        return np.stack([self.pixels(int(index)) for index in indices]), self.photos.classes[indices]


class TrainingBatches:
    """Which photos make up the batch of each step: a pure function of the seed and the step.

    So a run that was stopped goes on with the batches it would have had. Each epoch has its own order, and
    leaves out the few photos at its end that do not fill a batch.
    """

    def __init__(self, reader: Reader, batch_size: int, seed: int) -> None:
        self.reader = reader
        self.size = min(batch_size, len(reader))
        self.per_epoch = len(reader) // self.size
        self._seed = seed

    def indices(self, step: int) -> np.ndarray:
        """The photos of one step, counted from 0: int64 (size,)."""
        epoch, place = divmod(step, self.per_epoch)
        order = np.random.default_rng((self._seed, 0, epoch)).permutation(len(self.reader))
        return order[place * self.size : (place + 1) * self.size]

    def since(self, first_step: int) -> Generator[tuple[np.ndarray, np.ndarray], None, None]:
        """Batches as `Reader.batch` gives them, without end, each read while the one before it is in use."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            ahead = pool.submit(self.reader.batch, self.indices(first_step))
            for step in count(first_step + 1):
                ready, ahead = ahead, pool.submit(self.reader.batch, self.indices(step))
                yield ready.result()
