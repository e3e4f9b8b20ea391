"""Bands: for each block the range that is typical, its mean, and where one photo lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from resnet_demo.views.axes import Axis, make_axis
from resnet_demo.views.chart import (
    at_right,
    block_group,
    chart,
    down,
    legend,
    row_background,
    text,
    tick_labels,
    vertical_lines,
)
from resnet_demo.views.markup import Html, element, join, part_of_whole
from resnet_demo.views.number_format import number

_AXIS = 22  # pixels above the first row, for the tick labels
_ROW = 24
_LEFT = 106  # the blocks' names
_RIGHT = 56  # the means
_MARK = "M0-6L5 0L0 6L-5 0z"


@dataclass(frozen=True)
class Band:
    """One block: its typical range and mean, the range of a larger whole behind them, and one photo's value."""

    name: str
    stage: str
    low: float
    high: float
    mean: float
    whole: tuple[float, float] | None = None
    own: float | None = None


def bands(
    rows: Sequence[Band], *, keys: Sequence[tuple[str, str]], label: str, alt: str, selected: str = ""
) -> Html:
    """Return the chart with its legend.

    Args:
        rows: the blocks, in network order; every number finite.
        keys: the legend: (class of the swatch, word).
        label: what a row says to who does not see it, with {name}, {low}, {high} and {mean}.
        alt: what the picture shows, in a sentence.
        selected: name of the block whose details are shown, if any.
    """
    values = [v for row in rows for v in (row.low, row.high, row.mean, *(row.whole or ()))]
    axis = make_axis([*values, *(row.own for row in rows if row.own is not None)], bars=False)
    drawn: list[str] = [tick_labels(axis, 16)]
    y = _AXIS
    for index, (_, members) in enumerate(groupby(rows, key=lambda row: row.stage)):
        some = list(members)
        height = _ROW * len(some)
        back = row_background("rx-band", _LEFT, _RIGHT, height) if index % 2 == 0 else Html("")
        drawn.append(down(y, back, vertical_lines(axis, height)))
        for row in some:
            drawn.append(down(y, _row(row, axis, label, selected=row.name == selected)))
            y += _ROW
    return element(
        "figure",
        legend(keys),
        chart(join(drawn), left=_LEFT, right=_RIGHT, height=y + 4, label=alt),
        class_="rx-figure",
    )


def _row(row: Band, axis: Axis, label: str, *, selected: bool) -> Html:
    parts: list[str] = [
        row_background("rx-hit", _LEFT, _RIGHT, _ROW),
        text(row.name, 10 - _LEFT, _ROW / 2 + 4),
    ]
    if row.whole:
        parts.append(_range(axis, *row.whole, 4, "rx-range-whole"))
    parts.append(_range(axis, row.low, row.high, 8, "rx-range"))
    mean = part_of_whole(axis.fraction(row.mean))
    parts.append(element("line", x1=mean, x2=mean, y1=5, y2=_ROW - 5, class_="rx-range-mean"))
    if row.own is not None:
        mark = element("path", d=_MARK, class_="rx-own")
        parts.append(
            element(
                "svg",
                mark,
                class_="rx-plot",
                x=part_of_whole(axis.fraction(row.own)),
                y=_ROW / 2,
                width="1",
                height="1",
            )
        )
    parts.append(at_right(text(number(row.mean), _RIGHT - 6, _ROW / 2 + 4, "rx-value", text_anchor="end")))
    said = label.format(name=row.name, low=number(row.low), high=number(row.high), mean=number(row.mean))
    return block_group(*parts, block=None, label=said, selected=selected)


def _range(axis: Axis, low: float, high: float, inset: float, class_: str) -> Html:
    start, end = axis.fraction(low), axis.fraction(high)
    return element(
        "rect",
        x=part_of_whole(start),
        width=part_of_whole(end - start),
        y=inset,
        height=_ROW - 2 * inset,
        rx=2,
        class_=class_,
    )
