"""What the charts share: a frame that keeps its letters one size at any width, grid lines, a legend, a table.

A chart has no viewBox. Its margins are CSS padding in pixels, into which names and numbers are drawn, and
between them x runs from 0% to 100% of what width the page leaves; letters and row heights are pixels. So the
same SVG is legible at 390 and at 1440 pixels.
"""

from collections.abc import Sequence

from resnet_demo.views.axes import Axis
from resnet_demo.views.markup import Attribute, Html, element, join, part_of_whole


def chart(*children: str, left: float, right: float, height: float, label: str) -> Html:
    """Return the SVG of a chart.

    Args:
        *children: what is drawn; x = 0 and x = "100%" are the ends of its plot.
        left: pixels at left of the plot, reached by negative x.
        right: pixels at right of the plot, reached by `at_right`.
        height: pixels.
        label: its alternative text.
    """
    return element(
        "svg",
        *children,
        class_="rx-chart",
        height=height,
        style=f"padding:0 {right:g}px 0 {left:g}px",
        role="group",
        aria_label=label,
    )


def down(y: float, *children: str) -> Html:
    """Return the children moved down by y pixels."""
    return element("g", *children, transform=f"translate(0 {y:g})")


def at_right(*children: str) -> Html:
    """Return a group whose x = 0 is the plot's right end."""
    return element("svg", *children, class_="rx-plot", x="100%", width="1", height="1")


def row_background(class_: str, left: float, right: float, height: float) -> Html:
    """Return a rectangle behind a row, from edge to edge of the chart, margins included."""
    across = f"width:calc(100% + {left + right:g}px)"  # SVG has no such attribute
    return element("rect", x=-left, width="100%", height=height, rx=5, class_=class_, style=across)


def block_group(*children: str, block: str | None, label: str, selected: bool = False) -> Html:
    """Return a group that answers to pointer and keyboard when it stands for a block; else a plain group."""
    attributes: dict[str, Attribute] = {"class_": "rx-item", "role": "img"}
    if block is not None:
        attributes = {
            "class_": "rx-block rx-selected" if selected else "rx-block",
            "data_block": block,
            "tabindex": "0",
            "role": "button",
            "aria_pressed": "true" if selected else "false",
        }
    return element("g", element("title", label), *children, aria_label=label, **attributes)


def text(content: str, x: float | str, y: float, class_: str = "rx-label", **attributes: Attribute) -> Html:
    """Return a text whose baseline is at y; x is in pixels or per cent."""
    return element("text", content, x=x, y=y, class_=class_, **attributes)


def vertical_lines(axis: Axis, height: float) -> Html:
    """Return a line, `height` pixels down, for each tick of a horizontal axis."""
    lines = [(part_of_whole(axis.fraction(tick)), tick) for tick in axis.ticks]
    return join(
        element("line", x1=x, x2=x, y1=0, y2=height, class_="rx-zero" if tick == 0 else "rx-gridline")
        for x, tick in lines
    )


def tick_labels(axis: Axis, y: float) -> Html:
    """Return the labels of a horizontal axis, their baseline at y."""
    return join(
        text(label, part_of_whole(axis.fraction(tick)), y, "rx-tick", text_anchor="middle")
        for tick, label in zip(axis.ticks, axis.labels, strict=True)
    )


def legend(entries: Sequence[tuple[str, str]], note: str = "") -> Html:
    """Return a legend: (class of the swatch, word) pairs, then a note, e.g. what is measured."""
    items = [
        element("span", element("i", class_=f"rx-swatch {class_}"), word, class_="rx-legend-item")
        for class_, word in entries
    ]
    if note:
        items.append(element("span", note, class_="rx-legend-note"))
    return element("div", join(items), class_="rx-legend", aria_hidden="true")


def table(header: Sequence[str], rows: Sequence[Sequence[str]], class_: str = "") -> Html:
    """Return a table that scrolls sideways where it does not fit; each row's first cell is its heading."""
    head = element("tr", join([element("th", cell, scope="col") for cell in header]))
    body = [
        element("tr", element("th", row[0], scope="row"), join([element("td", cell) for cell in row[1:]]))
        for row in rows
    ]
    drawn = element(
        "table",
        element("thead", head),
        element("tbody", join(body)),
        class_=f"rx-table {class_}".rstrip(),
    )
    return element("div", drawn, class_="rx-scroll", tabindex="0")  # scrolled by keys, too


def number_table(summary: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """Return the chart's numbers as a table that opens on a click."""
    return element("details", element("summary", summary), table(header, rows), class_="rx-details")
