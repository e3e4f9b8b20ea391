"""Everything of one photo: the overview and, where it is asked, the laboratory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resnet_demo.errors import ArchitectureError
from resnet_demo.measures import double_lesion, split
from resnet_demo.measures.recorder import Recorder
from resnet_demo.measures.requirements import lacking
from resnet_demo.networks.facts import facts_of
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.belief import MapScores
from resnet_demo.results.dossier import Dossier
from resnet_demo.results.laboratory import DoubleLesion


def dossier(
    recorder: Recorder,
    photo: Photo,
    target: int | None = None,
    at: str | None = None,
    *,
    lab: bool = True,
    top: int = 5,
    atlas: dict[str, Any] | None = None,
    scores: bool = False,
    pairs: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Dossier:
    """Measure a photo for what is kept of it; what the recorder has already is not measured again.

    Args:
        target: class index that is explained; None for the top class.
        at: where Grad-CAM looks, as in `overview.analyze`; a block is opened by the laboratory too, else the last one.
        lab: whether the laboratory is asked.
        top: how many classes the analysis ranks.
        atlas: what is typical of these weights.
        scores: whether the heatmap is tested, and the layers scored, if that has not been done yet.
        pairs: whether every two blocks are switched off at once, if that has not been done yet.
        progress: told how many passes of these tests are done, and of how many.

    Raises:
        UnknownClassError, UnknownLayerError, OptionError: as `overview.analyze`.
    """
    model, spec = recorder.model, recorder.model.engine.architecture
    analysis = recorder.analysis(photo, target, at, top)
    names = [block.name for block in analysis.blocks]
    block = at if at in names else names[-1] if names else None
    parted = None
    if lab and block is not None and not lacking(model.engine, split.REQUIRES):
        parted = recorder.of(split.compute, photo, analysis.target.index)[names.index(block)]
    return Dossier(
        photo=photo.pixels,
        network=facts_of(model.network, spec),
        analysis=analysis,
        ranked=recorder.seen(photo).predictions,
        block=block,
        lab=recorder.lab(photo, analysis.target.index) if lab else None,
        split=parted,
        atlas=atlas,
        scores=_scores(
            recorder,
            photo,
            analysis.target.index,
            at or spec.layers[-1].name,
            asked=scores,
            progress=progress,
        ),
        pairs=_pairs(recorder, photo, analysis.target.index, asked=pairs),
    )


def _pairs(recorder: Recorder, photo: Photo, target: int, *, asked: bool) -> tuple[DoubleLesion, ...] | None:
    if lacking(recorder.model.engine, double_lesion.REQUIRES):
        return None
    found = recorder.of if asked else recorder.known
    return found(double_lesion.compute, photo, target)


def _scores(
    recorder: Recorder,
    photo: Photo,
    target: int,
    at: str,
    *,
    asked: bool,
    progress: Callable[[int, int], None] | None,
) -> MapScores:
    if not asked:
        return recorder.scores(photo, target, at)
    try:
        belief = recorder.belief(photo, target, at, progress=progress)
        return MapScores(belief, recorder.layers(photo, target, progress))
    except ArchitectureError as error:  # both ask for probabilities, and for a map
        return MapScores(left_out={"belief": error, "layer_scores": error})
