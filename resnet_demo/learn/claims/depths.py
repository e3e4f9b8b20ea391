"""Step 10: deeper residual networks are better, and even 152 layers cost less than VGG.

The five depths are built and counted, and stand beside what is published.

References:
    He et al. 2015, arXiv:1512.03385, Tables 1 to 3 and section 4.1.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise

from resnet_demo.learn.check import verdict
from resnet_demo.learn.published import (
    KERAS_APPLICATIONS,
    KERAS_TABLE,
    RESNET_TOP1,
    RESNET_TOP5,
    VGG_MULTIPLY_ADDS,
    WINNERS,
)
from resnet_demo.learn.subject import Subject
from resnet_demo.networks import complexity
from resnet_demo.networks.geometry import PAPER_DEPTHS
from resnet_demo.results.check import Check


def compute(at: Subject) -> Check:
    """The check; it builds the five networks.

    Returns:
        `data["depths"]`: of each `depth` its `layers`, `parameters` and `multiply_adds` as counted, the paper's
        multiply-adds and errors; `data["winners"]` and `data["others"]`, what is published and where.
    """
    rows = []
    for done, depth in enumerate(PAPER_DEPTHS):
        at.progress(done, len(PAPER_DEPTHS))
        row = complexity.row(f"resnet{depth}")
        rows.append(
            {name: row[name] for name in ("layers", "parameters", "multiply_adds", "paper_multiply_adds")}
            | {"depth": depth, "top1": RESNET_TOP1[depth], "top5": RESNET_TOP5.get(depth)}
        )
    better = all(after["top1"] < before["top1"] for before, after in pairwise(rows))
    cheaper = rows[-1]["multiply_adds"] < min(VGG_MULTIPLY_ADDS.values())
    return Check(
        "depths",
        verdict(better and cheaper, better or cheaper),
        {
            "first_error": f"{rows[0]['top1']:.2f}%",
            "before_error": f"{rows[-2]['top1']:.2f}%",
            "last_error": f"{rows[-1]['top1']:.2f}%",
            "last_cost": rows[-1]["multiply_adds"] / 1e9,
            "before_cost": rows[-2]["multiply_adds"] / 1e9,
            "vgg16_cost": VGG_MULTIPLY_ADDS[16] / 1e9,
            "vgg19_cost": VGG_MULTIPLY_ADDS[19] / 1e9,
            "last_parameters": rows[-1]["parameters"],
        },
        {
            "depths": rows,
            "winners": [asdict(winner) for winner in WINNERS],
            "others": [asdict(network) for network in KERAS_APPLICATIONS],
            "others_source": KERAS_TABLE,
        },
    )
