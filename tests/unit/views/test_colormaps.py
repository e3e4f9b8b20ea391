import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from resnet_demo.errors import OptionError
from resnet_demo.views.colormaps import (
    HEAT,
    SHARE,
    SIGNED,
    colorbar,
    colorize,
    entries,
    symmetric_range,
)
from resnet_demo.views.oklab import oklab_to_srgb, srgb_to_oklab

MAPS = [HEAT, SHARE, SIGNED]
DIVERGING = [SHARE, SIGNED]

# Machado, Oliveira and Fernandes 2009: how linear RGB looks without one kind of cone
BLINDNESS = {
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
}


def lab(table):
    return srgb_to_oklab(table / 255)


def as_seen(table, kind):
    srgb = table / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(BLINDNESS[kind]).T, 0, 1)
    return srgb_to_oklab(np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055))


def test_oklab_of_known_colours_and_back():
    red = srgb_to_oklab(np.array([1.0, 0, 0]))
    np.testing.assert_allclose(red, [0.6280, 0.2249, 0.1258], atol=1e-3)  # Ottosson's own table
    np.testing.assert_allclose(srgb_to_oklab(np.ones(3)), [1, 0, 0], atol=1e-3)
    colors = np.random.default_rng(0).random((50, 3))
    np.testing.assert_allclose(oklab_to_srgb(srgb_to_oklab(colors)), colors, atol=1e-4)


@pytest.mark.parametrize("colormap", MAPS, ids=lambda m: m.name)
def test_tables_cannot_be_changed_by_accident(colormap):
    assert colormap.table.shape == (256, 3)
    assert colormap.table.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        colormap.table[0] = 0


def test_heat_grows_lighter_in_equal_steps():
    lightness = lab(HEAT.table)[:, 0]
    assert (np.diff(lightness) > 0).all()
    assert np.abs(lightness - np.linspace(lightness[0], lightness[-1], 256)).max() < 0.01
    assert lightness[-1] - lightness[0] > 0.7


@pytest.mark.parametrize("colormap", DIVERGING, ids=lambda m: m.name)
def test_diverging_lightness_is_symmetric_and_palest_in_the_middle(colormap):
    lightness = lab(colormap.table)[:, 0]
    assert np.abs(lightness - lightness[::-1]).max() < 0.01
    assert (np.diff(lightness[:128]) > 0).all()
    assert lightness[colormap.rest] > 0.96


@pytest.mark.parametrize("kind", list(BLINDNESS))
def test_colour_blind_readers_tell_the_two_sides_apart(kind):
    for colormap in DIVERGING:
        seen = as_seen(colormap.table, kind)
        distance = np.linalg.norm(seen[:64] - seen[::-1][:64], axis=1)  # equally strong, opposite
        assert distance.min() > 0.1, colormap.name  # 0.02 is just noticeable


@pytest.mark.parametrize("kind", list(BLINDNESS))
def test_colour_blind_readers_see_heat_grow(kind):
    assert (np.diff(as_seen(HEAT.table, kind)[::8, 0]) > 0).all()


def test_share_has_the_branches_hues():
    low, high = lab(SHARE.table)[[0, 255], 1:]
    assert low[1] < 0 < high[1]  # shortcut bluish, residual branch yellowish


def test_entries_by_hand():
    values = np.array([[-1, 0, 1], [2, 3, 9]], np.float32)
    np.testing.assert_array_equal(entries(values, 0, 3, HEAT), [[0, 0, 85], [170, 255, 255]])
    np.testing.assert_array_equal(colorize(values, 0, 3, HEAT)[1, 0], HEAT.table[170])
    assert values[0, 0] == -1


def test_zero_of_a_symmetric_range_is_the_middle():
    values = np.array([[-3, 0, 2]], np.float32)
    assert symmetric_range(values) == (-3, 3)
    assert entries(values, -3, 3, SIGNED)[0, 1] in (127, 128)
    assert symmetric_range(np.zeros((0, 0), np.float32)) == (0, 0)


@pytest.mark.parametrize("colormap", MAPS, ids=lambda m: m.name)
def test_constant_map_rests(colormap):
    values = np.full((2, 3), 4, np.float32)
    assert (entries(values, 4, 4, colormap) == colormap.rest).all()
    assert (entries(values, 5, 5, colormap) == 0).all()
    assert (entries(values, 3, 3, colormap) == 255).all()


@given(arrays(np.float32, (2, 3), elements=st.floats(allow_nan=False, allow_infinity=False, width=32)))
def test_any_finite_map_has_colours_in_order(values):
    low, high = float(values.min()), float(values.max())
    drawn = entries(values, low, high, HEAT)
    assert (np.diff(drawn.ravel()[np.argsort(values, axis=None)].astype(int)) >= 0).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_refuses_what_is_not_finite(bad):
    with pytest.raises(OptionError, match="NaN or infinity"):
        colorize(np.array([[0, bad]], np.float32), 0, 1, HEAT)
    with pytest.raises(OptionError, match="at most `high`"):
        colorize(np.zeros((1, 1), np.float32), bad, 1, HEAT)


def test_refuses_a_range_upside_down():
    with pytest.raises(OptionError, match="low=2, high=1"):
        colorize(np.zeros((1, 1), np.float32), 2, 1, HEAT)


def test_colorbar_says_its_range_and_shows_its_ends():
    root = ET.fromstring(colorbar(SHARE, 0, 0.897, unit="share <F>", label="share map"))
    assert "".join(root.itertext()) == "00.897share <F>"
    assert root.get("aria-label") == "share map: 0 – 0.897"
    ramp = root[1].get("style")
    first, last = ("#" + bytes(SHARE.table[i]).hex() for i in (0, 255))
    assert ramp.startswith(f"background:linear-gradient(90deg,{first},")
    assert ramp.endswith(f",{last})")
