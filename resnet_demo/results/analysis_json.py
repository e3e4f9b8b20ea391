"""`analysis.json`, which a JSON Schema describes: `schema/analysis.schema.json`.

`SCHEMA_VERSION` rises when a key changes its meaning or goes; a new key leaves it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from resnet_demo.results import json_form
from resnet_demo.results.forms import FORMS

if TYPE_CHECKING:
    from resnet_demo.results.analysis import Analysis
    from resnet_demo.results.laboratory import LabTable

SCHEMA_VERSION = "1.0"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `analysis`."""
    found: dict[str, Any] = json.loads(
        (files(__package__) / "schema" / "analysis.schema.json").read_text("utf-8")
    )
    return found


def analysis(found: Analysis, lab: LabTable | None = None) -> dict[str, Any]:
    """`analysis.json`: every number of an analysis, and with `lab`, of the same photo and class, the laboratory's."""
    numbers = {
        "schema_version": SCHEMA_VERSION,
        "image": asdict(found.image),
        "weights": asdict(found.weights),
        "network": found.network,
        "predictions": [json_form.prediction(p) for p in found.predictions],
        "target": {
            "index": found.target.index,
            "label": found.target.label.english,
            "logit": found.target.logit,
        },
        "gradcam": {
            "layer": found.gradcam.layer,
            "maximum": float(found.gradcam.gradcam.max()),
            "mean": float(found.gradcam.gradcam.mean(dtype=np.float64)),
        },
        "stages": [{"name": s.name} | json_form.channels(s) for s in found.stages],
        "blocks": json_form.blocks(found.blocks),
    }
    left = dict(found.left_out)
    if lab is not None:
        _add_laboratory(numbers, lab)
        left |= lab.left_out
    if left:
        numbers["left_out"] = json_form.left_out(left)
    return json_form.plain(numbers)


def _add_laboratory(numbers: dict[str, Any], lab: LabTable) -> None:
    for block, split in zip(numbers["blocks"], lab.gradients, strict=False):
        block["gradient"] = {
            name: getattr(split, name) for name in ("shortcut_rms", "residual_rms", "cosine")
        }
    for block, one in zip(numbers["blocks"], lab.lesions, strict=False):
        changes = {name: getattr(one, name) for name in ("logit_change", "probability_change")}
        block["lesion"] = changes | {"top1": one.top1.index}
    if lab.logit_attribution is not None:
        for block, entry in zip(numbers["blocks"], lab.logit_attribution.entries, strict=True):
            block["ledger"] = entry.contribution
        numbers["ledger"] = json_form.logit_attribution(lab.logit_attribution)
    if lab.as_it_forms is not None:
        numbers["as_it_forms"] = json_form.as_it_forms(lab.as_it_forms)
    numbers.update({name: FORMS[name].write(record) for name, record in lab.others.items()})
