"""The measures of one photo after another, each taken once: what page and API ask.

A record is kept under what it depends on: the photo as the network eats it, the network, the measure, its target and
options. How it is drawn (order, axis, unit, language, theme) is no part of that, and takes no pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures import (
    attribution,
    classification,
    compare,
    feature_maps,
    gradcam,
    lab,
    logit_attribution,
    overview,
    residual,
)
from resnet_demo.measures.classification import require_top
from resnet_demo.measures.compare import two_classes
from resnet_demo.measures.record_cache import R, RecordCache
from resnet_demo.measures.requirements import lacking
from resnet_demo.measures.scores import belief
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.analysis import Analysis, Overview
from resnet_demo.results.belief import Belief, LayerTable, MapScores
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.classes import Prediction
from resnet_demo.results.comparison import Comparison
from resnet_demo.results.heatmaps import FeatureMaps, GradCam
from resnet_demo.results.laboratory import LabTable


@dataclass(frozen=True, eq=False)
class _Preprocessed:
    """A photo as the network takes it, float32 (1, h, w, 3), and what tells it from all others."""

    batch: np.ndarray
    digest: bytes


class Recorder:
    """Measures photos with one network; `records` is what it has kept."""

    def __init__(self, model: InstrumentedModel, records: RecordCache | None = None) -> None:
        self.model = model
        self.records = RecordCache() if records is None else records

    def of(
        self,
        compute: Callable[..., tuple[R, ...]],
        photo: Photo,
        target: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> R:
        """The record of one photo by a measure's `compute`.

        Args:
            target: class index; None for the top class.
            progress: handed to a measure that tells how far it is.
            options: the measure's own; hashable.
        """
        return self._of(compute, self._preprocess(photo), target, progress, **options)

    def classes(self, photo: Photo, top: int = 5) -> tuple[Prediction, ...]:
        """The `top` classes. Of a photo of which nothing is known yet they take the shortest pass there is."""
        require_top(top)
        return self._ranked(self._preprocess(photo))[:top]

    def known(self, compute: Callable[..., tuple[R, ...]], photo: Photo, target: int) -> R | None:
        """As `of`, of what has been measured already; None where it has not."""
        found: R | None = self.records.find(self._key(compute, self._preprocess(photo), target))
        return found

    def seen(self, photo: Photo, target: int | None = None, at: str | None = None) -> Overview:
        """What the photo's first overview gave, whatever class and layer it was for, with every class ranked.

        Where there is none yet it is taken, for the class and layer given.
        """
        return self._seen(self._preprocess(photo), target, at)

    def blocks(self, photo: Photo) -> tuple[BlockProfile, ...]:
        """The profile of every residual block: of what the overview gave, or of a network without classes by itself.

        Raises:
            ArchitectureError: a network without classes and without shortcuts.
        """
        if lacking(self.model.engine, overview.REQUIRES):
            return self.of(residual.compute, photo)
        return self.seen(photo).blocks

    def target(self, photo: Photo, target: int | None) -> Prediction:
        """A class as it is on the photo: the one given, or the top one."""
        return self._target(self.seen(photo, target), target)

    def analysis(
        self, photo: Photo, target: int | None = None, at: str | None = None, top: int = 5
    ) -> Analysis:
        """As `overview.analyze`. Another class or layer than the first takes a heatmap's pass."""
        preprocessed = self._preprocess(photo)
        found = self._overview(preprocessed, target, at, top)
        return overview.analysis_of(self.model, photo, preprocessed.batch, found)

    def overview(
        self, photo: Photo, target: int | None = None, at: str | None = None, top: int = 5
    ) -> Overview:
        """The part of `analysis` that needs no look at whether the photo suits the network."""
        return self._overview(self._preprocess(photo), target, at, top)

    def heatmap(
        self,
        photo: Photo,
        target: int,
        at: str | None = None,
        method: str = "gradcam",
        channels: int = attribution.CHANNELS,
        progress: Callable[[int, int], None] | None = None,
    ) -> GradCam:
        """The heatmap of a class by Grad-CAM, or as `attribution.compute`; `channels` are Faster-ScoreCAM's."""
        if method == "gradcam":
            return self.overview(photo, target, at).gradcam
        options: dict[str, Any] = {"method": method}
        if method != "saliency":
            options["at"] = at
        if method == "faster-scorecam":
            options["channels"] = channels
        return self.of(attribution.compute, photo, target, progress, **options)

    def belief(
        self,
        photo: Photo,
        target: int,
        at: str,
        method: str = "gradcam",
        channels: int = attribution.CHANNELS,
        progress: Callable[[int, int], None] | None = None,
    ) -> Belief:
        """As `belief.believe`, of the heatmap that `heatmap` gives."""
        shown = self.heatmap(photo, target, at, method, channels)
        preprocessed = self._preprocess(photo)
        masked = (channels,) if method == "faster-scorecam" else ()
        return self.records.get(
            self._key(belief.believe, preprocessed, target, at, method, *masked),
            lambda: belief.believe(
                self.model, preprocessed.batch[0], target, shown, method=method, at=at, progress=progress
            ),
        )

    def layers(
        self, photo: Photo, target: int, progress: Callable[[int, int], None] | None = None
    ) -> LayerTable:
        """As `belief.score_layers`."""
        preprocessed = self._preprocess(photo)
        return self.records.get(
            self._key(belief.score_layers, preprocessed, target),
            lambda: belief.score_layers(self.model, preprocessed.batch[0], target, progress=progress),
        )

    def scores(self, photo: Photo, target: int, at: str) -> MapScores:
        """What `belief` of Grad-CAM and `layers` gave, as far as they were asked before."""
        preprocessed = self._preprocess(photo)
        return MapScores(
            self.records.find(self._key(belief.believe, preprocessed, target, at, "gradcam")),
            self.records.find(self._key(belief.score_layers, preprocessed, target)),
        )

    def feature_maps(self, photo: Photo, at: str, k: int) -> FeatureMaps:
        """As `feature_maps.compute`; of what the overview has shown no pass is taken."""
        layer = self.model.engine.architecture.layer(at)
        preprocessed = self._preprocess(photo)
        seen: Overview | None = self.records.find(self._key(overview.compute, preprocessed))
        for maps in seen.stages if seen else ():
            if maps.layer == layer.node and 1 <= k <= len(maps.channels):
                return replace(maps, name=layer.name, channels=maps.channels[:k], maps=maps.maps[..., :k])
        return self._of(feature_maps.compute, preprocessed, None, at=layer.name, k=k)

    def lab(self, photo: Photo, target: int | None = None) -> LabTable:
        """As `lab.lab_table`, for a class or the top one."""
        preprocessed = self._preprocess(photo)
        seen = self._seen(preprocessed, target, None)
        chosen = self._target(seen, target)
        return lab.assemble(
            self.model,
            chosen,
            seen.blocks,
            lambda module: self._of(module.compute, preprocessed, chosen.index),
        )

    def compare_classes(
        self, photo: Photo, target: int | None = None, other: int | None = None
    ) -> Comparison:
        """As `compare.compare_classes`."""
        preprocessed = self._preprocess(photo)
        if ranked := self._known_classes(preprocessed):
            target, other = two_classes(self.model, ranked, target, other)

        def key(chosen: int | None) -> Hashable:
            return self._key(logit_attribution.compute, preprocessed, chosen)

        first, second = self.records.find(key(target)), self.records.find(key(other))
        if first and second and target != other:
            return Comparison(first, second)

        def measure() -> Comparison:
            found = compare.compare_classes(self.model, preprocessed.batch, target, other)
            for one in (found.first, found.second):
                self.records.put(key(one.target), one)
            return found

        return self.records.get(self._key(compare.compare_classes, preprocessed, target, other), measure)

    def compare_photos(self, photo: Photo, other: Photo, target: int | None = None) -> Comparison:
        """As `compare.compare_photos`."""
        first = self._preprocess(photo)
        if target is None:
            target = self._ranked(first)[0].index
        both = (first, self._preprocess(other))
        return Comparison(*(self._of(logit_attribution.compute, one, target) for one in both))

    def _preprocess(self, photo: Photo) -> _Preprocessed:
        batch = self.model.batch(photo)
        return _Preprocessed(
            batch, hashlib.blake2b(np.ascontiguousarray(batch).data, digest_size=20).digest()
        )

    def _of(
        self,
        compute: Callable[..., tuple[R, ...]],
        preprocessed: _Preprocessed,
        target: int | None,
        progress: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> R:
        if target is None and (ranked := self._known_classes(preprocessed)):
            target = ranked[0].index
        reporting = {} if progress is None else {"progress": progress}
        return self.records.get(
            self._key(compute, preprocessed, target, *sorted(options.items())),
            lambda: compute(self.model, preprocessed.batch, [target], **options, **reporting)[0],
        )

    def _known_classes(self, preprocessed: _Preprocessed) -> tuple[Prediction, ...]:
        """Every class, ranked, if that is known already; else none."""
        seen: Overview | None = self.records.find(self._key(overview.compute, preprocessed))
        if seen is not None:
            return seen.predictions
        ranked: tuple[Prediction, ...] | None
        ranked = self.records.find(self._key(classification.compute, preprocessed))
        return ranked or ()

    def _ranked(self, preprocessed: _Preprocessed) -> tuple[Prediction, ...]:
        """Every class, ranked."""
        return self._known_classes(preprocessed) or self.records.get(
            self._key(classification.compute, preprocessed),
            lambda: classification.compute(
                self.model, preprocessed.batch, [None], top=len(self.model.labels)
            )[0],
        )

    def _overview(
        self, preprocessed: _Preprocessed, target: int | None, at: str | None, top: int
    ) -> Overview:
        require_top(top)
        spec = self.model.engine.architecture
        layer = spec.layer(spec.head_input if at is None else at).node
        seen = self._seen(preprocessed, target, layer)
        chosen = self._target(seen, target)
        cam = self._of(gradcam.compute, preprocessed, chosen.index, at=layer)
        return replace(seen, predictions=seen.predictions[:top], target=chosen, gradcam=cam)

    def _seen(self, preprocessed: _Preprocessed, target: int | None, at: str | None) -> Overview:
        def measure() -> Overview:
            classes = len(self.model.labels)
            (found,) = overview.compute(self.model, preprocessed.batch, [target], at=at, top=classes)
            layer = ("at", found.gradcam.layer)
            self.records.put(
                self._key(gradcam.compute, preprocessed, found.target.index, layer), found.gradcam
            )
            return found

        return self.records.get(self._key(overview.compute, preprocessed), measure)

    def _target(self, seen: Overview, target: int | None) -> Prediction:
        if target is None:
            return seen.predictions[0]
        self.model.targets([target], 1)
        return next(p for p in seen.predictions if p.index == target)

    def _key(self, compute: Callable[..., Any], preprocessed: _Preprocessed, *rest: Hashable) -> Hashable:
        """What a record depends on. The provenance tells the network: its file's hash, its graph, its preprocessing."""
        return (
            preprocessed.digest,
            preprocessed.batch.shape,
            repr(self.model.network.provenance),
            compute.__module__,
            compute.__qualname__,
            *rest,
        )
