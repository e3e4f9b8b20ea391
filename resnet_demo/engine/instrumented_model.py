"""A network with its engine: what every measurement of a photo is given."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

import numpy as np

from resnet_demo.engine.convolution import kernel_and_bias
from resnet_demo.engine.engine import Engine
from resnet_demo.errors import ArchitectureError, OptionError, UnknownClassError
from resnet_demo.networks.outputs import Activation
from resnet_demo.networks.preprocessing import NAMED, to_batch
from resnet_demo.networks.settled import Statement, fits
from resnet_demo.networks.weights import OWN_GRAPH, Network
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.classes import Label

FITS_KEPT = 32  # of the photos looked at last


class InstrumentedModel:
    """A network with its engine: what the page, the API and the command line hold on to.

    Attributes:
        network: the loaded network, its labels and provenance.
        engine: its compiled passes.

    Raises:
        ArchitectureError: a network that cannot be analysed, or one that the engine would run in another way.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.engine = Engine(network.model, network.size, is_question=network.outputs.is_question)
        self._fits: dict[int, dict[str, float]] = {}
        self._fed: dict[str, InstrumentedModel] = {}
        if network.provenance.variant == OWN_GRAPH:  # ours are tested to agree, and start at once
            _require_same_logits(self.engine)

    @property
    def labels(self) -> tuple[Label, ...]:
        """One label per class, in output order."""
        return self.network.labels

    @property
    def activation(self) -> Activation:
        """What makes probabilities of its logits."""
        return self.network.outputs.activation

    def fed(self, preprocessing: str | None, origin: str) -> InstrumentedModel:
        """The same network and engine, fed otherwise; itself where nothing is said.

        Args:
            preprocessing: a name of `preprocessing.NAMED`; None or "": as it was found.
            origin: who says so.

        Raises:
            OptionError: no such preprocessing.
        """
        if not preprocessing:
            return self
        if preprocessing not in NAMED:
            raise OptionError(
                "There is no such preprocessing. Received: {text!r}. Accepted: {names}.",
                text=preprocessing,
                names=", ".join(NAMED),
            )
        if preprocessing not in self._fed:
            other = copy(self)
            settled = self.network.preprocessing.override(Statement(NAMED[preprocessing], origin))
            other.network = replace(self.network, preprocessing=settled)
            other._fits, other._fed = {}, {}
            self._fed[preprocessing] = other
        return self._fed[preprocessing]

    def batch(self, *photos: Photo) -> np.ndarray:
        """The photos as this network eats them: float32 (N, h, w, 3)."""
        height, width, channels = self.engine.architecture.input_shape
        return to_batch(photos, self.network.preprocessing.value, (height, width), channels)

    def fit(self, batch: np.ndarray) -> dict[str, float]:
        """How far every preprocessing is from what the weights remember, on these photos (see `settled.fits`).

        Nothing where photos are not heard (`Settled.hears_a_photo`): it takes as long as half a pass.

        Args:
            batch: float32 (N, h, w, 3), as `batch` makes it.
        """
        if not self.network.preprocessing.hears_a_photo:
            return {}
        key = hash(batch.tobytes())
        if key not in self._fits:
            while len(self._fits) >= FITS_KEPT:
                self._fits.pop(next(iter(self._fits)), None)
            pixels = self.network.preprocessing.value.undo(batch)
            self._fits[key] = fits(self.engine.graph, self.network.preprocessing, pixels)
        return self._fits[key]

    def targets(self, targets: Sequence[int | None], images: int) -> np.ndarray:
        """One target an image as the passes take them: int32 (N,), negative for None, the top class.

        Raises:
            UnknownClassError: no such class.
            OptionError: another number of targets.
        """
        if len(targets) != images:
            raise OptionError(
                "There is one target an image. Received: {count_of_targets}. Accepted: {images}.",
                count_of_targets=len(targets),
                images=images,
            )
        for target in targets:
            if target is not None and not 0 <= target < len(self.labels):
                raise UnknownClassError(
                    "There is no such class. Received: {target}. Accepted: 0 to {last}.",
                    target=target,
                    last=len(self.labels) - 1,
                )
        return np.array([-1 if target is None else target for target in targets], np.int32)


def _require_same_logits(engine: Engine) -> None:
    """ArchitectureError where the re-wired network is not the Keras model: some layer is not what it seems."""
    spec, graph = engine.architecture, engine.graph
    batch = np.random.default_rng(0).normal(0, 60, (1, *spec.input_shape)).astype("float32")
    values, head = graph.values(batch), graph[spec.logits]
    expected = np.asarray(values[spec.logits])
    if spec.strips_activation:
        kernel, bias = kernel_and_bias(head.op)
        expected = np.asarray(values[head.inputs[0]]) @ kernel + bias
    found = engine.logits(batch)[..., -expected.shape[-1] :]  # of the two of a question, that of yes
    if not np.allclose(found, expected, rtol=0, atol=1e-3 * np.abs(expected).max()):
        raise ArchitectureError(
            "The network is re-wired to be measured, and must then give the logits it gave before. "
            "Received: {graph!r}, whose logits change by up to {largest:.3g}. Accepted: layers of "
            "Keras' own, as they are.",
            graph=graph.name,
            largest=np.abs(found - expected).max(),
        )
