"""Columns in groups over whole numbers 0, 1, 2, …, from a common zero line, upwards and downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resnet_demo.views.axes import Axis
from resnet_demo.views.chart import chart, down, text
from resnet_demo.views.markup import Html, element, part_of_whole

_TOP, _BOTTOM, _LEFT, _RIGHT = 12, 42, 44, 6  # pixels around the plot
_HEIGHT = 190
_FILLED = 0.8  # of a group's width


@dataclass(frozen=True)
class Series:
    """One colour's columns: the class that colours them; of each group a value, a label, and how far it may be off."""

    look: str
    values: Sequence[float]
    labels: Sequence[str]
    spread: Sequence[float] = ()


def column_chart(
    series: Sequence[Series], names: Sequence[str], y: Axis, *, x_title: str, label: str
) -> Html:
    """Return the SVG.

    Args:
        names: what stands below each group.
        y: what is drawn, and 0, lie within it.
        label: its alternative text.
    """
    group = 1 / len(names)
    width = group * _FILLED / len(series)
    drawn: list[Html] = []
    for tick, written in zip(y.ticks, y.labels, strict=True):
        y_line = _down(y, tick)
        class_ = "rx-zero" if tick == 0 else "rx-gridline"
        drawn.append(element("line", x1=0, x2="100%", y1=y_line, y2=y_line, class_=class_))
        drawn.append(text(written, -8, y_line + 4, "rx-tick", text_anchor="end"))
    for i, name in enumerate(names):
        for j, one in enumerate(series):
            left = i * group + group * (1 - _FILLED) / 2 + j * width
            drawn.append(_column(one, i, left, width, y))
            if one.spread and one.spread[i]:
                drawn.append(_whisker(one.values[i], one.spread[i], left + width / 2, y))
        look = "rx-tick rx-every-other" if i % 2 and len(names) > 10 else "rx-tick"  # where it is narrow
        drawn.append(text(name, part_of_whole((i + 0.5) * group), _HEIGHT + 18, look, text_anchor="middle"))
    title = text(x_title, "50%", _HEIGHT + 36, "rx-axis-title", text_anchor="middle")
    return chart(
        down(_TOP, *drawn, title),
        left=_LEFT,
        right=_RIGHT,
        height=_TOP + _HEIGHT + _BOTTOM,
        label=label,
    )


def _column(series: Series, i: int, left: float, width: float, y: Axis) -> Html:
    end, zero = _down(y, series.values[i]), _down(y, 0.0)
    return element(
        "rect",
        element("title", series.labels[i]),
        x=part_of_whole(left),
        y=min(end, zero),
        width=part_of_whole(width),
        height=max(abs(end - zero), 0.5),
        class_=series.look,
    )


def _whisker(value: float, spread: float, middle: float, y: Axis) -> Html:
    """From one spread below the value to one above it, no further than the plot."""
    ends = (_down(y, max(y.low, value - spread)), _down(y, min(y.high, value + spread)))
    at = part_of_whole(middle)
    return element("line", x1=at, x2=at, y1=ends[0], y2=ends[1], class_="rx-whisker")


def _down(y: Axis, value: float) -> float:
    return (1 - y.fraction(value)) * _HEIGHT
