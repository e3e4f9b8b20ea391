"""The river: its streams are as wide as the rms they stand for, in one scale."""

import xml.etree.ElementTree as ET
from math import hypot

import pytest

from resnet_demo.errors import OptionError
from resnet_demo.views.colormaps import SIGNED
from resnet_demo.views.river import RiverBlock, RiverWords, river, river_table

BLOCKS = [  # √(0.9² + 0.4²) = 0.985; the first block's branches agree, the second's cancel
    RiverBlock("conv2_block1", "conv2", "projection", 0.9, 0.4, 1.1, 0.6, 0.2),
    RiverBlock("conv2_block2", "conv2", "identity", 0.6, 0.3, 0.5, 0.45, -0.8),
    RiverBlock("conv3_block1", "conv3", "projection", 0.2, 0.0, 0.2, 0.1, float("nan")),
]


def drawn(blocks=BLOCKS, **options):
    return ET.fromstring(river(blocks, RiverWords(), alt="a <small> network", **options))


def width(with_class, cell, name):
    """A stream's width and its middle line, in pixels."""
    stream = [e for e in with_class(cell, f"rx-river-{name}") if e.tag == "rect"][-1]
    height = float(stream.get("height"))
    return height, float(stream.get("y")) + height / 2


def test_every_stream_is_as_wide_as_its_rms(with_class):
    cells = with_class(drawn(), "rx-river-cell")
    scale = width(with_class, cells[0], "sum")[0] / 1.1  # the widest
    for cell, block in zip(cells, BLOCKS, strict=True):
        for name in ("shortcut", "residual", "sum", "output"):
            assert width(with_class, cell, name)[0] == pytest.approx(scale * getattr(block, name), abs=2e-3)
        lines = {round(width(with_class, cell, name)[1], 1) for name in ("shortcut", "sum", "output")}
        assert len(lines) == 1  # one stream, the branch above it
        assert width(with_class, cell, "residual")[1] < lines.pop()
    assert max(width(with_class, c, "sum")[0] for c in cells) == pytest.approx(46, abs=2e-3)


def test_the_scale_that_is_written_is_the_one_that_is_drawn(with_class):
    root = drawn()
    (bar,) = with_class(root, "rx-river-scale")
    pixels = float(bar.get("style").removeprefix("height:").removesuffix("px"))
    said = float(with_class(root, "rx-river-measure")[0].find("i").tail.split()[0])
    assert pixels / said == pytest.approx(46 / 1.1, rel=1e-3)


@pytest.mark.parametrize(("index", "name"), [(0, "agree"), (1, "cancel")])
def test_the_cross_term_is_what_the_sum_has_more_or_less_than_two_strangers(with_class, index, name):
    block, cell = BLOCKS[index], with_class(drawn(), "rx-river-cell")[index]
    apart = hypot(block.shortcut, block.residual)
    sides = with_class(cell, f"rx-river-{name}")
    assert len(sides) == 2
    for side in sides:
        assert float(side.get("height")) == pytest.approx(46 / 1.1 * abs(block.sum - apart) / 2, abs=2e-3)
    other = {"agree": "cancel", "cancel": "agree"}[name]
    assert not with_class(cell, f"rx-river-{other}")
    top, bottom = (float(s.get("y")) for s in sides)
    sum_height, line = width(with_class, cell, "sum")
    outer = max(sum_height, 46 / 1.1 * apart)
    assert top == pytest.approx(line - outer / 2, abs=5e-3)
    assert bottom + float(sides[1].get("height")) == pytest.approx(line + outer / 2, abs=5e-3)


def test_what_leaves_a_block_enters_the_next(with_class):
    first, second, third = with_class(drawn(), "rx-river-cell")
    leaves = width(with_class, first, "output")
    assert width(with_class, second, "shortcut") == pytest.approx(
        leaves, abs=2e-3
    )  # an identity block's S is x
    came_in = with_class(third, "rx-river-output")[0]  # a projection's is another tensor: both are drawn
    assert float(came_in.get("x")) == 0
    assert float(came_in.get("height")) == pytest.approx(width(with_class, second, "output")[0], abs=2e-3)


def test_projections_are_marked_and_every_block_is_a_button_with_its_numbers(with_class):
    root = drawn(selected="conv2_block2")
    assert with_class(root, "rx-river-bed")[0].get("aria-label") == "a <small> network"
    cells = with_class(root, "rx-river-cell")
    assert [bool(with_class(c, "rx-bar-projection")) for c in cells] == [True, False, True]
    groups = with_class(root, "rx-block")
    assert [g.get("data-block") for g in groups] == [b.name for b in BLOCKS]
    assert [(g.get("role"), g.get("tabindex"), g.get("aria-pressed")) for g in groups] == [
        ("button", "0", "false"),
        ("button", "0", "true"),
        ("button", "0", "false"),
    ]
    assert groups[1].get("aria-label") == (
        "conv2_block2, identity block: rms of S 0.600, F 0.300, y 0.500; cross term −80%"
    )
    assert groups[2].get("aria-label").endswith("cross term –")


def test_the_ledger_colours_the_branches_and_is_written_below(with_class):
    ledger = {"conv2_block1": 2.0, "conv2_block2": -1.0, "conv3_block1": 0.0}
    root = drawn(ledger=ledger)
    fills = [
        with_class(c, "rx-river-residual")[0].get("style").removeprefix("fill:")
        for c in with_class(root, "rx-river-cell")
    ]
    ends = [f"#{SIGNED.table[i].tobytes().hex()}" for i in (255, 64, 128)]
    assert fills == ends
    assert "+2.00" in "".join(root.itertext())
    assert with_class(root, "rx-colorbar")
    plain = drawn()
    assert not with_class(plain, "rx-river-heat")
    assert with_class(plain, "rx-river-residual")[0].get("style") is None


def test_the_table_has_every_number(with_class):
    root = ET.fromstring(
        river_table(BLOCKS, RiverWords(), {"conv2_block1": 2.0, "conv2_block2": -1.0, "conv3_block1": 0})
    )
    rows = [[cell.text for cell in row] for row in root.iter("tr")]
    assert rows[1] == ["conv2_block1", "projection block", "0.90", "0.40", "1.10", "0.60", "+20%", "+2.00"]
    assert rows[3][-2:] == ["–", "0"]


def test_fifty_blocks_and_none_that_flows(with_class):
    many = [RiverBlock(f"b{i}", f"s{i // 20}", "identity", 1 + i % 3, 7, 6, 6, 0) for i in range(50)]
    assert len(with_class(drawn(many), "rx-river-cell")) == 50
    still = RiverBlock("b", "s", "identity", 0, 0, 0, 0, float("nan"))
    assert width(with_class, with_class(drawn([still]), "rx-river-cell")[0], "shortcut")[0] == 0


@pytest.mark.parametrize("wrong", [-0.1, float("nan"), float("inf")])
def test_what_is_no_width_is_refused(wrong):
    with pytest.raises(OptionError, match="finite, not negative"):
        drawn([RiverBlock("b", "s", "identity", 1, wrong, 1, 1, 0)])
