"""Step 5 drawn: the gradient through shortcut and residual branch, and by how much the tutorials' form misses it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from resnet_demo.results.check import Check
from resnet_demo.views.axes import make_axis
from resnet_demo.views.chart import block_group, chart, down, number_table, text, tick_labels, vertical_lines
from resnet_demo.views.markup import Html, element, join, part_of_whole
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number, percent, power_of_ten
from resnet_demo.views.profile import ProfileBar, profile

_ROW, _TOP, _LEFT, _RIGHT = 22, 24, 106, 52  # pixels


def draw(check: Check, words: Words) -> Html:
    """The two charts side by side, and their numbers as a table."""
    rows = check.data["blocks"]
    largest = max(max(row["shortcut"], row["residual"]) for row in rows) or 1.0
    power = math.floor(math.log10(largest))
    bars = [
        ProfileBar(
            row["name"],
            row["stage"],
            row["kind"],
            row["shortcut"] / 10.0**power,
            row["residual"] / 10.0**power,
        )
        for row in rows
    ]
    title, unit = words("learn_gradient_split_split"), words("unit_gradient", power=power_of_ten(power))
    split = profile(bars, words.for_profile(), measure=unit, alt=title)
    return element(
        "div",
        element(
            "div",
            element("div", element("h4", title), split),
            element("div", element("h4", words("learn_gradient_split_missed")), _missed(rows, words)),
            class_="rx-pair",
        ),
        _table(rows, words),
        class_="rx-figure",
    )


def _missed(rows: list[dict[str, Any]], words: Words) -> Html:
    """A bar a block: ‖tutorials' form − ∂L/∂x‖ / ‖∂L/∂x‖."""
    axis = make_axis([row["output"] or 0.0 for row in rows])
    axis = replace(axis, labels=tuple(f"{100 * tick:.0f}%" for tick in axis.ticks))
    drawn = [tick_labels(axis, 14), down(_TOP, vertical_lines(axis, _ROW * len(rows)))]
    for i, row in enumerate(rows):
        off = row["output"]
        shown = words("learn_gradient_split_none") if off is None else percent(off)
        end = part_of_whole(axis.fraction(off or 0.0))
        bar = element("rect", y=5, width=end, height=12, rx=2, class_="rx-bar-negative")
        drawn.append(
            down(
                _TOP + i * _ROW,
                block_group(
                    text(row["name"], 10 - _LEFT, 15),
                    bar if off is not None else "",
                    text(shown, end, 15, "rx-value", dx=5),
                    block=None,
                    label=f"{row['name']}: {shown}",
                ),
            )
        )
    height = _TOP + _ROW * len(rows) + 4
    note = element("p", words("learn_gradient_split_note"), class_="rx-note")
    return join(
        [
            chart(
                join(drawn),
                left=_LEFT,
                right=_RIGHT,
                height=height,
                label=words("learn_gradient_split_missed"),
            ),
            note,
        ]
    )


def _table(rows: list[dict[str, Any]], words: Words) -> Html:
    header = [
        words("block"),
        words("kind"),
        "rms g_S",
        "rms g_F",
        "cos(g_S, g_F)",
        words("closed_gates"),
        words("learn_gradient_split_as_output"),
        words("learn_gradient_split_as_sum"),
        words("learn_gradient_split_corrected"),
    ]

    def off(value: float | None) -> str:
        return words("learn_gradient_split_none") if value is None else number(value, 2)

    body = [
        [
            row["name"],
            words(row["kind"]),
            number(row["shortcut"]),
            number(row["residual"]),
            "–" if row["cosine"] is None else number(row["cosine"], 2),
            percent(row["closed"]),
            off(row["output"]),
            off(row["sum"]),
            off(row["corrected"]),
        ]
        for row in rows
    ]
    return number_table(words("as_table"), header, body)
