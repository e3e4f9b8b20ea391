"""Step 7: where shapes do not match, the shortcut needs a projection. ResNet-34 built with each option, and compared.

References:
    He et al. 2015, arXiv:1512.03385, section 3.3 for the options, Table 3 for their errors.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from resnet_demo.learn.check import verdict
from resnet_demo.learn.subject import Subject
from resnet_demo.networks import complexity
from resnet_demo.networks.blocks import V1_5, basic_block
from resnet_demo.results.check import Check

NETWORKS = {"plain": "resnet34-plain", "A": "resnet34-option-a", "B": "resnet34", "C": "resnet34-option-c"}
PAPER_TOP1 = {
    "plain": 28.54,
    "A": 25.03,
    "B": 24.52,
    "C": 24.19,
}  # Table 3: error in %, ten crops, validation
SIDE, BEFORE, AFTER = 14, 64, 128  # from conv2 to conv3 channels double and sides halve


def compute(at: Subject) -> Check:
    """The check.

    Returns:
        `values`: `channels_without`, of `channels` after a change of shape, in which zero padding leaves y = F
        exactly.
        `data["options"]`: of each network its `parameters`, `multiply_adds` and the paper's `error`.
    """
    rows = {}
    for done, (option, name) in enumerate(NETWORKS.items()):
        at.progress(done, len(NETWORKS))
        rows[option] = complexity.row(name)
    alone = {projection: channels_without_shortcut(projection=projection) for projection in (False, True)}
    plain = rows["plain"]
    free = rows["A"]["parameters"] == plain["parameters"] and rows["A"]["stages"] == plain["stages"]
    return Check(
        "shapes",
        verdict(not free, not free),
        {
            "channels": AFTER,
            "channels_without": len(alone[False]),
            "channels_without_projection": len(alone[True]),
            "added_a": rows["A"]["parameters"] - plain["parameters"],
            "added_b": rows["B"]["parameters"] - plain["parameters"],
            "added_c": rows["C"]["parameters"] - plain["parameters"],
            "share_b": rows["B"]["parameters"] / plain["parameters"] - 1,
            "share_c": rows["C"]["parameters"] / plain["parameters"] - 1,
            **{f"error_{option.lower()}": f"{error:.2f}%" for option, error in PAPER_TOP1.items()},
        },
        {"options": [_option(option, row) for option, row in rows.items()], "stages": plain["stages"]},
    )


def channels_without_shortcut(*, projection: bool) -> list[int]:
    """The channels of a built block in which the sum y is F, bit for bit, on random numbers.

    Args:
        projection: its shortcut is a projection (B, C), else zero padding (A).
    """
    x = keras.Input((SIDE, SIDE, BEFORE))
    y = basic_block(x, AFTER, name="block", style=V1_5, stride=2, projection=projection)
    model = keras.Model(x, y)
    added = model.get_layer("block_add")
    parts = keras.Model(x, [added.input[1], added.output])
    photo = np.random.default_rng(0).normal(size=(1, SIDE, SIDE, BEFORE)).astype(np.float32)
    residual, total = (np.asarray(part) for part in parts(photo))  # (1, 7, 7, 128)
    return np.flatnonzero((residual == total).all(axis=(0, 1, 2))).tolist()


def _option(option: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "option": option,
        "parameters": row["parameters"],
        "multiply_adds": row["multiply_adds"],
        "error": PAPER_TOP1[option],
    }
