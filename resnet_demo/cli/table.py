"""Rows of text in columns, for reading."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

JUSTIFY: dict[str, Literal["left", "right"]] = {"l": "left", "r": "right"}


def aligned(rows: Sequence[Sequence[str]], alignment: str, indent: str = "") -> list[str]:
    """Lines of a table whose columns stand two spaces apart; a column that is empty in every row is left out.

    Args:
        rows: each with one text per column, as it is: nothing in it is markup.
        alignment: a letter per column, "l" for left and "r" for right.
        indent: what each line begins with.
    """
    columns = [column for column in range(len(alignment)) if any(row[column] for row in rows)]
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(justify=JUSTIFY[alignment[column]], no_wrap=True)
    for row in rows:
        table.add_row(*(Text(row[column]) for column in columns))
    # As wide as it takes: a line is cut by whoever shows it, not here.
    console = Console(file=io.StringIO(), width=100_000, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(table)
    return [indent + line.rstrip() for line in captured.get().splitlines()]
