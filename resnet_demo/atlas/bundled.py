"""The atlas that comes with the package: of the bundled weights, and only what the page shows of it.

Made by:

    python -m resnet_demo atlas DATA --weights bundled --lab --out atlas.json
    python tools/bundle_atlas.py atlas.json

where DATA are 60 validation photos of Imagenette, six a class.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from resnet_demo.assets import ATLAS

BUNDLED = ATLAS / "bundled.json"
KEPT = ("ratio", "novelty", "closed_gates", "gradient", "lesion", "ledger")
DIGITS = 4  # significant ones


def trimmed(atlas: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an atlas: blocks with the quantities `KEPT`, and of each class the mean ratio and ledger."""
    named = ("schema_version", "weights", "images", "top1", "correlations", "lesions")
    return _rounded(
        {key: atlas[key] for key in named}
        | {
            "data": {key: atlas["data"][key] for key in ("name", "sha256")},
            "blocks": [{key: block[key] for key in ("name", *KEPT)} for block in atlas["blocks"]],
            "classes": [
                {key: one[key] for key in ("index", "label", "images")}
                | {name: [block[name]["mean"] for block in one["blocks"]] for name in ("ratio", "ledger")}
                for one in atlas["classes"]
            ],
        }
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


@cache
def _bundled() -> dict[str, Any]:
    return json.loads(BUNDLED.read_text("utf-8"))


def atlas_of(sha256: str) -> dict[str, Any] | None:
    """The bundled atlas, where it is of the weights with this hash."""
    found = _bundled()
    return found if found["weights"]["sha256"] == sha256 else None
