"""A scatter of any two columns over the blocks: the shape tells the stage, the filling the kind."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from resnet_demo.views.axes import Axis, Scale, make_axis
from resnet_demo.views.chart import at_right, block_group, chart, down, text, tick_labels, vertical_lines
from resnet_demo.views.markup import Html, element, join, part_of_whole
from resnet_demo.views.number_format import number, text_width

_HEIGHT = 340
_TOP = 30
_BOTTOM = 44
_RIGHT = 16
_MARK = 6  # half a mark's size
_LETTERS = 11
# Labels are placed for a narrow page; a wider one only moves them further apart.
_NARROWEST = 300
_CROWDED = 0.2  # of a label's area covered

_SHAPES = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",  # circle
    "M-4.6-4.6h9.2v9.2h-9.2z",  # square
    "M0-6L5.6 4.4H-5.6z",  # triangle
    "M0-6.4L6.4 0L0 6.4L-6.4 0z",  # diamond
    "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",  # cross
)

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class Slot:
    """Where a label stands from its mark: `dx`, baseline `dy`, text-anchor.

    A `crowded` label would cover others; it shows only while its mark is pointed at, focused or selected.
    """

    dx: float
    dy: float
    anchor: Literal["start", "middle", "end"]
    crowded: bool = False


# best first
_SLOTS = (
    Slot(9, 4, "start"),
    Slot(-9, 4, "end"),
    Slot(0, -10, "middle"),
    Slot(0, 18, "middle"),
    Slot(7, -7, "start"),
    Slot(7, 15, "start"),
    Slot(-7, -7, "end"),
    Slot(-7, 15, "end"),
)


@dataclass(frozen=True)
class ScatterPoint:
    """One block; `label` is written beside its mark and may be shorter than the name."""

    name: str
    label: str
    stage: str
    kind: Literal["projection", "identity"]
    x: float
    y: float


@dataclass(frozen=True)
class ScatterWords:
    """Words of the scatter; {name}, {x_title}, {x}, {y_title} and {y} are filled in."""

    point: str = "{name}: {x_title} {x}, {y_title} {y}"
    projection: str = "projection block"
    identity: str = "identity block"


def scatter(
    points: Sequence[ScatterPoint],
    x_title: str,
    y_title: str,
    words: ScatterWords,
    *,
    alt: str,
    correlation: str = "",
    x_scale: Scale = "auto",
    y_scale: Scale = "auto",
    selected: str | None = None,
) -> Html:
    """Return the scatter with its legend.

    Args:
        points: the blocks, in network order.
        x_title, y_title: names of the horizontal and of the vertical column.
        words: the words on it.
        alt: what the picture shows, in a sentence.
        correlation: the rank correlation, as written in the corner, e.g. "ρ = 0.31".
        x_scale, y_scale: "linear", "symlog", or "auto": symlog where a linear axis would squeeze most points together.
        selected: name of the block whose details are shown, if any.

    Raises:
        OptionError: a number that is not finite, or another scale.
    """
    across = make_axis([point.x for point in points], scale=x_scale, bars=False)
    up = make_axis([point.y for point in points], scale=y_scale, bars=False)
    left = 14 + max(text_width(label, _LETTERS) for label in up.labels)
    inner = _HEIGHT - _TOP - _BOTTOM
    spots = [(across.fraction(point.x), inner * (1 - up.fraction(point.y))) for point in points]
    slots = _slot_labels([point.label for point in points], spots, inner)
    shapes = _shapes([point.stage for point in points])
    marks = [
        _mark(point, spot, slot, shapes[point.stage], words, x_title, y_title, point.name == selected)
        for point, spot, slot in zip(points, spots, slots, strict=True)
    ]
    return element(
        "figure",
        _legend(shapes, words),
        chart(
            text(f"↑ {y_title}", 2 - left, 14, "rx-axis-title"),
            down(
                _TOP,
                vertical_lines(across, inner),
                tick_labels(across, inner + 16),
                _horizontal_grid(up, inner),
                join(marks),
            ),
            at_right(
                text(f"{x_title} →", 0, _HEIGHT - 8, "rx-axis-title", text_anchor="end"),
                text(correlation, 0, 14, "rx-value rx-strong", text_anchor="end"),
            ),
            left=left,
            right=_RIGHT,
            height=_HEIGHT,
            label=alt,
        ),
        class_="rx-figure rx-scatter",
    )


def _shapes(stages: Sequence[str]) -> dict[str, str]:
    """A stage's mark, by its name."""
    return {stage: _SHAPES[i % len(_SHAPES)] for i, stage in enumerate(dict.fromkeys(stages))}


