"""The atlas at hand of the network on show: the one that comes with the package, or a host's own.

The bundled one is of the bundled weights, and only what the page shows of it. Made by:

    python -m resnet_demo atlas DATA --weights bundled --lab --out atlas.json
    python tools/bundle_atlas.py atlas.json

where DATA are 60 validation photos of Imagenette, six a class. For other weights a host names the file that the command
`atlas` wrote in RESNET_DEMO_ATLAS.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from resnet_demo.assets import ATLAS
from resnet_demo.atlas.store import read

BUNDLED = ATLAS / "bundled.json"
SHOWN = ("ratio", "novelty", "closed_gates", "gradient", "lesion", "ledger")
DIGITS = 4  # significant ones
FILE = "RESNET_DEMO_ATLAS"


def trimmed(atlas: dict[str, Any]) -> dict[str, Any]:
    """What the page shows: of the quantities `SHOWN` each block's numbers, and each class's mean and deviation."""
    named = ("schema_version", "weights", "images", "top1", "correlations", "lesions")
    kept = [name for name in SHOWN if name in atlas["blocks"][0]]
    rounded: dict[str, Any] = _rounded(
        {key: atlas[key] for key in named}
        | {
            "data": {key: atlas["data"][key] for key in ("name", "sha256")},
            "blocks": [{key: block[key] for key in ("name", *kept)} for block in atlas["blocks"]],
            "classes": [
                {key: one[key] for key in ("index", "label", "images")}
                | {name: _of_class([block[name] for block in one["blocks"]]) for name in kept}
                for one in atlas["classes"]
            ],
            "scores": {
                method: {
                    layer: {name: {key: one[key] for key in ("mean", "std")} for name, one in values.items()}
                    for layer, values in layers.items()
                }
                for method, layers in atlas["scores"].items()
            },
        }
    )
    return rounded


def _of_class(blocks: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Of so few photos mean and deviation tell more than quantiles, which of a class are coarse besides."""
    return {key: [one[key] for one in blocks] for key in ("mean", "std")}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


@cache
def _bundled() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(BUNDLED.read_text("utf-8"))
    return found


@cache
def _named(path: str) -> dict[str, Any]:
    return trimmed(read(Path(path)))


def atlas_of(sha256: str) -> dict[str, Any] | None:
    """The atlas of the weights with this hash, if one is at hand: the file in RESNET_DEMO_ATLAS, or the bundled one.

    Raises:
        OptionError: that file is no atlas.
    """
    named = os.environ.get(FILE)
    for found in (_named(named) if named else None, _bundled()):
        if found is not None and found["weights"]["sha256"] == sha256:
            return found
    return None
