"""The answer as it forms: the classes' probabilities after each block, over the two sums that lead to the logit."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from resnet_demo.views.axes import Axis, make_axis
from resnet_demo.views.chart import block_group, chart, number_table, text
from resnet_demo.views.markup import Html, element, join, part_of_whole
from resnet_demo.views.number_format import chance, column, text_width

_CHANCES = 180  # pixels of the upper plot
_LOGITS = 110  # of the lower one
_TITLE = 26  # above a plot
_FOOT = 26  # the stages' names
_RIGHT = 12
_LETTERS = 11  # the size of an axis' labels


@dataclass(frozen=True)
class FormingStep:
    """After l blocks: the last that speaks, what is on top then, and the explained class's logit.

    Attributes:
        name: as written: a block's name, or of l = 0 the stem's.
        block: the block, for `data-block`; None for the stem.
        stage: it belongs to.
        top: the top class's name.
        logit: with every later residual branch off.
        running: the ledger's sum so far; None where there is no ledger.
    """

    name: str
    block: str | None
    stage: str
    top: str
    logit: float
    running: float | None


@dataclass(frozen=True)
class FormingClass:
    """One class: its probability after l = 0 … L blocks, 0 to 1 (NaN where a network gives none)."""

    name: str
    probabilities: Sequence[float]


@dataclass(frozen=True)
class FormingWords:
    """Words of the picture; {name}, {label}, {probability} and {top} are filled in."""

    probability: str = "probability"
    logit: str = "logit"
    gated: str = "with all later blocks off"
    running: str = "the ledger's sum so far"
    step: str = "{name}: {label} {probability}; on top: {top}"
    lead: str = "takes the lead"
    table: str = "The numbers as a table"
    after: str = "after"
    top: str = "top class"


@dataclass(frozen=True)
class _Plot:
    """Where a plot stands, in pixels, and its vertical axis."""

    title: str
    top: float
    height: float
    axis: Axis

    def y(self, value: float) -> float:
        return self.top + self.height * (1 - self.axis.fraction(value))

    def frame(self, left: float) -> Html:
        lines = [text(f"↑ {self.title}", 2 - left, self.top - 12, "rx-axis-title")]
        for value, label in zip(self.axis.ticks, self.axis.labels, strict=True):
            y = self.y(value)
            class_ = "rx-zero" if value == 0 else "rx-gridline"
            lines.append(element("line", x1=0, x2="100%", y1=y, y2=y, class_=class_))
            lines.append(text(label, -6, y + 4, "rx-tick", text_anchor="end"))
        return join(lines)

    def line(self, values: Sequence[float], class_: str) -> Html:
        """A line over the columns: drawn in their units, stretched to the plot's width, its stroke not."""
        points = " ".join(f"{x + 0.5:g},{self.y(value):.2f}" for x, value in enumerate(values))
        end = self.top + self.height
        return element(
            "svg",
            element("polyline", points=points, class_=f"rx-forming-line {class_}"),
            width="100%",
            height=end,
            viewBox=f"0 0 {len(values)} {end:g}",
            preserveAspectRatio="none",
            class_="rx-plot",
        )


def as_it_forms(
    steps: Sequence[FormingStep],
    classes: Sequence[FormingClass],
    words: FormingWords,
    *,
    alt: str,
    lead: int | None = None,
    selected: str | None = None,
) -> Html:
    """Return the picture with its legend; each block is a column, a `g.rx-block` with its name in `data-block`.

    Args:
        steps: for l = 0 … L.
        classes: the explained one first, then at most four others; as many probabilities each as there are steps.
        words: the words on it.
        alt: what the picture shows, in a sentence.
        lead: l from which the final answer is on top for good; its column is marked, if given.
        selected: name of the block whose details are shown, if any.
    """
    classes = [one for one in classes if np.isfinite(one.probabilities).all()]
    drawn: list[Html] = []
    bottom = 0.0
    if classes:
        chances = _Plot(words.probability, _TITLE, _CHANCES, _PERCENT)
        rivals = [chances.line(c.probabilities, f"rx-forming-{i}") for i, c in enumerate(classes)]
        drawn += [*rivals[::-1], _dots(classes[0].probabilities, chances)]
        bottom = chances.top + chances.height + 14
    sums = make_axis([v for s in steps for v in (s.logit, s.running) if v is not None], bars=False, count=3)
    logits = _Plot(words.logit, bottom + _TITLE, _LOGITS, sums)
    drawn.append(logits.line([s.logit for s in steps], "rx-forming-gated"))
    if running := [s.running for s in steps if s.running is not None]:
        drawn.append(logits.line(running, "rx-forming-running"))
    plots = [chances, logits] if classes else [logits]
    left = 14 + max(text_width(label, _LETTERS) for plot in plots for label in plot.axis.labels)
    bottom = logits.top + logits.height
    columns = [
        _column(
            x, step, classes, words, (len(steps), bottom), step.block is not None and step.block == selected
        )
        for x, step in enumerate(steps)
    ]
    return element(
        "figure",
        _keys(classes, bool(running), words),
        chart(
            _stages(steps, bottom),
            _lead(lead, len(steps), bottom, words) if lead is not None else Html(""),
            *(plot.frame(left) for plot in plots),
            *drawn,
            *columns,
            left=left,
            right=_RIGHT,
            height=bottom + _FOOT,
            label=alt,
        ),
        class_="rx-figure rx-forming",
    )


