"""The profile: shortcut beside residual branch, for every residual block, in one picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
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
from resnet_demo.views.number_format import column, percent

_AXIS = 22  # pixels above the first stage, for the tick labels
_STAGE = 26  # a stage's heading
_ROW = 32
_BAR = 10
_LEFT = 106  # the blocks' names
_VALUE = 44  # room for a number at a bar's end
_GATES = 62  # the column of closed gates
_GATES_BAR = 48


@dataclass(frozen=True)
class ProfileBar:
    """One block: the magnitude of its shortcut and of its residual branch, both ≥ 0, in the same unit.

    `closed_gates` is the share of the block's units that the ReLU closes, 0 to 1, or None when not shown.
    """

    name: str
    stage: str
    kind: Literal["projection", "identity"]
    shortcut: float
    residual: float
    closed_gates: float | None = None


@dataclass(frozen=True)
class ProfileWords:
    """Words of the profile; {name}, {shortcut} and {residual} are filled in."""

    shortcut: str = "shortcut"
    residual: str = "residual branch"
    projection: str = "shortcut of a projection block"
    closed_gates: str = "closed gates"
    bar: str = "{name}: shortcut {shortcut}, residual branch {residual}"
    table: str = "The numbers as a table"
    block: str = "block"
    kind: str = "kind"
    kind_projection: str = "projection block"
    kind_identity: str = "identity block"


def profile(
    bars: Sequence[ProfileBar],
    words: ProfileWords,
    *,
    measure: str,
    alt: str,
    stage_notes: Mapping[str, str] | None = None,
    selected: str | None = None,
) -> Html:
    """Return the profile with its legend; each block is a `g.rx-block` with its name in `data-block`.

    Args:
        bars: the blocks, in network order.
        words: the words on it.
        measure: what the bars measure, with its unit, e.g. "mean magnitude".
        alt: what the picture shows, in a sentence.
        stage_notes: a note beside a stage's name, e.g. {"conv4": "14 × 14 × 1024"}.
        selected: name of the block whose details are shown, if any.

    Raises:
        OptionError: a magnitude that is negative or not finite.
    """
    for bar in bars:
        if min(bar.shortcut, bar.residual) < 0:
            raise OptionError(
                "A magnitude should not be negative. Received: {bar}.",
                bar=bar,
            )
    axis = make_axis([value for bar in bars for value in (bar.shortcut, bar.residual)])
    with_gates = any(bar.closed_gates is not None for bar in bars)
    right = _VALUE + (_GATES if with_gates else 0)
    drawn: list[str] = [tick_labels(axis, 16)]
    if with_gates:
        drawn.append(at_right(text(words.closed_gates, right - 4, 16, "rx-tick", text_anchor="end")))
    y = float(_AXIS)
    in_stages = groupby(zip(bars, _written(bars), strict=True), key=lambda pair: pair[0].stage)
    for index, (stage, members) in enumerate(in_stages):
        rows = list(members)
        note = (stage_notes or {}).get(stage, "")
        drawn.append(down(y, _stage(stage, note, len(rows), axis, right, banded=index % 2 == 0)))
        y += _STAGE
        for bar, written in rows:
            drawn.append(down(y, _block(bar, written, axis, words, right, selected=bar.name == selected)))
            y += _ROW
    swatches = [
        ("rx-fill-shortcut", words.shortcut),
        ("rx-fill-projection", words.projection),
        ("rx-fill-residual", words.residual),
    ]
    return element(
        "figure",
        legend(swatches, measure),
        chart(join(drawn), left=_LEFT, right=right, height=y + 4, label=alt),
        class_="rx-figure rx-profile",
    )


def profile_table(bars: Sequence[ProfileBar], words: ProfileWords, *, measure: str) -> Html:
    """Return the profile's numbers as a table; arguments are those of `profile`."""
    kinds = {"projection": words.kind_projection, "identity": words.kind_identity}
    header = [words.block, words.kind, f"{words.shortcut} ({measure})", f"{words.residual} ({measure})"]
    rows = [[bar.name, kinds[bar.kind], *pair] for bar, pair in zip(bars, _written(bars), strict=True)]
    if any(bar.closed_gates is not None for bar in bars):
        header.append(words.closed_gates)
        for row, bar in zip(rows, bars, strict=True):
            row.append("–" if bar.closed_gates is None else percent(bar.closed_gates))
    return number_table(words.table, header, rows)


def _written(bars: Sequence[ProfileBar]) -> list[tuple[str, str]]:
    """Return each block's two magnitudes in letters, all with equally many decimals."""
    letters = column([value for bar in bars for value in (bar.shortcut, bar.residual)])
    return list(zip(letters[::2], letters[1::2], strict=True))


def _stage(stage: str, note: str, blocks: int, axis: Axis, right: float, *, banded: bool) -> Html:
    heading = element(
        "text",
        element("tspan", stage, class_="rx-stage"),
        element("tspan", note, dx=8, class_="rx-tick"),
        x=10 - _LEFT,
        y=18,
    )
    height = _ROW * blocks
    band = row_background("rx-band", _LEFT, right, _STAGE + height) if banded else Html("")
    return join([band, heading, down(_STAGE, vertical_lines(axis, height))])


def _block(
    bar: ProfileBar,
    written: tuple[str, str],
    axis: Axis,
    words: ProfileWords,
    right: float,
    *,
    selected: bool,
) -> Html:
    first = (_ROW - 2 * _BAR - 2) / 2
    shortcut_class = "rx-bar-shortcut rx-bar-projection" if bar.kind == "projection" else "rx-bar-shortcut"
    return block_group(
        row_background("rx-hit", _LEFT, right, _ROW),
        text(bar.name, 10 - _LEFT, _ROW / 2 + 4),
        _bar(axis.fraction(bar.shortcut), written[0], first, shortcut_class),
        _bar(axis.fraction(bar.residual), written[1], first + _BAR + 2, "rx-bar-residual"),
        at_right(_gates(bar.closed_gates, right - 4)) if bar.closed_gates is not None else "",
        block=bar.name,
        label=words.bar.format(name=bar.name, shortcut=written[0], residual=written[1]),
        selected=selected,
    )


def _bar(length: float, written: str, y: float, class_: str) -> Html:
    end = part_of_whole(length)
    return join(
        [
            element("rect", y=y, width=end, height=_BAR, rx=2, class_=class_),
            text(written, end, y + _BAR - 1, "rx-value", dx=5),
        ]
    )


def _gates(closed: float, x: float) -> Html:
    y = _ROW / 2
    left = x - _GATES_BAR
    return join(
        [
            text(f"{100 * closed:.0f}%", x, y, "rx-value", text_anchor="end"),
            element("rect", x=left, y=y + 5, width=_GATES_BAR, height=3, rx=1.5, class_="rx-track"),
            element(
                "rect", x=left, y=y + 5, width=_GATES_BAR * closed, height=3, rx=1.5, class_="rx-bar-muted"
            ),
        ]
    )
