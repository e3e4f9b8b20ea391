import xml.etree.ElementTree as ET

from resnet_demo.views.network_strip import StripStage, StripWords, network_strip

STAGES = [
    StripStage("conv2", "56 × 56 × 64", ("identity", "identity", "projection")),
    StripStage("conv3", "28 × 28 × 128", ("identity",)),
]


def test_every_block_has_its_branch_its_arc_and_its_sum(with_class):
    root = ET.fromstring(network_strip(STAGES, StripWords(), alt="a <small> network"))
    strip = with_class(root, "rx-strip")[0]
    assert strip.get("aria-label") == "a <small> network"
    for stage, drawn in zip(STAGES, with_class(strip, "rx-strip-stage"), strict=True):
        blocks = len(stage.blocks)
        assert len(with_class(drawn, "rx-bar-residual")) == blocks
        assert len(with_class(drawn, "rx-line-shortcut")) == blocks
        assert len(with_class(drawn, "rx-drawing-sum")) == blocks
        assert [drawn.find("b").text, drawn.find("span").text] == [stage.name, stage.shape]


def test_a_projection_is_marked_on_its_own_arc(with_class):
    root = ET.fromstring(network_strip(STAGES, StripWords(), alt=""))
    first, second = with_class(root, "rx-strip-stage")
    (mark,) = with_class(first, "rx-bar-projection")
    assert not with_class(second, "rx-bar-projection")
    third = with_class(first, "rx-bar-residual")[2]
    middle = float(third.get("x")) + float(third.get("width")) / 2
    assert float(mark.get("x")) + float(mark.get("width")) / 2 == middle


def test_nothing_reaches_beyond_its_stage(with_class):
    root = ET.fromstring(network_strip(STAGES, StripWords(), alt=""))
    for stage in with_class(root, "rx-strip-stage"):
        width = float(stage.find("svg").get("width"))
        circles = with_class(stage, "rx-drawing-sum")
        assert max(float(c.get("cx")) + float(c.get("r")) for c in circles) <= width
