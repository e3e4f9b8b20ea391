import base64
import io

import numpy as np
import pytest
from PIL import Image

from resnet_demo.errors import OptionError
from resnet_demo.views.colormaps import HEAT, SIGNED, colorize
from resnet_demo.views.pictures import (
    encode,
    encode_map,
    encode_overlay,
    heatmap_rgba,
    lay_over,
    overlay_alpha,
    resize_map,
)

RNG = np.random.default_rng(7)


def decode(uri, mode):
    head, data = uri.split(",")
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert head == f"data:image/{image.format.lower()};base64"
    return np.asarray(image.convert(mode))


def resize_oracle(values, size):
    """Bilinear weights written out: a triangle of one input pixel, or of one output pixel when shrinking."""

    def weights(old, new):
        ratio = old / new
        centers = (np.arange(new)[:, None] + 0.5) * ratio - 0.5
        triangle = np.maximum(0, 1 - np.abs(np.arange(old)[None] - centers) / max(1, ratio))
        return triangle / triangle.sum(1, keepdims=True)

    return weights(values.shape[0], size[0]) @ values.astype(float) @ weights(values.shape[1], size[1]).T


@pytest.mark.parametrize("size", [(224, 224), (10, 31), (5, 7), (3, 2), (1, 1)])
def test_resize_map_is_bilinear_with_half_pixel_centres(size):
    values = RNG.normal(size=(5, 7)).astype(np.float32)
    before = values.copy()
    resized = resize_map(values, size)
    assert resized.dtype == np.float32
    np.testing.assert_allclose(resized, resize_oracle(values, size), atol=1e-5)
    np.testing.assert_array_equal(values, before)


def test_resize_by_hand():
    resized = resize_map(np.array([[0, 4]], np.float32), (1, 4))
    np.testing.assert_allclose(resized, [[0, 1, 3, 4]])  # centres at ¼, ¾, 1¼, 1¾ of two pixels


@pytest.mark.parametrize(("format", "channels"), [("png", 3), ("png", 4), ("webp", 3)])
def test_exact_formats_give_every_pixel_back(format, channels):
    image = RNG.integers(0, 256, (6, 9, channels), np.uint8)
    np.testing.assert_array_equal(decode(encode(image, format), "RGBA" if channels == 4 else "RGB"), image)


def test_jpeg_is_close():
    image = np.dstack([np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))] * 3)
    assert np.abs(decode(encode(image), "RGB").astype(int) - image).max() < 12


@pytest.mark.parametrize(
    ("shape", "dtype", "format"),
    [
        ((4, 4), np.uint8, "png"),
        ((4, 4, 3), np.float32, "png"),
        ((4, 4, 4), np.uint8, "jpeg"),
        ((4, 4, 3), np.uint8, "gif"),
    ],
)
def test_encode_refuses(shape, dtype, format):
    with pytest.raises(OptionError, match="should be"):
        encode(np.zeros(shape, dtype), format)


def test_a_map_is_encoded_at_its_own_resolution_and_exactly():
    values = RNG.normal(size=(5, 7)).astype(np.float32)
    np.testing.assert_array_equal(
        decode(encode_map(values, -1, 2, HEAT), "RGB"), colorize(values, -1, 2, HEAT)
    )


@pytest.mark.parametrize("colormap", [HEAT, SIGNED], ids=lambda m: m.name)
def test_encoded_overlay_is_the_overlay(colormap):
    values = RNG.normal(size=(5, 7)).astype(np.float32)
    overlay = heatmap_rgba(values, (20, 30), -1, 1, colormap)
    assert overlay.shape == (20, 30, 4)
    assert overlay.dtype == np.uint8
    np.testing.assert_array_equal(decode(encode_overlay(values, (20, 30), -1, 1, colormap), "RGBA"), overlay)


def test_overlay_lets_the_photo_through_where_nothing_is():
    alpha = overlay_alpha(HEAT).astype(int)
    assert (alpha[0], alpha[255]) == (0, 255)
    assert (np.diff(alpha) >= 0).all()
    both = overlay_alpha(SIGNED).astype(int)
    assert (both[0], both[128], both[255]) == (255, 0, 255)


def test_lay_over_by_hand():
    photo = np.full((1, 2, 3), 100, np.uint8)
    overlay = np.array([[[200, 0, 100, 255], [200, 0, 100, 0]]], np.uint8)
    np.testing.assert_array_equal(lay_over(photo, overlay, 0.5), [[[150, 50, 100], [100, 100, 100]]])
    np.testing.assert_array_equal(lay_over(photo, overlay, 0), photo)
    assert (photo == 100).all()