def as_it_forms_table(
    steps: Sequence[FormingStep], classes: Sequence[FormingClass], words: FormingWords
) -> Html:
    """Return the numbers as a table; arguments are those of `as_it_forms`."""
    header = [words.after, *(c.name for c in classes), words.top, f"{words.logit}, {words.gated}"]
    logits = column([s.logit for s in steps])
    rows = [
        [step.name, *(chance(c.probabilities[i]) for c in classes), step.top, logits[i]]
        for i, step in enumerate(steps)
    ]
    if running := [s.running for s in steps if s.running is not None]:
        header.append(words.running)
        for row, written in zip(rows, column(running), strict=True):
            row.append(written)
    return number_table(words.table, header, rows)


_PERCENT = Axis(0.0, 1.0, (0.0, 0.5, 1.0), ("0%", "50%", "100%"))


def _dots(values: Sequence[float], plot: _Plot) -> Html:
    """The explained class's own points, which are what was measured."""
    return join(
        element(
            "circle", cx=part_of_whole((x + 0.5) / len(values)), cy=plot.y(v), r=2.6, class_="rx-forming-dot"
        )
        for x, v in enumerate(values)
    )


def _lead(lead: int, count: int, bottom: float, words: FormingWords) -> Html:
    x = part_of_whole((lead + 0.5) / count)
    late = lead > count / 2
    said = text(
        words.lead,
        x,
        _TITLE + 15,
        "rx-mark-label rx-soft",
        text_anchor="end" if late else "start",
        dx=-5 if late else 5,
    )
    return join([element("line", x1=x, x2=x, y1=_TITLE - 8, y2=bottom, class_="rx-forming-lead"), said])


def _stages(steps: Sequence[FormingStep], bottom: float) -> Html:
    """A band for every second stage, and each stage's name where it begins."""
    parts, start = [], 0
    for index, (stage, members) in enumerate(groupby(steps, key=lambda step: step.stage)):
        count = len(list(members))
        x, width = part_of_whole(start / len(steps)), part_of_whole(count / len(steps))
        if index % 2:
            parts.append(element("rect", x=x, width=width, height=bottom + _FOOT, class_="rx-band"))
        if count > 1 or len(steps) < 12:  # a stem of one narrow column has no room for its name
            parts.append(text(stage, x, bottom + 17, "rx-tick", dx=3))
        start += count
    return join(parts)


def _column(
    x: int,
    step: FormingStep,
    classes: Sequence[FormingClass],
    words: FormingWords,
    size: tuple[int, float],
    selected: bool,
) -> Html:
    count, bottom = size
    label = words.step.format(
        name=step.name,
        label=classes[0].name if classes else "",
        probability=chance(classes[0].probabilities[x]) if classes else "",
        top=step.top,
    )
    hit = element(
        "rect",
        x=part_of_whole(x / count),
        width=part_of_whole(1 / count),
        height=bottom + _FOOT,
        rx=3,
        class_="rx-hit",
    )
    return block_group(hit, block=step.block, label=label, selected=selected)


def _keys(classes: Sequence[FormingClass], running: bool, words: FormingWords) -> Html:
    entries = [(f"rx-forming-{i}", one.name) for i, one in enumerate(classes)]
    entries.append(("rx-forming-gated", f"{words.logit}, {words.gated}"))
    if running:
        entries.append(("rx-forming-running", words.running))
    items = [
        element(
            "span",
            element(
                "svg",
                element("polyline", points="0,6 26,6", class_=f"rx-forming-line {class_}"),
                width="26",
                height="12",
            ),
            word,
            class_="rx-legend-item",
        )
        for class_, word in entries
    ]
    return element("div", join(items), class_="rx-legend", aria_hidden="true")
