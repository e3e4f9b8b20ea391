"""Curves over the same steps, from 0 to 1 each, in one small chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_demo.views.axes import Axis
from resnet_demo.views.chart import legend, number_table
from resnet_demo.views.learn.lines import Line, line_chart
from resnet_demo.views.markup import Html, element
from resnet_demo.views.number_format import percent

_PERCENT = ("0%", "50%", "100%")
_LOOKS = {"accent": "rx-depth-2", "muted": "rx-depth-0"}


@dataclass(frozen=True)
class CurveLine:
    """One curve: its name, its values from 0 to 1, and how it is drawn."""

    name: str
    values: Sequence[float]
    tone: Literal["accent", "muted"]


def curves(lines: Sequence[CurveLine], *, x_title: str, y_title: str, alt: str) -> Html:
    """Return the chart with its legend; x runs from 0 % to 100 %.

    Args:
        lines: the curves; the first lies on top.
        x_title: what is changed from left to right.
        y_title: what is read upwards.
        alt: what the picture shows, in a sentence.
    """
    drawn = [
        Line(_points(line.values), "", _LOOKS[line.tone], dashed=line.tone == "muted")
        for line in reversed(lines)
    ]
    axis = Axis(0, 1, (0.0, 0.5, 1.0), _PERCENT)
    return element(
        "figure",
        legend([(f"rx-fill-line-{line.tone}", line.name) for line in lines], f"↑ {y_title}"),
        line_chart(drawn, axis, axis, x_title=x_title, label=alt, height=150, right=16),
        class_="rx-figure",
    )


def _points(values: Sequence[float]) -> list[tuple[float, float]]:
    return [(i / (len(values) - 1), value) for i, value in enumerate(values)]


def curves_table(summary: str, x_title: str, lines: Sequence[CurveLine]) -> Html:
    """Return the curves' numbers as a table that opens on a click."""
    last = len(lines[0].values) - 1
    rows = [[f"{100 * i / last:.0f}%", *(percent(line.values[i]) for line in lines)] for i in range(last + 1)]
    return number_table(summary, [x_title, *(line.name for line in lines)], rows)
