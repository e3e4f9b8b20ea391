"""A chart of lines with bands, whose letters keep their size while the lines stretch to the width there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resnet_demo.views.axes import Axis
from resnet_demo.views.chart import at_right, chart, down, text, tick_labels
from resnet_demo.views.markup import Html, element, join

_TOP, _TICKS, _TITLE = 10, 22, 18  # pixels above the plot, and below it for ticks and title
_LETTERS = 14  # pixels between the names at the lines' ends


@dataclass(frozen=True)
class Line:
    """One line: its points from left to right, the name at its end, and how it looks.

    Attributes:
        points: (x, y).
        name: written at its right end; "" for none.
        look: a CSS class that gives the colour, "rx-depth-2".
        band: lowest and highest y at each x; none where empty.
        dashed: drawn so.
    """

    points: Sequence[tuple[float, float]]
    name: str
    look: str
    band: Sequence[tuple[float, float]] = ()
    dashed: bool = False


def line_chart(
    lines: Sequence[Line],
    x: Axis,
    y: Axis,
    *,
    x_title: str,
    label: str,
    height: float = 200,
    left: float = 44,
    right: float = 84,
) -> Html:
    """Return the SVG.

    Args:
        lines: the last is drawn on top.
        x, y: what is drawn lies within them.
        x_title: below the ticks; "" for none.
        label: its alternative text.
        height: pixels of the plot.
        left, right: pixels for the ticks of y and for the names.
    """
    drawn = [
        *(_gridline(y, tick, label, height) for tick, label in zip(y.ticks, y.labels, strict=True)),
        element(
            "svg",
            join(_band(line, x, y) for line in lines if line.band),
            join(_line(line, x, y) for line in lines),
            width="100%",
            height=height,
            viewBox="0 0 100 100",
            preserveAspectRatio="none",
            class_="rx-plot",
        ),
        at_right(join(_names(lines, y, height))),
        tick_labels(x, height + 16),
        text(x_title, "50%", height + 34, "rx-axis-title", text_anchor="middle"),
    ]
    return chart(
        down(_TOP, *drawn),
        left=left,
        right=right,
        height=_TOP + height + _TICKS + (_TITLE if x_title else 0),
        label=label,
    )


def _gridline(y: Axis, tick: float, label: str, height: float) -> Html:
    y_line = (1 - y.fraction(tick)) * height
    return join(
        [
            element("line", x1=0, x2="100%", y1=y_line, y2=y_line, class_="rx-gridline"),
            text(label, -8, y_line + 4, "rx-tick", text_anchor="end"),
        ]
    )


def _points(pairs: Sequence[tuple[float, float]], x: Axis, y: Axis) -> str:
    return " ".join(f"{100 * x.fraction(a):.2f},{100 - 100 * y.fraction(b):.2f}" for a, b in pairs)


def _line(line: Line, x: Axis, y: Axis) -> Html:
    return element(
        "polyline",
        points=_points(line.points, x, y),
        class_=f"rx-curve {line.look}",
        vector_effect="non-scaling-stroke",
        stroke_dasharray="5 4" if line.dashed else None,
    )


def _band(line: Line, x: Axis, y: Axis) -> Html:
    across = [a for a, _ in line.points]
    above = list(zip(across, (high for _, high in line.band), strict=True))
    below = list(zip(across, (low for low, _ in line.band), strict=True))[::-1]
    return element("polygon", points=_points([*above, *below], x, y), class_=f"rx-curve-band {line.look}")


def _names(lines: Sequence[Line], y: Axis, height: float) -> list[Html]:
    """The names at the lines' ends, moved apart where they would lie on each other."""
    named = sorted((line for line in lines if line.name), key=lambda line: -line.points[-1][1])
    label_ys = [(1 - y.fraction(line.points[-1][1])) * height for line in named]
    for i in range(1, len(label_ys)):
        label_ys[i] = max(label_ys[i], label_ys[i - 1] + _LETTERS)
    excess = max(0.0, label_ys[-1] - height) if label_ys else 0.0
    for i in reversed(range(len(label_ys))):  # those at the bottom push up
        label_ys[i] = min(label_ys[i], height - _LETTERS * (len(label_ys) - 1 - i)) if excess else label_ys[i]
    return [
        text(line.name, 8, label_y + 4, f"rx-label rx-curve-name {line.look}")
        for line, label_y in zip(named, label_ys, strict=True)
    ]
