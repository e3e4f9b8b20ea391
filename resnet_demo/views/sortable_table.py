"""A sortable table: one row per block, layer or photo, sorted in the browser, a small bar in every cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_demo.views.markup import Html, element, join, part_of_whole
from resnet_demo.views.number_format import column as written_column

Tone = Literal["shortcut", "residual", "plain", "signed", "text"]


@dataclass(frozen=True)
class TableColumn:
    """One column.

    Attributes:
        key: where its values are in `TableRow.values`.
        title: its heading.
        tone: colour of its bars; "signed" columns are written with their sign and drawn from a zero in the
            middle, "text" columns have no bars.
        hint: what it is, shown when the pointer rests on the heading.
    """

    key: str
    title: str
    tone: Tone = "plain"
    hint: str = ""


@dataclass(frozen=True)
class TableRow:
    """One block; a value is a number, a text (in "text" columns), or None where the block has none."""

    name: str
    kind: Literal["projection", "identity"]
    values: Mapping[str, float | str | None]


@dataclass(frozen=True)
class TableWords:
    """Words of the table; {title} is filled in."""

    block: str = "block"
    projection: str = "projection block"
    sort: str = "Sort by {title}"
    none: str = "none"


def sortable_table(
    rows: Sequence[TableRow],
    columns: Sequence[TableColumn],
    words: TableWords,
    *,
    caption: str,
    selected: str | None = None,
) -> Html:
    """Return the table; a heading's button sorts by its column, with `rxSort` of charts.js.

    Args:
        rows: the blocks, in network order; sorting by the first column brings this order back.
        columns: the columns after the block's name.
        words: the words on it.
        caption: what the table shows, in a sentence.
        selected: name of the block whose details are shown, if any.

    Raises:
        OptionError: a number that is not finite.
    """
    headings = [_heading(TableColumn("", words.block, "text"), words, sort="ascending")]
    headings += [_heading(column, words, sort="none") for column in columns]
    cells = [_cells([row.values[column.key] for row in rows], column, words) for column in columns]
    body = []
    for index, row in enumerate(rows):
        mark = element("abbr", "◇", title=words.projection) if row.kind == "projection" else Html("")
        name = element("button", row.name, type="button", class_="rx-row-name", data_block=row.name)
        class_ = "rx-row rx-selected" if row.name == selected else "rx-row"
        head = element("th", name, mark, scope="row", data_value=str(index))
        body.append(element("tr", head, join(cells_of[index] for cells_of in cells), class_=class_))
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", join(headings))),
            element("tbody", join(body)),
            class_="rx-table rx-lab",
        ),
        class_="rx-scroll",
    )


def _heading(column: TableColumn, words: TableWords, *, sort: str) -> Html:
    button = element(
        "button",
        column.title,
        element("span", class_="rx-sort-arrow", aria_hidden="true"),
        type="button",
        onclick="rxSort(this)",
        title=column.hint or words.sort.format(title=column.title),
    )
    class_ = "rx-cell-text" if column.tone == "text" else None
    return element("th", button, scope="col", aria_sort=sort, class_=class_)


def _cells(values: Sequence[float | str | None], column: TableColumn, words: TableWords) -> list[Html]:
    numbers = [value for value in values if isinstance(value, int | float)]
    letters = iter(written_column(numbers, sign=column.tone == "signed"))
    largest = max(map(abs, numbers), default=0.0)
    cells: list[Html] = []
    for value in values:
        if value is None:
            cells.append(
                element("td", element("span", "–", class_="rx-soft", aria_label=words.none, role="img"))
            )
        elif isinstance(value, str):
            cells.append(element("td", value, data_value=value, class_="rx-cell-text"))
        else:
            cells.append(_number_cell(value, next(letters), largest, column))
    return cells


def _number_cell(value: float, written: str, largest: float, column: TableColumn) -> Html:
    share = abs(value) / largest if largest else 0.0
    if column.tone == "signed":
        tone, width, left = (
            ("positive", share / 2, 0.5) if value > 0 else ("negative", share / 2, 0.5 - share / 2)
        )
    else:
        tone, width, left = column.tone, share, 0.0
    bar = element(
        "span",
        class_=f"rx-cell-bar rx-fill-{tone}",
        style=f"left:{part_of_whole(left)};width:{part_of_whole(width)}",
    )
    return element(
        "td",
        element("span", written, class_="rx-cell-number"),
        element(
            "span", bar, class_="rx-cell-track rx-cell-signed" if column.tone == "signed" else "rx-cell-track"
        ),
        data_value=repr(float(value)),
    )
