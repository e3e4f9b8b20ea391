import base64
import io
import xml.etree.ElementTree as ET

import numpy as np
from PIL import Image

from resnet_demo.views.block_maps import MapTile, block_maps, with_common_range
from resnet_demo.views.colormaps import HEAT, SHARE, colorize

RNG = np.random.default_rng(2)


def tile(symbol, low, high, colormap=HEAT):
    values = RNG.random((3, 5)).astype(np.float32)
    return MapTile(symbol, f"caption <{symbol}>", values, low, high, colormap, "rms", f"alt {symbol}")


def test_each_map_with_its_caption_range_and_pixels(with_class):
    tiles = [tile("S", 0, 1), tile("F", 0, 2), tile("share", 0, 1, SHARE)]
    root = ET.fromstring(block_maps(tiles, label="block"))
    figures = list(root.iter("figure"))
    assert len(figures) == 3
    for drawn, given in zip(figures, tiles, strict=True):
        image = next(drawn.iter("img"))
        data = base64.b64decode(image.get("src").split(",")[1])
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        np.testing.assert_array_equal(pixels, colorize(given.values, given.low, given.high, given.colormap))
        assert image.get("alt") == given.alt
        assert "".join(next(drawn.iter("figcaption")).itertext()) == given.symbol + given.caption
        ends = [e.text for e in with_class(drawn, "rx-colorbar-end")]
        assert ends == ["0", f"{given.high}.00"]


def test_common_range_is_the_widest():
    tiles = [tile("S", 0.25, 1), tile("F", 0.5, 2)]
    common = with_common_range(tiles)
    assert [(t.low, t.high) for t in common] == [(0.25, 2), (0.25, 2)]
    assert [t.symbol for t in common] == ["S", "F"]
    assert tiles[1].low == 0.5
    assert with_common_range([]) == ()
