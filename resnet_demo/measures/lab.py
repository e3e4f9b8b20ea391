"""The lab table: every block from five sides, how far the sides agree, and the answer as it forms."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError
from resnet_demo.measures import as_it_forms, gradients, lesion, logit_attribution
from resnet_demo.measures.catalogue import MEASURES, left_out
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.analysis import Analysis
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.classes import Prediction
from resnet_demo.results.forms import FORMS
from resnet_demo.results.laboratory import LabRow, LabTable

NAN = float("nan")
OFFERED = tuple(measure for measure in MEASURES if measure.NAME in FORMS)
MEASURED = tuple(
    measure for measure in OFFERED if measure.COST != "on demand"
)  # the others have a button, an option
FIELDS = (gradients.NAME, lesion.NAME, logit_attribution.NAME, as_it_forms.NAME)  # fields of `LabTable`


def lab_table(model: InstrumentedModel, photo: Photo, analysis: Analysis) -> LabTable:
    """Measure a photo in the laboratory, for the class that its analysis explains.

    Args:
        photo: the picture that `analysis` is of. Not modified.
    """
    batch, target = model.batch(photo), analysis.target
    return assemble(model, target, analysis.blocks, lambda m: m.compute(model, batch, [target.index])[0])


def assemble(
    model: InstrumentedModel,
    target: Prediction,
    blocks: tuple[BlockProfile, ...],
    measure: Callable[[ModuleType], Any],
) -> LabTable:
    """The table of one photo for one class, out of what `measure` gives for each of `MEASURED`.

    A measure that this network cannot be asked is left out, with its reason; the others stand.
    """
    found: dict[str, Any] = {}
    missing = left_out(model.engine, MEASURED)
    for module in MEASURED:
        if module.NAME in missing:
            continue
        try:
            found[module.NAME] = measure(module)
        except ArchitectureError as error:  # the ledger's, of what only shows when it is drawn up
            missing[module.NAME] = error
    splits, lesions = found.get(gradients.NAME, ()), found.get(lesion.NAME, ())
    attribution = found.get(logit_attribution.NAME)
    rows = tuple(
        LabRow(
            block=profile.name,
            kind=profile.kind,
            ratio=profile.ratio,
            novelty=profile.novelty,
            gradient=splits[i].ratio if splits else NAN,
            lesion=lesions[i].logit_change if lesions else NAN,
            ledger=attribution.entries[i].contribution if attribution else NAN,
        )
        for i, profile in enumerate(blocks)
    )
    others = {name: record for name, record in found.items() if name not in FIELDS}
    return LabTable(target, rows, splits, lesions, attribution, found.get(as_it_forms.NAME), missing, others)
