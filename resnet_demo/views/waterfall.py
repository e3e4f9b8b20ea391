"""The ledger as a waterfall: signed parts, one below the other, that add up to the logit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_demo.errors import OptionError
from resnet_demo.views.axes import Axis, make_axis
from resnet_demo.views.chart import (
    at_right,
    block_group,
    chart,
    down,
    legend,
    number_table,
    row_background,
    text,
    tick_labels,
    vertical_lines,
)
from resnet_demo.views.markup import Html, element, join, part_of_whole
from resnet_demo.views.number_format import column, number, text_width

_AXIS = 22
_ROW = 24
_BAR = 14
_RIGHT = 72  # the column of signed values

Order = Literal["network", "largest"]
Group = Literal["bias", "stem", "projection", "block", "remainder"]


@dataclass(frozen=True)
class LedgerItem:
    """One part of the logit.

    Attributes:
        name: as written at left.
        value: signed, in units of the logit.
        group: where it comes from.
        block: the block it belongs to, for `data-block`; None for what belongs to none.
    """

    name: str
    value: float
    group: Group
    block: str | None = None


@dataclass(frozen=True)
class WaterfallWords:
    """Words of the waterfall; {name}, {value} and {sum} are filled in."""

    positive: str = "for the class"
    negative: str = "against it"
    total: str = "logit"
    item: str = "{name}: {value}, sum so far {sum}"
    table: str = "The numbers as a table"
    part: str = "part"
    value: str = "value"
    running: str = "sum so far"


def waterfall(
    items: Sequence[LedgerItem],
    total: float,
    words: WaterfallWords,
    *,
    alt: str,
    order: Order = "network",
    selected: str | None = None,
) -> Html:
    """Return the waterfall: each bar goes from the sum before it to the sum after it, the total comes last.

    Args:
        items: the parts, in network order, the remainder (rounding) among them.
        total: the logit.
        words: the words on it.
        alt: what the picture shows, in a sentence.
        order: "network", or "largest" magnitude first.
        selected: name of the block whose details are shown, if any.

    Raises:
        OptionError: the parts do not add up to the total (relative 1e-4), a value that is not finite, or
            another order.
    """
    ordered = _in_order(items, order)
    sums = _running_sums(ordered)
    if abs(sums[-1] - total) > 1e-4 * max(1.0, abs(total)):
        raise OptionError(
            "`items` should add up to `total`. Received: sum={sums}, total={total}.",
            sums=sums[-1],
            total=total,
        )
    axis = make_axis([*sums, total])
    left = 20 + max(text_width(name, 12) for name in [*(item.name for item in ordered), words.total])
    rows = [
        _row(item, (sums[i], sums[i + 1]), written, axis, words, left, selected=_is(item, selected))
        for i, (item, written) in enumerate(zip(ordered, _written(ordered), strict=True))
    ]
    rows.append(_total(total, axis, words, left))
    height = _ROW * len(rows)
    return element(
        "figure",
        legend([("rx-fill-positive", words.positive), ("rx-fill-negative", words.negative)]),
        chart(
            tick_labels(axis, 16),
            down(_AXIS, vertical_lines(axis, height)),
            join(down(_AXIS + _ROW * i, row) for i, row in enumerate(rows)),
            left=left,
            right=_RIGHT,
            height=_AXIS + height + 6,
            label=alt,
        ),
        class_="rx-figure rx-waterfall",
    )


def waterfall_table(items: Sequence[LedgerItem], words: WaterfallWords, *, order: Order = "network") -> Html:
    """Return the waterfall's numbers as a table; arguments are those of `waterfall`."""
    ordered = _in_order(items, order)
    columns = zip(ordered, _written(ordered), column(_running_sums(ordered)[1:]), strict=True)
    rows = [[item.name, value, after] for item, value, after in columns]
    return number_table(words.table, [words.part, words.value, words.running], rows)


def _in_order(items: Sequence[LedgerItem], order: Order) -> list[LedgerItem]:
    if order not in ("network", "largest"):
        raise OptionError(
            '`order` should be "network" or "largest". Received: order={order!r}.',
            order=order,
        )
    return list(items) if order == "network" else sorted(items, key=lambda item: -abs(item.value))


def _running_sums(items: Sequence[LedgerItem]) -> list[float]:
    sums = [0.0]
    for item in items:
        sums.append(sums[-1] + item.value)
    return sums


def _written(items: Sequence[LedgerItem]) -> list[str]:
    return column([item.value for item in items], sign=True)


def _is(item: LedgerItem, selected: str | None) -> bool:
    return selected is not None and item.block == selected


def _row(
    item: LedgerItem,
    before_after: tuple[float, float],
    written: str,
    axis: Axis,
    words: WaterfallWords,
    left: float,
    *,
    selected: bool,
) -> Html:
    before, after = before_after
    reached = part_of_whole(axis.fraction(after))
    top = (_ROW - _BAR) / 2
    # from this bar's end down to where the next one starts
    connector = element("line", x1=reached, x2=reached, y1=top, y2=_ROW + top, class_="rx-connector")
    return block_group(
        row_background("rx-hit", left, _RIGHT, _ROW),
        text(item.name, 6 - left, _ROW / 2 + 4, "rx-label" if item.group == "block" else "rx-label rx-soft"),
        connector,
        _bar(before, after, axis, "rx-bar-positive" if item.value > 0 else "rx-bar-negative"),
        at_right(text(written, _RIGHT - 4, _ROW / 2 + 4, "rx-value", text_anchor="end")),
        block=item.block,
        label=words.item.format(name=item.name, value=written, sum=number(after)),
        selected=selected,
    )


def _total(total: float, axis: Axis, words: WaterfallWords, left: float) -> Html:
    return element(
        "g",
        text(words.total, 6 - left, _ROW / 2 + 4, "rx-label rx-strong"),
        _bar(0, total, axis, "rx-bar-total"),
        at_right(text(number(total), _RIGHT - 4, _ROW / 2 + 4, "rx-value rx-strong", text_anchor="end")),
    )


def _bar(start: float, end: float, axis: Axis, class_: str) -> Html:
    low, high = sorted((axis.fraction(start), axis.fraction(end)))
    return element(
        "rect",
        x=part_of_whole(low),
        y=(_ROW - _BAR) / 2,
        width=part_of_whole(high - low),
        height=_BAR,
        rx=1.5,
        class_=class_,
    )
