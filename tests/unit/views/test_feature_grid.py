import base64
import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from resnet_demo.errors import OptionError
from resnet_demo.views.colormaps import HEAT, colorize
from resnet_demo.views.feature_grid import FeatureWords, feature_grid, feature_over_photo

WORDS = FeatureWords()
MAPS = np.random.default_rng(1).random((4, 6, 3)).astype(np.float32)


def pixels(uri):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))).convert("RGB"))


def grid(ranges, **options):
    return ET.fromstring(
        feature_grid(MAPS, [57, 3, 200], [0.5, 0.25, 1.5], ranges, WORDS, label="conv2", **options)
    )


def test_each_channel_once_with_its_own_map_and_range():
    ranges = [(0, 1), (0, 0.5), (0, 2)]
    before = MAPS.copy()
    buttons = list(grid(ranges, selected=3).iter("button"))
    assert [b.get("data-channel") for b in buttons] == ["57", "3", "200"]
    assert [b.get("aria-pressed") for b in buttons] == ["false", "true", "false"]
    assert buttons[1].get("aria-label") == "Channel 3, mean activation 0.250"
    for i, button in enumerate(buttons):
        np.testing.assert_array_equal(pixels(button[0].get("src")), colorize(MAPS[:, :, i], *ranges[i], HEAT))
    np.testing.assert_array_equal(MAPS, before)


def test_one_colour_bar_when_scaled_together_else_a_note(with_class):
    together, apart = grid([(0, 2)] * 3), grid([(0, 1), (0, 2), (0, 3)])
    assert len(with_class(together, "rx-colorbar")) == 1
    assert not with_class(together, "rx-note")
    assert not with_class(apart, "rx-colorbar")
    assert with_class(apart, "rx-note")[0].text == WORDS.each_range


def test_dead_channels_and_no_channels_are_drawn():
    dead = feature_grid(np.zeros((2, 2, 1), np.float32), [0], [0.0], [(0, 0)], WORDS, label="")
    assert (pixels(next(ET.fromstring(dead).iter("img")).get("src")) == HEAT.table[0]).all()
    empty = feature_grid(np.zeros((2, 2, 0), np.float32), [], [], [], WORDS, label="")
    assert not list(ET.fromstring(empty).iter("button"))


def test_unequal_lengths_are_refused():
    with pytest.raises(OptionError, match="3, 2, 3, 3"):
        feature_grid(MAPS, [1, 2], [0, 0, 0], [(0, 1)] * 3, WORDS, label="")


def test_ring_is_at_the_maximum(with_class):
    values = np.zeros((4, 8), np.float32)
    values[1, 6] = 2.5
    root = ET.fromstring(feature_over_photo("data:p", values, 57, (0, 2.5), WORDS, alt="where <57> fires"))
    ring = with_class(root, "rx-ring")[0]
    assert ring.get("style") == "left:81.25%;top:37.5%"
    assert ring.get("title") == "Channel 57: largest activation, 2.50"
    photo = next(root.iter("img"))
    assert (photo.get("src"), photo.get("alt")) == ("data:p", "where <57> fires")
    assert with_class(root, "rx-colorbar")
