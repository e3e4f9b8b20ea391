"""The river: the network from left to right, each stream as wide as the rms of what flows in it.

A block is one cell; cells follow each other as letters do and go on in the next line where they do not fit, so that
eight blocks and fifty are drawn alike, at 390 pixels and at 1440. All cells have one scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Literal

import numpy as np

from resnet_demo.errors import OptionError
from resnet_demo.views.axes import make_axis
from resnet_demo.views.chart import block_group, legend, number_table, text
from resnet_demo.views.colormaps import SIGNED, colorbar, colorize, symmetric_range
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.number_format import column, number, signed_percent

_CELL = 60  # pixels from one block to the next
_WIDEST = 46  # pixels of the widest stream
_HEADING = 34  # a stage's name and shape
_GAP = 8  # between the residual branch and the shortcut
_FOOT = 32  # a block's number and what is written below it
# Where in a cell things are: the branch leaves, is at its full width, and comes back to the sum; the ReLU.
_FORK, _FULL, _BACK, _SUM, _RELU = 4, 16, 25, 38, 52


@dataclass(frozen=True)
class RiverBlock:
    """One block: the rms (≥ 0) of its S, F, y and output, and its cross term 2⟨S,F⟩/‖y‖² (NaN where y is 0)."""

    name: str
    stage: str
    kind: Literal["projection", "identity"]
    shortcut: float
    residual: float
    sum: float
    output: float
    cross: float


@dataclass(frozen=True)
class RiverWords:
    """Words of the river; {name}, {kind}, {shortcut}, {residual}, {sum} and {cross} are filled in."""

    shortcut: str = "shortcut"
    projection: str = "shortcut of a projection block"
    residual: str = "residual branch"
    sum: str = "sum and output"
    agree: str = "wider, for the branches agree"
    cancel: str = "narrower, for they cancel"
    width: str = "the width is the rms; below each block, the cross term's share of its sum"
    width_ledger: str = "the width is the rms; below each block, what it adds to the logit"
    cell: str = "{name}, {kind}: rms of S {shortcut}, F {residual}, y {sum}; cross term {cross}"
    table: str = "The numbers as a table"
    block: str = "block"
    kind: str = "kind"
    kind_projection: str = "projection block"
    kind_identity: str = "identity block"
    column_sum: str = "sum"
    column_output: str = "output"
    column_cross: str = "cross term"
    ledger: str = "ledger"


def river(
    blocks: Sequence[RiverBlock],
    words: RiverWords,
    *,
    alt: str,
    stage_notes: Mapping[str, str] | None = None,
    ledger: Mapping[str, float] | None = None,
    selected: str | None = None,
) -> Html:
    """Return the river with its legend; each block is a `g.rx-block` with its name in `data-block`.

    Args:
        blocks: at least one, in network order.
        words: the words on it.
        alt: what the picture shows, in a sentence.
        stage_notes: a note below a stage's name, e.g. {"conv4": "14×14×1024"}.
        ledger: what each residual branch adds to the logit; it gives the branches their colours, if given.
        selected: name of the block whose details are shown, if any.

    Raises:
        OptionError: a width that is negative or not finite.
    """
    scale = _scale(blocks)
    highest = scale * max(b.residual for b in blocks)
    bed = scale * max(max(b.shortcut, b.sum, b.output, hypot(b.shortcut, b.residual)) for b in blocks)
    crest = _HEADING + 4 + highest / 2
    line = crest + highest / 2 + _GAP + bed / 2
    foot = line + bed / 2
    colours = _heat(blocks, ledger) if ledger else {}
    below = (
        column([ledger[b.name] for b in blocks], sign=True)
        if ledger
        else [signed_percent(b.cross) for b in blocks]
    )
    stages = list(dict.fromkeys(b.stage for b in blocks))
    cells = []
    for before, block, figure in zip([None, *blocks], blocks, below, strict=False):
        first = before is None or before.stage != block.stage
        parts = [
            _heading(block.stage, (stage_notes or {}).get(block.stage, "")) if first else Html(""),
            _streams(block, before, scale, (crest, line), colours.get(block.name)),
            _foot(block, foot, figure),
        ]
        banded = stages.index(block.stage) % 2 == 0
        cells.append(_cell(block, parts, foot, words, banded=banded, selected=block.name == selected))
    return element(
        "figure",
        _keys(words, scale, ledger),
        element("div", join(cells), class_="rx-river-bed", role="group", aria_label=alt),
        class_="rx-figure rx-river",
    )


def river_table(
    blocks: Sequence[RiverBlock], words: RiverWords, ledger: Mapping[str, float] | None = None
) -> Html:
    """Return the river's numbers as a table; arguments are those of `river`."""
    kinds = {"projection": words.kind_projection, "identity": words.kind_identity}
    names = ("shortcut", "residual", "sum", "output")
    written = column([getattr(b, name) for b in blocks for name in names])
    header = [words.block, words.kind, words.shortcut, words.residual, words.column_sum, words.column_output]
    rows = [
        [b.name, kinds[b.kind], *written[4 * i : 4 * i + 4], signed_percent(b.cross)]
        for i, b in enumerate(blocks)
    ]
    header.append(words.column_cross)
    if ledger:
        header.append(words.ledger)
        for row, value in zip(rows, column([ledger[b.name] for b in blocks], sign=True), strict=True):
            row.append(value)
    return number_table(words.table, header, rows)


