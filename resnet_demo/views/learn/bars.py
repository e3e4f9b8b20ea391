"""A table whose numbers have bars: legible at any width, and read aloud as the table it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resnet_demo.views.markup import Html, element, join, part_of_whole


@dataclass(frozen=True)
class Bar:
    """One number.

    Attributes:
        text: the number as it is written.
        parts: how long its bar is, and what each part of it looks like: (value, CSS class of a fill).
    """

    text: str
    parts: Sequence[tuple[float, str]]

    @property
    def length(self) -> float:
        """How long the whole bar is."""
        return sum(value for value, _ in self.parts)


BarRow = tuple[str, Sequence[str | Bar]]  # a row's heading and its cells


def bar(value: float, text: str, look: str = "rx-fill-plain") -> Bar:
    """A number whose bar has one part."""
    return Bar(text, [(value, look)])


def bar_table(caption: str, head: Sequence[str], rows: Sequence[BarRow]) -> Html:
    """Return the table.

    Args:
        caption: what it shows.
        head: of each column.
        rows: each its heading and its cells; the bars of a column share one scale, from 0.
    """
    widest = [
        max((cell.length for _, cells in rows if isinstance(cell := cells[i], Bar)), default=0.0)
        for i in range(len(head) - 1)
    ]
    body = [
        element(
            "tr",
            element("th", heading, scope="row"),
            join(_cell(cell, longest) for cell, longest in zip(cells, widest, strict=True)),
        )
        for heading, cells in rows
    ]
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", join(element("th", name, scope="col") for name in head))),
        element("tbody", join(body)),
        class_="rx-table rx-bars",
    )
    # Where it does not fit it scrolls, by the keyboard too.
    return element("div", table, class_="rx-scroll", tabindex="0", role="group", aria_label=caption)


def _cell(cell: str | Bar, widest: float) -> Html:
    if isinstance(cell, str):
        return element("td", cell)
    parts = [
        element("i", class_=look, style=f"width:{part_of_whole(value / widest if widest else 0)}")
        for value, look in cell.parts
        if value
    ]
    return element(
        "td",
        element("span", cell.text, class_="rx-cell-number"),
        element("span", join(parts), class_="rx-bar-track", aria_hidden="true"),
        class_="rx-bar-cell",
    )
