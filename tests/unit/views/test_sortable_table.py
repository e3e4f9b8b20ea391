import math
import xml.etree.ElementTree as ET

import pytest

from resnet_demo.errors import OptionError
from resnet_demo.views.sortable_table import TableColumn, TableRow, TableWords, sortable_table

WORDS = TableWords()
COLUMNS = [
    TableColumn("f", "mean |F|", "residual", "mean magnitude of the residual branch"),
    TableColumn("l", "lesion", "signed"),
    TableColumn("t", "top class", "text"),
    TableColumn("c", "change"),
]
ROWS = [
    TableRow("conv2_block1", "projection", {"f": 0.5, "l": -6.2, "t": "tench", "c": None}),
    TableRow("conv2_block2", "identity", {"f": 2.0, "l": 3.1, "t": "<dog>", "c": 0.1}),
]


def draw(rows=ROWS, **options):
    return ET.fromstring(sortable_table(rows, COLUMNS, WORDS, caption="Two blocks", **options))


def test_cells_and_their_sort_values():
    body = list(next(draw().iter("tbody")))
    assert [["".join(cell.itertext()) for cell in row] for row in body] == [
        ["conv2_block1◇", "0.50", "−6.20", "tench", "–"],
        ["conv2_block2", "2.00", "+3.10", "<dog>", "0.100"],
    ]
    assert [cell.get("data-value") for cell in body[0]] == ["0", "0.5", "-6.2", "tench", None]


def test_bars_are_as_long_as_their_values(with_class):
    first, second = next(draw().iter("tbody"))
    assert with_class(first[1], "rx-fill-residual")[0].get("style") == "left:0%;width:25%"
    assert with_class(second[1], "rx-fill-residual")[0].get("style") == "left:0%;width:100%"
    assert with_class(first[2], "rx-fill-negative")[0].get("style") == "left:0%;width:50%"
    assert with_class(second[2], "rx-fill-positive")[0].get("style") == "left:50%;width:25%"


def test_headings_sort(with_class):
    headings = list(next(draw().iter("thead")).iter("th"))
    assert [h.get("aria-sort") for h in headings] == ["ascending"] + ["none"] * 4
    assert {h[0].get("onclick") for h in headings} == {"rxSort(this)"}
    assert headings[1][0].get("title") == COLUMNS[0].hint
    assert headings[2][0].get("title") == "Sort by lesion"


def test_names_are_buttons_and_one_is_selected(with_class):
    root = draw(selected="conv2_block2")
    assert [b.get("data-block") for b in next(root.iter("tbody")).iter("button")] == [r.name for r in ROWS]
    assert len(with_class(root, "rx-selected")) == 1
    assert next(root.iter("caption")).text == "Two blocks"


def test_no_rows_and_all_zero():
    assert not list(next(draw([]).iter("tbody")))
    zero = draw([TableRow("a", "identity", {"f": 0.0, "l": 0.0, "t": None, "c": 0.0})])
    assert "".join(next(zero.iter("tbody")).itertext()) == "a00–0"


def test_refuses_nan():
    with pytest.raises(OptionError, match="finite"):
        draw([TableRow("a", "identity", {"f": math.nan, "l": 0, "t": "", "c": 0})])