def _scale(blocks: Sequence[RiverBlock]) -> float:
    """Pixels for one unit of rms."""
    widths = [w for b in blocks for w in (b.shortcut, b.residual, b.sum, b.output)]
    if not all(np.isfinite(w) and w >= 0 for w in widths):
        raise OptionError(
            "A stream's width should be finite, not negative. Received: {widths}.", widths=widths
        )
    # Where the cross term took width away, what there would be without it is drawn too.
    widest = max(*widths, *(hypot(b.shortcut, b.residual) for b in blocks))
    return _WIDEST / widest if widest else 0.0


def _heat(blocks: Sequence[RiverBlock], ledger: Mapping[str, float]) -> dict[str, str]:
    """The colour of each branch: green where it speaks for the class, purple where against it."""
    values = np.array([[ledger[b.name] for b in blocks]], np.float32)
    colours = colorize(values, *symmetric_range(values), SIGNED)[0]
    return {b.name: f"#{colour.tobytes().hex()}" for b, colour in zip(blocks, colours, strict=True)}


def _cell(
    block: RiverBlock, parts: list[Html], foot: float, words: RiverWords, *, banded: bool, selected: bool
) -> Html:
    height = foot + _FOOT
    kind = words.kind_projection if block.kind == "projection" else words.kind_identity
    group = block_group(
        element(
            "rect", x=1, y=_HEADING - 2, width=_CELL - 2, height=height - _HEADING + 2, rx=5, class_="rx-hit"
        ),
        *parts,
        block=block.name,
        label=words.cell.format(
            name=block.name,
            kind=kind,
            shortcut=number(block.shortcut),
            residual=number(block.residual),
            sum=number(block.sum),
            cross=signed_percent(block.cross),
        ),
        selected=selected,
    )
    band = (
        element("rect", y=_HEADING - 2, width=_CELL, height=height - _HEADING + 2, class_="rx-band")
        if banded
        else Html("")
    )
    return element("svg", band, group, class_="rx-chart rx-river-cell", width=_CELL, height=height)


def _heading(stage: str, note: str) -> Html:
    return join([text(stage, 4, 13, "rx-stage"), text(note, 4, 27, "rx-tick")])


def _foot(block: RiverBlock, foot: float, figure: str) -> Html:
    """The block's number in its stage, and the figure that stands below it."""
    short = block.name.rpartition("block")[2] or block.name
    return join(
        [
            text(short, _CELL / 2, foot + 14, "rx-label", text_anchor="middle"),
            text(figure, _CELL / 2, foot + 27, "rx-tick", text_anchor="middle"),
        ]
    )


def _streams(
    block: RiverBlock,
    before: RiverBlock | None,
    scale: float,
    lanes: tuple[float, float],
    colour: str | None,
) -> Html:
    """All that flows in one cell, from behind to before."""
    crest, line = lanes
    enters = (
        0 if block.kind == "identity" or before is None else 4
    )  # the block below comes as far as the projection
    projection = "rx-bar-shortcut rx-bar-projection" if block.kind == "projection" else "rx-bar-shortcut"
    parts = [_branch(scale * block.residual, crest, line - scale * block.shortcut / 2, colour)]
    if enters and before is not None:
        parts.append(_stream("output", 0, enters, line, scale * before.output))
    parts += [
        element(
            "rect",
            **_box(enters, _SUM, line, scale * block.shortcut),
            class_=f"{projection} rx-river-shortcut",
        ),
        _stream("sum", _SUM, _RELU, line, scale * block.sum),
        _taper(scale * block.sum, scale * block.output, line),
        _stream("output", _RELU + 4, _CELL, line, scale * block.output),
        _cross(block, scale, line),
        element("circle", cx=_SUM, cy=line, r=4.5, class_="rx-drawing-sum"),
        element("path", d=f"M{_SUM - 2.5} {line:.3f}h5m-2.5-2.5v5", class_="rx-drawing-plus"),
    ]
    return join(parts)


