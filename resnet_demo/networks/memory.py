"""The weights remember what they were fed: the first BatchNorm keeps the statistics of what it read in training.

Photos are fed under each candidate preprocessing, and what the first BatchNorm then reads is compared with the mean and
the variance that it keeps: per channel the Kullback–Leibler divergence of two normal distributions, then the median
over the channels. 0 is the same distribution. Tried on real weights and their own kind of photos the right candidate
comes out below 0.03, the nearest other scale ten times as far.

The order of the colour channels cannot be told this way: both orders fit alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np

from resnet_demo.assets import EXAMPLES
from resnet_demo.graph.flat import FlatGraph, Node
from resnet_demo.networks.preprocessing import Preprocessing, resized
from resnet_demo.photos.decoding import read_photo

CLEAR = 0.1  # a fit of several photos up to which the weights say by themselves what they eat
NEAR = 0.5  # a fit up to which they may contradict; statistics of no training are further from everything
FAR = 0.2  # a fit that can be contradicted
TIMES = 4.0  # how much better another must fit: 2 is what one photo's chance does, 10 is another scale
WINDOW = 112  # pixels a side looked at in each example: statistics need no more, and it takes a quarter of the time


@dataclass(frozen=True, eq=False)
class Memory:
    """What a network's first BatchNorm keeps, and the way there.

    Attributes:
        mean, variance: float (C,).
        nodes: from the photo to what the BatchNorm reads, in the order they run.
        read: the name of the node that it reads.
        channels: how many the photo has, 1 or 3.
    """

    mean: np.ndarray
    variance: np.ndarray
    nodes: tuple[Node, ...]
    read: str
    channels: int

    def fits(
        self, pixels: np.ndarray, candidates: Iterable[Preprocessing], own_layers: Sequence[str] = ()
    ) -> dict[str, float]:
        """How far each candidate is from what is remembered: its name → the median divergence, best first.

        Args:
            pixels: uint8 (N, h, w, channels), RGB or grey; any size from a few pixels up.
            candidates: the ways of feeding to compare.
            own_layers: the nodes by which the network preprocesses; the candidates are then tried in their place, and
                they themselves, fed with the pixels as they are, under the name "model".
        """
        found = {candidate.name: self._fit(candidate.apply(pixels), own_layers) for candidate in candidates}
        if own_layers:
            found["model"] = self._fit(pixels.astype(np.float32))
        return dict(sorted(found.items(), key=lambda item: item[1]))

    def _fit(self, batch: np.ndarray, skipped: Sequence[str] = ()) -> float:
        names = [node.name for node in self.nodes]
        start = names.index(skipped[-1]) if skipped else 0
        values = {names[start]: batch}
        for node in self.nodes[start + 1 :]:
            values[node.name] = node.call(values)
        read = np.asarray(values[self.read], np.float64)
        return self._divergence(read.reshape(-1, read.shape[-1]))

    def _divergence(self, read: np.ndarray) -> float:
        """KL(read ‖ remembered) of float (samples, C), a channel at a time; the median."""
        tiny = np.finfo(np.float32).tiny  # a channel that is dead on these photos is far away, and finite
        variance, kept = np.maximum(read.var(axis=0), tiny), np.maximum(self.variance, tiny)
        shift = (read.mean(axis=0) - self.mean) ** 2
        return float(np.median(0.5 * (np.log(kept / variance) + (variance + shift) / kept - 1)))


def memory_of(graph: FlatGraph) -> Memory | None:
    """The memory of a network; None where it has none.

    That is: no BatchNorm over the last axis, or one whose statistics are those it was made with, 0 and 1.
    """
    norm = next((n for n in graph if isinstance(n.op, keras.layers.BatchNormalization)), None)
    if norm is None or norm.op.axis not in (-1, len(norm.shapes[0]) - 1) or len(graph.inputs) != 1:
        return None
    mean, variance = (np.asarray(v, np.float64) for v in (norm.op.moving_mean, norm.op.moving_variance))
    if not mean.any() and (variance == 1).all():
        return None
    (read,) = norm.inputs
    needed = {read}
    nodes = []
    for node in reversed(graph.nodes):
        if node.name in needed:
            needed.update(node.inputs)
            nodes.append(node)
    return Memory(mean, variance, tuple(reversed(nodes)), read, graph.inputs[0].shape[-1])


@cache
def example_windows(size: tuple[int, int], channels: int) -> np.ndarray:
    """The example photos at a network's size, a window of each, from one corner after the other.

    Returns:
        uint8 (N, h, w, channels), h and w at most `WINDOW`.
    """
    photos = resized([read_photo(path) for path in sorted(EXAMPLES.glob("*.jpg"))], size, channels)
    height, width = (min(WINDOW, side) for side in size)
    corners = [
        photo[-height:] if i % 2 else photo[:height]  # (h, width of the photo, channels)
        for i, photo in enumerate(photos)
    ]
    return np.stack([part[:, -width:] if i // 2 % 2 else part[:, :width] for i, part in enumerate(corners)])


def clear(fits: Mapping[str, float]) -> str | None:
    """The candidate that the weights remember beyond doubt, on several photos; None where they do not tell."""
    (best, fit), *others = sorted(fits.items(), key=lambda item: item[1])
    return best if fit <= CLEAR and all(other >= TIMES * fit for _, other in others) else None


def contradicts(fits: Mapping[str, float], name: str) -> str | None:
    """The candidate that fits so much better than `name` that this must be said; None where none does."""
    best = min(fits, key=lambda key: fits[key])
    far = fits[name] >= FAR and fits[name] >= TIMES * fits[best]
    return best if far and fits[best] <= NEAR else None
