"""Step 6 drawn: what three blocks cost, convolution by convolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resnet_demo.results.check import Check
from resnet_demo.views.chart import legend
from resnet_demo.views.learn.bars import Bar, BarRow, bar_table
from resnet_demo.views.markup import Html, element

_LOOKS = {1: "rx-fill-plain", 3: "rx-fill-muted"}
_KINDS = {"basic": "learn_bottleneck_basic", "bottleneck": "learn_bottleneck_bottleneck"}


def draw(check: Check, words: Callable[..., str]) -> Html:
    """A row a block: its convolutions, parameters and multiply-adds."""
    rows: list[BarRow] = [
        (
            words(_KINDS[block["kind"]], width=block["width"]),
            [
                " → ".join(
                    f"{layer['kernel']}×{layer['kernel']}, {layer['filters']}" for layer in block["layers"]
                ),
                _bar(block, "parameters", 1, "{:,.0f}"),
                _bar(block, "multiply_adds", 1e6, "{:,.1f} ×10⁶"),
            ],
        )
        for block in check.data["blocks"]
    ]
    keys = [(look, words("learn_bottleneck_kernel", kernel=kernel)) for kernel, look in _LOOKS.items()]
    head = [
        words("block"),
        words("learn_bottleneck_convolutions"),
        words("parameters"),
        words("multiply_adds"),
    ]
    return element(
        "div",
        legend(keys),
        bar_table(words("learn_bottleneck_caption"), head, rows),
        element("p", words("learn_bottleneck_why"), class_="rx-note"),
        class_="rx-figure",
    )


def _bar(block: dict[str, Any], name: str, unit: float, form: str) -> Bar:
    values = [(layer[name] / unit, _LOOKS[layer["kernel"]]) for layer in block["layers"]]
    return Bar(form.format(sum(value for value, _ in values)), values)