def _box(left: float, right: float, middle: float, width: float) -> dict[str, float]:
    return {"x": left, "y": middle - width / 2, "width": right - left, "height": width}


def _stream(what: str, left: float, right: float, line: float, width: float) -> Html:
    return element("rect", **_box(left, right, line, width), class_=f"rx-river-{what}")


def _taper(start: float, end: float, line: float) -> Html:
    """From y to the output: what the ReLU takes."""
    d = (
        f"M{_RELU} {line - start / 2:.3f}L{_RELU + 4} {line - end / 2:.3f}V{line + end / 2:.3f}"
        f"L{_RELU} {line + start / 2:.3f}z"
    )
    return element("path", d=d, class_="rx-river-sum")


def _branch(width: float, crest: float, bank: float, colour: str | None) -> Html:
    """The residual branch: it springs from the shortcut's bank, has its width, and flows back in before the sum."""
    top, bottom = f"{crest - width / 2:.3f}", f"{crest + width / 2:.3f}"
    shore = f"{bank:.3f}"
    flows = (
        f"M{_FORK} {shore}C{_FORK + 5} {shore} {_FULL - 9} {top} {_FULL} {top}H{_BACK}"
        f"C{_BACK + 9} {top} {_SUM - 5} {shore} {_SUM} {shore}H{_SUM - 3}"
        f"C{_SUM - 8} {shore} {_BACK + 6} {bottom} {_BACK} {bottom}H{_FULL}"
        f"C{_FULL - 6} {bottom} {_FORK + 8} {shore} {_FORK + 3} {shore}z"
    )
    class_, style = ("rx-river-heat", f"fill:{colour}") if colour else ("rx-bar-residual", None)
    return join(
        [
            element("path", d=flows, class_=class_, style=style),
            element(
                "rect",
                **_box(_FULL, _BACK, crest, width),
                class_="rx-bar-residual rx-river-residual",
                style=style,
            ),
        ]
    )


def _cross(block: RiverBlock, scale: float, line: float) -> Html:
    """At either bank of y: what the cross term added to √(S² + F²), full, or what it took away, hollow."""
    apart, together = scale * hypot(block.shortcut, block.residual), scale * block.sum
    name = "agree" if together >= apart else "cancel"
    thick = abs(together - apart) / 2
    outer = max(apart, together) / 2
    sides = [
        element("rect", x=_SUM + 6, y=y, width=_RELU - _SUM - 6, height=thick, class_=f"rx-river-{name}")
        for y in (line - outer, line + outer - thick)
    ]
    return join(sides)


def _keys(words: RiverWords, scale: float, ledger: Mapping[str, float] | None) -> Html:
    """What the colours mean, how wide one rms is, and of the ledger its colour bar."""
    branch = [] if ledger else [("rx-fill-residual", words.residual)]
    keys = legend(
        [
            ("rx-fill-shortcut", words.shortcut),
            ("rx-fill-projection", words.projection),
            *branch,
            ("rx-fill-sum", words.sum),
            ("rx-fill-agree", words.agree),
            ("rx-fill-cancel", words.cancel),
        ]
    )
    measure = Html("")
    if scale:
        one = make_axis([_WIDEST / scale], count=4).ticks[1]
        bar = element("i", class_="rx-river-scale", style=f"height:{one * scale:.3f}px")
        measure = element(
            "div",
            bar,
            f"{number(one, 2)} · {words.width_ledger if ledger else words.width}",
            class_="rx-caption rx-river-measure",
        )
    if ledger:
        limits = symmetric_range(np.array(list(ledger.values()), np.float32))
        return join([keys, measure, colorbar(SIGNED, *limits, unit=words.ledger)])
    return join([keys, measure])
