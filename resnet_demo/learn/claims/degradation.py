"""Step 1: deeper plain networks get worse, and not by overfitting. What training both twins says of it.

References:
    He et al. 2015, arXiv:1512.03385, Fig. 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import Any

from resnet_demo.learn.degradation import Run, judge, summary
from resnet_demo.learn.record import bundled, runs_of
from resnet_demo.learn.subject import Subject
from resnet_demo.results.check import Check


def compute(at: Subject) -> Check:  # noqa: ARG001, it was trained beforehand
    """The check of the experiment that comes with the package."""
    found = bundled()
    return check_of(runs_of(found), found["command"])


def check_of(runs: Sequence[Run], command: str) -> Check:
    """The check of trained twins, at least two depths of either kind.

    Args:
        command: what trained them.

    Returns:
        `data["curves"]`: of each kind and depth the errors after each epoch, of training and of test, as
        [mean, lowest, highest] over the seeds.
    """
    rows = {(row["kind"], row["depth"]): row for row in summary(runs)}
    depths = sorted({depth for _, depth in rows})
    values: dict[str, Any] = {"shallow": depths[0], "deep": depths[-1], "command": command}
    values |= {"seeds": rows["plain", depths[0]]["seeds"], "epochs": len(runs[0].train_error)}
    for kind in ("plain", "residual"):
        for name, depth in (("shallow", depths[0]), ("deep", depths[-1])):
            values[f"{kind}_{name}"] = rows[kind, depth]["train_error_mean"]
            values[f"{kind}_{name}_spread"] = rows[kind, depth]["train_error_std"]
            values[f"{kind}_{name}_test"] = rows[kind, depth]["test_error_mean"]
    curves = [
        {
            "kind": kind,
            "depth": depth,
            **{
                name: _spread([getattr(r, name) for r in runs if (r.kind, r.depth) == (kind, depth)])
                for name in ("train_error", "test_error")
            },
        }
        for kind, depth in rows
    ]
    return Check("degradation", judge(list(rows.values()))["holds"], values, {"curves": curves})


def _spread(curves: Sequence[Sequence[float]]) -> list[tuple[float, float, float]]:
    """Mean, lowest and highest after each epoch."""
    return [(mean(errors), min(errors), max(errors)) for errors in zip(*curves, strict=True)]
