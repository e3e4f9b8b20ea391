"""Every number of every block in one table: for blocks.csv, and for reports."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from resnet_demo.results.dossier import Dossier

TENSORS = ("shortcut", "residual", "sum", "output")
MAGNITUDES = ("mean_magnitude", "rms", "std")
QUANTITIES = ("ratio", "cosine", "novelty", "closed_gates", "change")
ENERGIES = ("shortcut", "residual", "cross")


def rows(found: Dossier) -> list[dict[str, Any]]:
    """A row a block; None where a number is not defined or was not measured. Names are those of analysis.json."""
    return [_row(block) for block in found.numbers["blocks"]]


def _row(block: Mapping[str, Any]) -> dict[str, Any]:
    height, width, channels = block["shape"]
    row: dict[str, Any] = {
        "block": block["name"],
        "kind": block["kind"],
        "height": height,
        "width": width,
        "channels": channels,
    }
    row |= {f"{tensor}_{what}": block[tensor][what] for tensor in TENSORS for what in MAGNITUDES}
    row |= {name: block[name] for name in QUANTITIES}
    row |= {f"energy_{name}": block["energy"][name] for name in ENERGIES}
    gradient, lesion = block.get("gradient", {}), block.get("lesion", {})
    row |= {f"gradient_{name}": gradient.get(name) for name in ("shortcut_rms", "residual_rms", "cosine")}
    row |= {f"lesion_{name}": lesion.get(name) for name in ("logit_change", "probability_change", "top1")}
    return row | {"ledger": block.get("ledger")}


def as_csv(table: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV with a header; what is None is empty. "" without rows."""
    if not table:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()
