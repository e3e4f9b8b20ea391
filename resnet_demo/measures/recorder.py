"""The measures of one photo after another, each taken once: what page and API ask.

A record is kept under what it depends on: the photo as the network eats it, the network, the measure, its target and
options. How it is drawn (order, axis, unit, language, theme) is no part of that, and takes no pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures import feature_maps, gradcam, lab, logit_attribution, report
from resnet_demo.measures.classification import require_top
from resnet_demo.measures.compare import two_classes
from resnet_demo.measures.record_cache import RecordCache
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.analysis import Analysis, Overview
from resnet_demo.results.classes import Prediction
from resnet_demo.results.comparison import Comparison
from resnet_demo.results.heatmaps import FeatureMaps
from resnet_demo.results.laboratory import LabTable


class Recorder:
    """Measures photos with one network; `records` is what it has kept."""

    def __init__(self, model: InstrumentedModel, records: RecordCache | None = None) -> None:
        self.model = model
        self.records = RecordCache() if records is None else records

    def of(
        self,
        compute: Callable[..., tuple[Any, ...]],
        photo: Photo,
        target: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> Any:
        """The record of one photo by a measure's `compute`.

        Args:
            target: class index; None for the top class.
            progress: handed to a measure that tells how far it is.
            options: the measure's own; hashable.
        """
        return self._of(compute, self.model.batch(photo), target, progress, **options)

    def seen(self, photo: Photo, target: int | None = None, at: str | None = None) -> Overview:
        """What the photo's first overview gave, whatever class and layer it was for, with every class ranked.

        Where there is none yet it is taken, for the class and layer given.
        """
        return self._seen(self.model.batch(photo), target, at)

    def target(self, photo: Photo, target: int | None) -> Prediction:
        """A class as it is on the photo: the one given, or the top one."""
        return self._target(self.seen(photo, target), target)

    def analysis(
        self, photo: Photo, target: int | None = None, at: str | None = None, top: int = 5
    ) -> Analysis:
        """As `report.analyze`. Another class or layer than the first takes a heatmap's pass."""
        require_top(top)
        batch, spec = self.model.batch(photo), self.model.engine.architecture
        layer = spec.layer(spec.head_input if at is None else at).node
        seen = self._seen(batch, target, layer)
        chosen = self._target(seen, target)
        cam = self._of(gradcam.compute, batch, chosen.index, at=layer)
        overview = replace(seen, predictions=seen.predictions[:top], target=chosen, gradcam=cam)
        return report.analysis_of(self.model, photo, batch, overview)

    def feature_maps(self, photo: Photo, at: str, k: int) -> FeatureMaps:
        """As `feature_maps.compute`; of what the overview has shown no pass is taken."""
        layer = self.model.engine.architecture.layer(at)
        batch = self.model.batch(photo)
        seen = self.records.find(self._key(report.compute, batch))
        for maps in seen.stages if seen else ():
            if maps.layer == layer.node and 1 <= k <= len(maps.channels):
                return replace(maps, name=layer.name, channels=maps.channels[:k], maps=maps.maps[..., :k])
        return self._of(feature_maps.compute, batch, None, at=layer.name, k=k)

    def lab(self, photo: Photo, target: int | None = None) -> LabTable:
        """As `lab.lab_table`, for a class or the top one."""
        batch = self.model.batch(photo)
        seen = self._seen(batch, target, None)
        chosen = self._target(seen, target)
        return lab.assemble(
            self.model, chosen, seen.blocks, lambda module: self._of(module.compute, batch, chosen.index)
        )

    def compare_classes(
        self, photo: Photo, target: int | None = None, other: int | None = None
    ) -> Comparison:
        """As `compare.compare_with_runner_up`."""
        batch = self.model.batch(photo)
        classes = two_classes(self.model, self._seen(batch, target, None).predictions, target, other)
        return Comparison(*(self._of(logit_attribution.compute, batch, index) for index in classes))

    def compare_photos(self, photo: Photo, other: Photo, target: int | None = None) -> Comparison:
        """As `compare.compare_photos`."""
        index = self.target(photo, target).index
        return Comparison(*(self.of(logit_attribution.compute, one, index) for one in (photo, other)))

    def _of(
        self,
        compute: Callable[..., tuple[Any, ...]],
        batch: np.ndarray,
        target: int | None,
        progress: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> Any:
        if target is None and (seen := self.records.find(self._key(report.compute, batch))):
            target = seen.predictions[0].index
        told = {} if progress is None else {"progress": progress}
        return self.records.get(
            self._key(compute, batch, target, *sorted(options.items())),
            lambda: compute(self.model, batch, [target], **options, **told)[0],
        )

    def _seen(self, batch: np.ndarray, target: int | None, at: str | None) -> Overview:
        def measure() -> Overview:
            classes = len(self.model.labels)
            (found,) = report.compute(self.model, batch, [target], at=at, top=classes)
            layer = ("at", found.gradcam.layer)
            self.records.put(self._key(gradcam.compute, batch, found.target.index, layer), found.gradcam)
            return found

        return self.records.get(self._key(report.compute, batch), measure)

    def _target(self, seen: Overview, target: int | None) -> Prediction:
        if target is None:
            return seen.predictions[0]
        self.model.targets([target], 1)
        return next(p for p in seen.predictions if p.index == target)

    def _key(self, compute: Callable, batch: np.ndarray, *rest: Hashable) -> Hashable:
        """What a record depends on. The provenance tells the network: its file's hash, its graph, its preprocessing."""
        photo = hashlib.blake2b(batch.tobytes(), digest_size=20).digest()
        return (
            photo,
            batch.shape,
            repr(self.model.network.provenance),
            compute.__module__,
            compute.__qualname__,
            *rest,
        )
