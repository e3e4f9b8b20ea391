"""A table whose cells are coloured by their value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resnet_demo.views.colormaps import Colormap, colorbar, entries
from resnet_demo.views.markup import Html, element, join


@dataclass(frozen=True)
class Cell:
    """One cell: its value, what is written in it, and what it says in words."""

    value: float
    written: str
    said: str


def heat_table(
    names: Sequence[str],
    cells: Sequence[Sequence[Cell | None]],
    colormap: Colormap,
    limits: tuple[float, float],
    *,
    alt: str,
    unit: str,
    small: bool = False,
) -> Html:
    """Return the table with its colour bar.

    Args:
        names: of the rows and of the columns, in the same order.
        cells: a row each; None where there is nothing to say.
        colormap, limits: the colours, and the values of the first and the last.
        alt: its caption.
        unit: what the numbers count.
        small: squares without writing, their words shown when the pointer rests on them.
    """
    head = element("tr", element("td"), join(element("th", name, scope="col") for name in names))
    body = [
        element(
            "tr", element("th", name, scope="row"), join(_cell(cell, colormap, limits, small) for cell in row)
        )
        for name, row in zip(names, cells, strict=True)
    ]
    table = element(
        "table",
        element("caption", alt),
        element("thead", head),
        element("tbody", join(body)),
        class_="rx-heat rx-heat-small" if small else "rx-heat",
    )
    return join(
        [
            element("div", table, class_="rx-scroll", tabindex="0"),
            colorbar(colormap, *limits, unit=unit, label=unit),
        ]
    )


def _cell(cell: Cell | None, colormap: Colormap, limits: tuple[float, float], small: bool) -> Html:
    if cell is None:
        return element("td")
    red, green, blue = colormap.table[int(entries(np.array(cell.value, np.float32), *limits, colormap))]
    dark = 0.299 * red + 0.587 * green + 0.114 * blue < 140
    style = f"background:#{red:02x}{green:02x}{blue:02x};color:{'#fff' if dark else '#1c2128'}"
    return element(
        "td",
        "" if small else cell.written,
        style=style,
        title=cell.said,
        aria_label=cell.said if small else None,
    )
