"""One photo, two networks: before and after fine-tuning, 50 layers against 101, v1 against V2."""

from __future__ import annotations

from resnet_demo.measures import logit_attribution, overview
from resnet_demo.measures.recorder import Recorder
from resnet_demo.measures.requirements import lacking, require
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.two_networks import NetworkSide, TwoNetworks, keys_of


def compare_networks(
    first: Recorder, second: Recorder, photo: Photo, target: int | None = None
) -> TwoNetworks:
    """What either network makes of a photo: classes, heatmap, profile and ledger.

    Blocks and classes may differ in number. A class is the same where its WordNet id or its English name is.

    Args:
        target: a class index of the first network; None for its top class. The second is explained for the same class
            where it knows it, else for its own top class.

    Raises:
        ArchitectureError: a network without classes.
        UnknownClassError: no such class.
    """
    mine = _side(first, photo, target)
    explained = mine.analysis.target
    known = {key: i for i, label in enumerate(second.model.labels) for key in keys_of(label)}
    index = next((known[key] for key in keys_of(explained.label) if key in known), None)
    return TwoNetworks(mine, _side(second, photo, index), index is not None)


def _side(recorder: Recorder, photo: Photo, target: int | None) -> NetworkSide:
    model = recorder.model
    require(model.engine, overview.REQUIRES)
    analysis = recorder.analysis(photo, target, top=max(1, len(model.labels)))
    at, blocks = analysis.gradcam.layer, model.engine.architecture.blocks
    layer = next((block.name for block in blocks if block.output == at), at)
    if reason := lacking(model.engine, logit_attribution.REQUIRES):
        return NetworkSide(analysis, layer, None, reason)
    attribution = recorder.of(logit_attribution.compute, photo, analysis.target.index)
    return NetworkSide(analysis, layer, attribution)