def _horizontal_grid(up: Axis, inner: float) -> Html:
    lines: list[str] = []
    for value, label in zip(up.ticks, up.labels, strict=True):
        y = inner * (1 - up.fraction(value))
        class_ = "rx-zero" if value == 0 else "rx-gridline"
        lines.append(element("line", x1=0, x2="100%", y1=y, y2=y, class_=class_))
        lines.append(text(label, -6, y + 4, "rx-tick", text_anchor="end"))
    return join(lines)


def _mark(
    point: ScatterPoint,
    spot: tuple[float, float],
    slot: Slot,
    shape: str,
    words: ScatterWords,
    x_title: str,
    y_title: str,
    selected: bool,
) -> Html:
    filling = "rx-mark-projection" if point.kind == "projection" else "rx-mark-identity"
    drawn = element(
        "svg",
        element("circle", r=13, class_="rx-hit"),
        element("path", d=shape, class_=f"rx-mark {filling}"),
        text(
            point.label,
            slot.dx,
            slot.dy,
            "rx-mark-label rx-crowded" if slot.crowded else "rx-mark-label",
            text_anchor=slot.anchor,
        ),
        class_="rx-plot",
        x=part_of_whole(spot[0]),
        y=spot[1],
        width="1",
        height="1",
    )
    label = words.point.format(
        name=point.name, x_title=x_title, x=number(point.x), y_title=y_title, y=number(point.y)
    )
    return block_group(drawn, block=point.name, label=label, selected=selected)


def _slot_labels(labels: list[str], spots: list[tuple[float, float]], inner: float) -> list[Slot]:
    """Give each label the slot that covers least of the marks and of the labels placed before it."""
    centers = [(x * _NARROWEST, y) for x, y in spots]
    taken: list[Rectangle] = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in centers]
    chosen: list[Slot] = []
    for label, (x, y) in zip(labels, centers, strict=True):
        width = text_width(label, _LETTERS)
        boxes = [_label_box(x + slot.dx, y + slot.dy, width, slot.anchor) for slot in _SLOTS]
        costs = [sum(_overlap(box, other) for other in taken) + _outside(box, inner) for box in boxes]
        best = costs.index(min(costs))
        crowded = costs[best] > _CROWDED * width * _LETTERS
        if not crowded:
            taken.append(boxes[best])
        chosen.append(replace(_SLOTS[best], crowded=crowded))
    return chosen


def _label_box(x: float, baseline: float, width: float, anchor: str) -> Rectangle:
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    return left, baseline - 0.8 * _LETTERS, left + width, baseline + 0.2 * _LETTERS


def _overlap(a: Rectangle, b: Rectangle) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)


def _outside(box: Rectangle, inner: float) -> float:
    beyond = max(0, -box[0]) + max(0, box[2] - _NARROWEST - _RIGHT) + max(0, -box[1]) + max(0, box[3] - inner)
    return 1000 * beyond


def _legend(shapes: dict[str, str], words: ScatterWords) -> Html:
    solid = [(shape, "rx-mark-identity", stage) for stage, shape in shapes.items()]
    kinds = [
        (_SHAPES[0], "rx-mark-projection", words.projection),
        (_SHAPES[0], "rx-mark-identity", words.identity),
    ]
    items = [
        element(
            "span",
            element(
                "svg",
                element("path", d=shape, class_=f"rx-mark {filling}"),
                viewBox="-8 -8 16 16",
                width="14",
                height="14",
            ),
            word,
            class_="rx-legend-item",
        )
        for shape, filling, word in [*solid, *kinds]
    ]
    return element("div", join(items), class_="rx-legend", aria_hidden="true")
