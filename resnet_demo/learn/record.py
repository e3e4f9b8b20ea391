"""The bundled experiment: what `python -m resnet_demo degradation` found, with the command that made it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from resnet_demo.assets import LEARN
from resnet_demo.learn.degradation import BATCH, DATA, RATE, Run, judge, summary

BUNDLED = LEARN / "degradation.json"
DIGITS_KEPT = 5  # of losses and errors


def record(runs: Sequence[Run], command: str) -> dict[str, Any]:
    """The whole experiment as plain JSON types."""
    rows = summary(runs)
    return {
        "command": command,
        "data": DATA,
        "training": f"SGD, momentum 0.9, rate {RATE} falling to 0 along a cosine, batches of {BATCH}",
        "summary": rows,
        "verdict": judge(rows),
        "runs": [_rounded(asdict(run)) for run in runs],
    }


def _rounded(run: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [round(v, DIGITS_KEPT) for v in value] if isinstance(value, tuple) else value
        for name, value in run.items()
    }


def write(path: Path, found: dict[str, Any]) -> None:
    """Write a record as JSON, a curve a line."""
    head = json.dumps({k: v for k, v in found.items() if k != "runs"}, ensure_ascii=False, indent=1)
    runs = ",\n  ".join(json.dumps(run) for run in found["runs"])
    path.write_text(f'{head[:-2]},\n "runs": [\n  {runs}\n ]\n}}\n', "utf-8")


@cache
def bundled() -> dict[str, Any]:
    """The record that comes with the package."""
    found: dict[str, Any] = json.loads(BUNDLED.read_text("utf-8"))
    return found


def runs_of(found: dict[str, Any]) -> list[Run]:
    """The runs of a record."""

    def run(fields: dict[str, Any]) -> Run:
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
        return Run(**values)

    return [run(fields) for fields in found["runs"]]
