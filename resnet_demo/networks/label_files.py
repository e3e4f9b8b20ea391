"""The forms in which people keep class names, read as text."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

INDEX_COLUMNS = (
    "index",
    "idx",
    "class_index",
    "class_idx",
    "class_id",
    "classid",
    "label_id",
    "id",
    "number",
    "",
)
NAME_COLUMNS = (
    "name",
    "names",
    "class_name",
    "classname",
    "label",
    "labels",
    "class",
    "category",
    "english",
    "title",
)
WNID_COLUMNS = ("wnid", "synset", "wordnet_id", "wordnet", "imageid")

SYNSET = re.compile(r"(n\d{8})\s+(\S.*)")  # synset_words.txt, LOC_synset_mapping.txt
NUMBERED_SYNSET = re.compile(r"(n\d{8})\s+(\d+)\s+(\S.*)")  # map_clsloc.txt
NUMBERED = re.compile(r"(\d+)\s*[:,;\t ]\s*(\S.*)")
WNID = re.compile(r"n\d{8}")


@dataclass(frozen=True)
class LabelFile:
    """The entries of a file of class names.

    Attributes:
        entries: (number, wnid, name) of each, in the file's order; wnid "" where there is none, and name "" where there
            is a wnid alone.
        first: the number that the file gives its first class, 0 or 1; None where it gives no numbers.
    """

    entries: tuple[tuple[int, str, str], ...]
    first: int | None


def parse(text: str) -> LabelFile:
    """Read class names in any form.

    Args:
        text: JSON or a Python literal: a list of names or of [wnid, name]; Keras' class index {"0": [wnid, name], …};
            {"0": name, …}; Keras' class_indices {name: 0, …}; an object with one of these under "id2label",
            "label2id", "class_indices" or "label_names". Or CSV with a header; or lines: names, numbers and names,
            synset_words ("n01440764 tench, Tinca tinca"), wnids.

    Raises:
        ValueError: none of these.
    """
    if text.lstrip().startswith(("[", "{")):
        return _of_json(_literal(text))
    rows = [line.strip() for line in text.splitlines() if line.strip()]
    return _of_table(text) or _of_lines(rows)


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        try:
            return ast.literal_eval(text)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            raise ValueError("neither JSON nor a Python literal") from error


def _of_json(content: Any) -> LabelFile:
    if isinstance(content, Mapping):
        for key in ("id2label", "label2id", "class_indices", "label_names"):
            if isinstance(content.get(key), (Mapping, list)):
                return _of_json(content[key])
        if content and all(isinstance(value, int) for value in content.values()):
            return _numbered([(value, "", _name(key)) for key, value in content.items()])
        return _numbered([(int(key), *_pair(value)) for key, value in content.items()])
    if not isinstance(content, list):
        raise ValueError("neither a list nor an object")
    return LabelFile(tuple((i, *_pair(entry)) for i, entry in enumerate(content)), None)


def _pair(entry: Any) -> tuple[str, str]:
    wnid, name = ("", entry) if isinstance(entry, str) else entry
    if not isinstance(wnid, str):
        raise ValueError("a WordNet id that is not text")
    return wnid, _name(name)


def _name(name: Any) -> str:
    if not (isinstance(name, str) and name.strip()):
        raise ValueError("a name that is not text")
    return name.strip()


def _of_table(text: str) -> LabelFile | None:
    """CSV, with commas, semicolons or tabs, whose first line names its columns; None for any other text."""
    header = text.lstrip().splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=header.count)
    columns = [column.strip().strip('"').casefold() for column in header.split(delimiter)]
    if len(columns) < 2:
        return (
            None if columns[:1] not in ([name] for name in ("name", "label", "class_name")) else _column(text)
        )
    number, wnid, name = (
        next((columns.index(c) for c in known if c in columns), None)
        for known in (INDEX_COLUMNS, WNID_COLUMNS, NAME_COLUMNS)
    )
    if name is None:
        return None
    rows = [row for row in csv.reader(text.lstrip().splitlines()[1:], delimiter=delimiter) if any(row)]
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("a line of the table that has another number of columns than its first")
    if number is None and (other := [i for i in range(len(columns)) if i not in (wnid, name)]):
        # "label,name": where one of two columns counts, it is the number, whatever it is called.
        number = next((i for i in other if rows and all(row[i].strip().isdecimal() for row in rows)), None)
    if number is None and rows and len(columns) == 2 and wnid is None:
        # "label,class": either may be the name, and their content tells.
        numbers = [all(row[i].strip().isdecimal() for row in rows) for i in (0, 1)]
        if numbers[name] and not numbers[1 - name]:
            number, name = name, 1 - name
    if number is None and all(row[name].strip().isdecimal() for row in rows):
        raise ValueError("a table whose names are numbers")
    entries = [
        (
            i if number is None else int(row[number]),
            "" if wnid is None else row[wnid].strip(),
            _name(row[name]),
        )
        for i, row in enumerate(rows)
    ]
    return LabelFile(tuple(entries), None) if number is None else _numbered(entries)


def _column(text: str) -> LabelFile:
    """A table of one column."""
    names = [line.strip() for line in text.splitlines() if line.strip()][1:]
    return LabelFile(tuple((i, "", name) for i, name in enumerate(names)), None)


def _of_lines(rows: list[str]) -> LabelFile:
    if rows and (found := [NUMBERED_SYNSET.fullmatch(row) for row in rows]) and all(found):
        return _numbered([(int(m[2]), m[1], m[3]) for m in found if m])
    if rows and (found := [SYNSET.fullmatch(row) for row in rows]) and all(found):
        # Of several names for the same, the first is what the class is called.
        return LabelFile(tuple((i, m[1], m[2].split(",")[0]) for i, m in enumerate(found) if m), None)
    if rows and all(WNID.fullmatch(row) for row in rows):
        return LabelFile(tuple((i, row, "") for i, row in enumerate(rows)), None)
    if rows and (found := [NUMBERED.fullmatch(row) for row in rows]) and all(found):
        numbers = [int(m[1]) for m in found if m]
        if numbers in (list(range(len(rows))), list(range(1, len(rows) + 1))):
            return _numbered([(int(m[1]), "", m[2]) for m in found if m])
    return LabelFile(tuple((i, "", row) for i, row in enumerate(rows)), None)


def _numbered(entries: list[tuple[int, str, str]]) -> LabelFile:
    """Entries that bring their numbers, from 0, or from 1 where there is a 1 and no 0."""
    numbers = [number for number, _, _ in entries]
    if numbers and min(numbers) < 0:
        raise ValueError("a negative number")
    return LabelFile(tuple(entries), 0 if not numbers or 0 in numbers else 1)
