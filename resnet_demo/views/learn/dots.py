"""A chart of dots over whole numbers: filled where the answer is still the same, hollow where it is another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resnet_demo.views.axes import Axis
from resnet_demo.views.chart import chart, down, text, tick_labels
from resnet_demo.views.markup import Html, element, part_of_whole

_TOP, _BOTTOM, _LEFT, _RIGHT = 30, 42, 44, 16  # pixels around the plot
_HEIGHT = 190


@dataclass(frozen=True)
class Dot:
    """One dot; `label` says what it is."""

    x: float
    y: float
    filled: bool
    label: str


def dot_chart(
    dots: Sequence[Dot], x: Axis, y: Axis, *, level: float, x_title: str, y_title: str, label: str
) -> Html:
    """Return the SVG.

    Args:
        x, y: what is drawn lies within them.
        level: where a line lies to compare with.
        label: its alternative text.
    """
    lines = [_line(y, tick, "rx-gridline") for tick in y.ticks]
    ticks = [
        text(written, -8, _down(y, tick) + 4, "rx-tick", text_anchor="end")
        for tick, written in zip(y.ticks, y.labels, strict=True)
    ]
    marks = [
        element(
            "circle",
            element("title", dot.label),
            cx=part_of_whole(x.fraction(dot.x)),
            cy=_down(y, dot.y),
            r=4.5,
            class_="rx-dot" if dot.filled else "rx-dot rx-dot-hollow",
        )
        for dot in dots
    ]
    return chart(
        down(
            _TOP,
            *lines,
            _line(y, level, "rx-level"),
            *ticks,
            *marks,
            tick_labels(x, _HEIGHT + 18),
            text(x_title, "50%", _HEIGHT + 36, "rx-axis-title", text_anchor="middle"),
        ),
        text(y_title, 4 - _LEFT, 14, "rx-axis-title"),
        left=_LEFT,
        right=_RIGHT,
        height=_TOP + _HEIGHT + _BOTTOM,
        label=label,
    )


def _down(y: Axis, value: float) -> float:
    return (1 - y.fraction(value)) * _HEIGHT


def _line(y: Axis, value: float, class_: str) -> Html:
    y_line = _down(y, value)
    return element("line", x1=0, x2="100%", y1=y_line, y2=y_line, class_=class_)
