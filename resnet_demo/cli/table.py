"""Rows of text in columns, for reading."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]], alignment: str, indent: str = "") -> list[str]:
    """Lines of a table whose columns stand two spaces apart; a column that is empty in every row is left out.

    Args:
        rows: each with one text per column.
        alignment: a letter per column, "l" for left and "r" for right.
        indent: what each line begins with.
    """
    columns = [column for column in range(len(alignment)) if any(row[column] for row in rows)]
    widths = {column: max(columns_taken(row[column]) for row in rows) for column in columns}
    return [
        indent
        + "  ".join(_pad(row[column], widths[column], alignment[column]) for column in columns).rstrip()
        for row in rows
    ]


def columns_taken(text: str) -> int:
    """How many columns of a terminal a text takes: two a full-width character, none a combining one."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _pad(text: str, width: int, side: str) -> str:
    space = " " * (width - columns_taken(text))
    return text + space if side == "l" else space + text
