"""Everything of one photo: the overview and, where it is asked, the laboratory."""

from __future__ import annotations

from typing import Any

from resnet_demo.measures import split
from resnet_demo.measures.recorder import Recorder
from resnet_demo.measures.requirements import lacking
from resnet_demo.networks.facts import facts_of
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.dossier import Dossier


def dossier(
    recorder: Recorder,
    photo: Photo,
    target: int | None = None,
    at: str | None = None,
    *,
    lab: bool = True,
    top: int = 5,
    atlas: dict[str, Any] | None = None,
) -> Dossier:
    """Measure a photo for what is kept of it; what the recorder has already is not measured again.

    Args:
        target: class index that is explained; None for the top class.
        at: where Grad-CAM looks, as in `report.analyze`; a block is opened by the laboratory too, else the last one.
        lab: whether the laboratory is asked.
        top: how many classes the analysis ranks.
        atlas: what is typical of these weights.

    Raises:
        UnknownClassError, UnknownLayerError, OptionError: as `report.analyze`.
    """
    model = recorder.model
    analysis = recorder.analysis(photo, target, at, top)
    names = [block.name for block in analysis.blocks]
    block = at if at in names else names[-1] if names else None
    parted = None
    if lab and block is not None and not lacking(model.engine, split.REQUIRES):
        parted = recorder.of(split.compute, photo, analysis.target.index)[names.index(block)]
    return Dossier(
        photo=photo.pixels,
        network=facts_of(model.network, model.engine.architecture),
        analysis=analysis,
        ranked=recorder.seen(photo).predictions,
        block=block,
        lab=recorder.lab(photo, analysis.target.index) if lab else None,
        split=parted,
        atlas=atlas,
    )
