import math
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from resnet_demo.errors import OptionError
from resnet_demo.views.profile import ProfileBar, ProfileWords, profile, profile_table

WORDS = ProfileWords()
BARS = [
    ProfileBar("conv2_block1", "conv2", "projection", 0.31, 0.28, 0.44),
    ProfileBar("conv2_block2", "conv2", "identity", 0.36, 0.14, 0.38),
    ProfileBar("conv3_block1", "conv3", "projection", 0.80, 1.60, 0.52),
]


def draw(bars=BARS, **options):
    return ET.fromstring(profile(bars, WORDS, measure="mean magnitude", alt="what it shows", **options))


def test_every_block_once_in_order_and_focusable(with_class):
    groups = with_class(draw(), "rx-block")
    assert [g.get("data-block") for g in groups] == [bar.name for bar in BARS]
    assert {(g.get("role"), g.get("tabindex")) for g in groups} == {("button", "0")}
    assert groups[0].get("aria-label") == "conv2_block1: shortcut 0.31, residual branch 0.28"


def test_bars_are_as_long_as_their_values(with_class, percent):
    root = draw()
    shortcut = [percent(bar.get("width")) for bar in with_class(root, "rx-bar-shortcut")]
    residual = [percent(bar.get("width")) for bar in with_class(root, "rx-bar-residual")]
    assert shortcut == pytest.approx([100 * bar.shortcut / 1.60 for bar in BARS], abs=0.01)
    assert residual == pytest.approx([100 * bar.residual / 1.60 for bar in BARS], abs=0.01)


def test_swapping_the_branches_changes_the_picture():
    swapped = [replace(bar, shortcut=bar.residual, residual=bar.shortcut) for bar in BARS]
    words = profile(BARS, WORDS, measure="", alt=""), profile(swapped, WORDS, measure="", alt="")
    assert words[0] != words[1]


def test_numbers_beside_the_bars(with_class):
    group = with_class(draw(), "rx-block")[2]
    assert [t.text for t in with_class(group, "rx-value")] == ["0.80", "1.60", "52%"]


def test_projection_blocks_are_marked_and_in_the_legend(with_class):
    root = draw()
    marked = [bool(with_class(g, "rx-bar-projection")) for g in with_class(root, "rx-block")]
    assert marked == [True, False, True]
    assert WORDS.projection in "".join(with_class(root, "rx-legend")[0].itertext())


def test_stages_with_notes_ticks_and_alternative_text(with_class):
    root = draw(stage_notes={"conv3": "28 × 28 × 512"})
    assert [e.text for e in with_class(root, "rx-stage")] == ["conv2", "conv3"]
    assert "28 × 28 × 512" in "".join(root.itertext())
    assert "mean magnitude" in "".join(root.itertext())
    assert with_class(root, "rx-chart")[0].get("aria-label") == "what it shows"
    assert [e.text for e in with_class(root, "rx-tick")][:4] == ["0.0", "0.5", "1.0", "1.5"]


def test_selected_block(with_class):
    root = draw(selected="conv2_block2")
    assert [g.get("data-block") for g in with_class(root, "rx-selected")] == ["conv2_block2"]
    assert [g.get("aria-pressed") for g in with_class(root, "rx-block")] == ["false", "true", "false"]


def test_gates_bar_is_as_long_as_their_share(with_class):
    group = with_class(draw(), "rx-block")[0]
    closed, whole = (float(with_class(group, c)[0].get("width")) for c in ("rx-bar-muted", "rx-track"))
    assert closed / whole == pytest.approx(0.44, abs=1e-3)


def test_without_gates_there_is_no_column(with_class):
    root = draw([replace(bar, closed_gates=None) for bar in BARS])
    assert WORDS.closed_gates not in "".join(root.itertext())
    assert not with_class(root, "rx-track")


def test_no_block_one_block_and_all_zero(with_class):
    assert not with_class(draw([]), "rx-block")
    assert len(with_class(draw(BARS[:1]), "rx-block")) == 1
    zero = draw([replace(BARS[0], shortcut=0.0, residual=0.0)])
    assert with_class(zero, "rx-bar-shortcut")[0].get("width") == "0%"


@pytest.mark.parametrize(("value", "message"), [(math.nan, "finite"), (-1.0, "negative")])
def test_refuses(value, message):
    with pytest.raises(OptionError, match=message):
        draw([replace(BARS[0], residual=value)])


def test_names_and_words_are_escaped(with_class):
    evil = "<b>&\"'"
    words = replace(WORDS, shortcut=evil, bar="{name} " + evil)
    bars = [replace(BARS[0], name=evil, stage=evil)]
    root = ET.fromstring(profile(bars, words, measure=evil, alt=evil))
    assert with_class(root, "rx-block")[0].get("data-block") == evil
    assert not list(root.iter("b"))


def test_table_has_the_same_numbers():
    root = ET.fromstring(profile_table(BARS, WORDS, measure="rms"))
    rows = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]
    assert rows[0] == ["block", "kind", "shortcut (rms)", "residual branch (rms)", "closed gates"]
    assert rows[1] == ["conv2_block1", "projection block", "0.31", "0.28", "44.0%"]
    assert rows[3] == ["conv3_block1", "projection block", "0.80", "1.60", "52.0%"]
    assert root.tag == "details"
