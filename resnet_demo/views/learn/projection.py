"""Step 8 drawn: every block with its shapes, and what its two branches cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resnet_demo.results.check import Check
from resnet_demo.views.chart import legend
from resnet_demo.views.learn.bars import Bar, BarRow, bar_table
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.network_strip import StripStage, network_strip

_KINDS = {"projection": "learn_projection_projection", "identity": "learn_projection_identity"}


def draw(check: Check, words: Words) -> Html:
    """The network as a strip, then a row a block."""
    blocks = check.data["blocks"]
    keys = [("rx-fill-shortcut", words("shortcut")), ("rx-fill-residual", words("residual"))]
    head = [
        words("block"),
        words("kind"),
        words("parameters"),
        words("multiply_adds"),
        words("learn_projection_shapes"),
    ]
    rows: list[BarRow] = [
        (
            block["name"],
            [
                words(_KINDS[block["kind"]]),
                _bar(block, "parameters", 1, "{:,.0f}"),
                _bar(block, "multiply_adds", 1e6, "{:,.1f} ×10⁶"),
                f"{_shape(block['before'])} → {_shape(block['after'])}",
            ],
        )
        for block in blocks
    ]
    return element(
        "div",
        _strip(blocks, words),
        legend(keys),
        bar_table(words("learn_projection_caption"), head, rows),
        class_="rx-figure",
    )


def _strip(blocks: Sequence[dict[str, Any]], words: Words) -> Html:
    stages: dict[str, list[dict[str, Any]]] = {}
    for block in blocks:
        stages.setdefault(block["stage"], []).append(block)
    strip = [
        StripStage(name, _shape(own[-1]["after"]), [b["kind"] for b in own]) for name, own in stages.items()
    ]
    return network_strip(strip, words.for_strip(), alt=words("learn_projection_caption"))


def _shape(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def _bar(block: dict[str, Any], name: str, unit: float, form: str) -> Bar:
    parts = [
        (block["shortcut"][name] / unit, "rx-fill-shortcut"),
        (block["residual"][name] / unit, "rx-fill-residual"),
    ]
    return Bar(form.format(sum(value for value, _ in parts)), parts)
