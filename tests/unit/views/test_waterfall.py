import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest

from resnet_demo.errors import OptionError
from resnet_demo.views.waterfall import LedgerItem, WaterfallWords, waterfall, waterfall_table

WORDS = WaterfallWords()
ITEMS = [
    LedgerItem("class bias", -0.5, "bias"),
    LedgerItem("stem", 1.0, "stem"),
    LedgerItem("bias of conv2_block1", 0.25, "projection", "conv2_block1"),
    LedgerItem("conv2_block1", -2.0, "block", "conv2_block1"),
    LedgerItem("conv2_block2", 5.0, "block", "conv2_block2"),
    LedgerItem("remainder", 1e-6, "remainder"),
]
TOTAL = 3.750001


def draw(items=ITEMS, total=TOTAL, **options):
    return ET.fromstring(waterfall(items, total, WORDS, alt="the sum", **options))


def ends(root, with_class, percent):
    """Where each bar starts and ends, per cent, the total last."""
    bars = [e for e in root.iter("rect") if "rx-bar" in e.get("class")]
    spans = [(percent(bar.get("x")), percent(bar.get("x")) + percent(bar.get("width"))) for bar in bars]
    signs = ["rx-bar-negative" in bar.get("class") for bar in bars]
    return [span[::-1] if negative else span for span, negative in zip(spans, signs, strict=True)]


@pytest.mark.parametrize("order", ["network", "largest"])
def test_bars_are_steps_from_zero_to_the_total(order, with_class, percent):
    *steps, total = ends(draw(order=order), with_class, percent)
    for (_, before), (after, _) in pairwise(steps):
        assert after == pytest.approx(before, abs=0.01)
    assert steps[0][0] == pytest.approx(total[0], abs=0.01)  # from zero
    assert steps[-1][1] == pytest.approx(total[1], abs=0.01)  # to the logit


def test_bars_are_as_long_as_their_values(with_class, percent):
    *steps, total = ends(draw(), with_class, percent)
    unit = (total[1] - total[0]) / TOTAL
    lengths = [(end - start) / unit for start, end in steps]
    assert lengths == pytest.approx([item.value for item in ITEMS], abs=0.01)


def test_signed_values_are_written_and_the_remainder_is_not_hidden(with_class):
    values = [e.text for e in with_class(draw(), "rx-value")]
    assert values == ["−0.50", "+1.00", "+0.25", "−2.00", "+5.00", "+1.0×10⁻⁶", "3.75"]


def test_largest_first(with_class):
    names = [e.text for e in with_class(draw(order="largest"), "rx-label")]
    assert names == [
        "conv2_block2",
        "conv2_block1",
        "stem",
        "class bias",
        "bias of conv2_block1",
        "remainder",
        "logit",
    ]


def test_only_what_belongs_to_a_block_answers_a_click(with_class):
    root = draw(selected="conv2_block1")
    blocks = [g.get("data-block") for g in with_class(root, "rx-block")]
    assert blocks == ["conv2_block1", "conv2_block1", "conv2_block2"]
    assert len(with_class(root, "rx-selected")) == 2
    assert len(with_class(root, "rx-item")) == 3
    assert with_class(root, "rx-block")[2].get("aria-label") == "conv2_block2: +5.00, sum so far 3.75"


def test_changing_a_sign_changes_the_colour(with_class):
    before = draw([LedgerItem("a", 2.0, "block", "a")], 2.0)
    after = draw([LedgerItem("a", -2.0, "block", "a")], -2.0)
    assert with_class(before, "rx-bar-positive")
    assert with_class(after, "rx-bar-negative")
    assert not with_class(after, "rx-bar-positive")


def test_parts_that_do_not_add_up_are_refused():
    with pytest.raises(OptionError, match=r"total=4\.0"):
        draw(total=4.0)
    with pytest.raises(OptionError, match="order='smallest'"):
        draw(order="smallest")


def test_nothing_is_an_empty_sum(with_class):
    root = draw([], 0.0)
    assert not with_class(root, "rx-block")
    assert with_class(root, "rx-bar-total")[0].get("width") == "0%"


def test_escaping(with_class):
    root = draw([replace(ITEMS[3], name="<b>&", block='"<b>')], -2.0)
    assert with_class(root, "rx-block")[0].get("data-block") == '"<b>'
    assert not list(root.iter("b"))


def test_table_has_the_running_sums():
    root = ET.fromstring(waterfall_table(ITEMS, WORDS))
    rows = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]
    assert rows[0] == ["part", "value", "sum so far"]
    assert rows[4] == ["conv2_block1", "−2.00", "−1.25"]
    assert rows[6] == ["remainder", "+1.0×10⁻⁶", "3.75"]
