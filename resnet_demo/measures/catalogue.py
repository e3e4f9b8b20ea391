"""Every measure, in one tuple.

The laboratory, its endpoints and tools, and `analyze --lab --json` loop over it; page and report draw each measure in a
way of its own (`views/`), and a test tells which of them the report lacks.

A measure is a module of this package with

    NAME        its name in results
    REQUIRES    what of `Architecture.capabilities` it needs
    COST        one of `COSTS`
    compute(model, batch, targets, *, …) -> tuple, one record an image

where `batch` is float32 (N, h, w, 3), preprocessed, and `targets` are N class indices or None, for the top class; they
do not matter to a measure whose record is of no class. Image N's record does not depend on what else is in the batch.
Options after the `*` have defaults.

A measure that takes no more than a photo and a class has a form for callers too, in `results/forms.py`. `gates` and
`attribution` answer to what is chosen on the page, and are asked from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from resnet_demo.engine.engine import Engine
from resnet_demo.errors import ArchitectureError
from resnet_demo.measures import (
    as_it_forms,
    attribution,
    classification,
    double_lesion,
    feature_maps,
    gates,
    gradcam,
    gradients,
    lesion,
    logit_attribution,
    residual,
    split,
)
from resnet_demo.measures.requirements import lacking

COSTS = {  # in forward passes of a ResNet50; docs/performance.md
    "forward": "one forward pass, and up to as much again",
    "backward": "a forward pass and one back to its layer, up to 3",
    "growing": "half a forward pass for each block",
    "on demand": "more, and only where it is asked for by name",
}

MEASURES: tuple[ModuleType, ...] = (
    classification,
    gradcam,
    feature_maps,
    residual,
    gradients,
    lesion,
    logit_attribution,
    split,
    as_it_forms,
    gates,
    attribution,
    double_lesion,
)


def left_out(engine: Engine, measures: Iterable[ModuleType] = MEASURES) -> dict[str, ArchitectureError]:
    """Those of the measures that this network cannot be asked, by name, and why."""
    reasons = {measure.NAME: lacking(engine, measure.REQUIRES) for measure in measures}
    return {name: reason for name, reason in reasons.items() if reason}
