import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from resnet_demo.views.block_drawing import DrawingWords, DrawnBlock, DrawnLayer, block_drawing

WORDS = DrawingWords()
BN, RELU = DrawnLayer("bn"), DrawnLayer("relu")
BRANCH = (DrawnLayer("conv", 1, 128, 2), BN, RELU, DrawnLayer("conv", 3, 128), BN)
IDENTITY = DrawnBlock("28 × 28 × 512", "28 × 28 × 512", BRANCH, ())
PROJECTION = replace(IDENTITY, input_shape="56 × 56 × 256", shortcut=(DrawnLayer("conv", 1, 512, 2), BN))
BASIC = replace(IDENTITY, shortcut=(DrawnLayer("pad", channels=64, stride=2),))
PLAIN = replace(IDENTITY, shortcut=None)


def texts(block):
    root = ET.fromstring(block_drawing(block, WORDS, alt="<a block>"))
    return [e.text for e in root.iter("text")]


def boxes(block, with_class, branch):
    root = ET.fromstring(block_drawing(block, WORDS, alt=""))
    return with_class(root, f"rx-box-{branch}")


@pytest.mark.parametrize("block", [IDENTITY, PROJECTION, BASIC, PLAIN])
def test_one_box_per_layer_top_to_bottom(block, with_class):
    drawn = boxes(block, with_class, "residual")
    assert len(drawn) == len(BRANCH)
    tops = [float(b.get("y")) for b in drawn]
    bottoms = [float(b.get("y")) + float(b.get("height")) for b in drawn]
    assert all(bottom < top for bottom, top in zip(bottoms, tops[1:], strict=False))
    assert len(boxes(block, with_class, "shortcut")) == len(block.shortcut or ())


def test_layers_are_named_with_their_sizes():
    words = texts(PROJECTION)
    assert words.count("1×1 convolution") == 2
    assert "128 channels · stride 2" in words
    assert "128 channels" in words
    assert "512 channels · stride 2" in words
    assert "input x · 56 × 56 × 256" in words
    assert "output · 28 × 28 × 512" in words
    assert "identity" not in words


def test_identity_zero_padding_and_plain():
    assert "identity" in texts(IDENTITY)
    assert "+64 channels · stride 2" in texts(BASIC)
    assert "y = S + F" in texts(BASIC)
    plain = texts(PLAIN)
    assert "y = S + F" not in plain
    assert "shortcut S" not in plain


def test_relu_after_the_sum_or_not(with_class):
    assert len(boxes(IDENTITY, with_class, "ink")) == 1
    assert not boxes(replace(IDENTITY, relu_after=False), with_class, "ink")


@pytest.mark.parametrize("block", [IDENTITY, PROJECTION, BASIC, PLAIN, replace(IDENTITY, residual=())])
def test_nothing_lies_outside_the_drawing(block):
    root = ET.fromstring(block_drawing(block, WORDS, alt=""))
    width, height = (float(v) for v in root.get("viewBox").split()[2:])
    for rect in root.iter("rect"):
        x, y, w, h = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
        assert min(x, y) >= 0
        assert x + w <= width
        assert y + h <= height
    assert all(0 <= float(text.get("y")) <= height for text in root.iter("text"))


def test_alternative_text_is_escaped():
    root = ET.fromstring(block_drawing(IDENTITY, WORDS, alt="<a block>"))
    assert (root.get("role"), root.get("aria-label")) == ("img", "<a block>")
