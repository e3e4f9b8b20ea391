"""The page's colours: enough contrast for text, in both themes, and the meaning the colour maps give them."""

import re
from pathlib import Path

import numpy as np
import pytest

import resnet_demo.views
from resnet_demo.views.colormaps import SHARE, SIGNED
from resnet_demo.views.oklab import srgb_to_oklab

FOLDER = Path(resnet_demo.views.__file__).parent
CSS = (FOLDER / "charts.css").read_text(encoding="utf-8")
TEXT = ["ink", "muted", "shortcut", "residual", "positive", "negative", "accent"]


def colours(selector):
    block = re.search(rf"^{re.escape(selector)} {{(.*?)}}", CSS, re.DOTALL | re.MULTILINE)[1]
    found = re.findall(r"--rx-([a-z]+): #([0-9a-f]{6});", block)
    return {name: np.array([int(value[i : i + 2], 16) for i in (0, 2, 4)]) / 255 for name, value in found}


THEMES = {"light": colours(":root"), "dark": colours(".dark")}


def contrast(a, b):
    """WCAG 2 contrast ratio."""

    def luminance(srgb):
        linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722] + 0.05

    brighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return brighter / darker


def test_contrast_of_known_pairs():
    assert contrast(np.zeros(3), np.ones(3)) == pytest.approx(21)


def test_both_themes_define_the_same_colours():
    assert THEMES["light"].keys() == THEMES["dark"].keys()
    used = set(re.findall(r"var\(--rx-([a-z]+)\)", CSS)) - {"split", "opacity", "curve"}
    assert used <= THEMES["light"].keys()


@pytest.mark.parametrize("theme", list(THEMES))
@pytest.mark.parametrize("name", TEXT)
@pytest.mark.parametrize("behind", ["surface", "band"])
def test_text_is_legible(theme, name, behind):
    assert contrast(THEMES[theme][name], THEMES[theme][behind]) >= 4.5


@pytest.mark.parametrize("theme", list(THEMES))
@pytest.mark.parametrize(
    ("name", "colormap", "end"),
    [("shortcut", SHARE, 0), ("residual", SHARE, 255), ("negative", SIGNED, 0), ("positive", SIGNED, 255)],
)
def test_a_colour_means_the_same_in_charts_and_maps(theme, name, colormap, end):
    def hue(srgb):
        _, a, b = srgb_to_oklab(srgb)
        return np.degrees(np.arctan2(b, a))

    difference = (hue(THEMES[theme][name]) - hue(colormap.table[end] / 255) + 180) % 360 - 180
    assert abs(difference) < 15


def test_every_class_that_is_drawn_has_a_style():
    names = r"rx-[a-z]+(?:-[a-z]+)*(?![-{a-z])"  # what ends in "-{…}" is put together from parts
    drawn = {
        name for path in FOLDER.glob("*.py") for name in re.findall(names, path.read_text(encoding="utf-8"))
    }
    # names for the page and the tests to find things by
    unstyled = {"rx-profile", "rx-waterfall", "rx-scatter", "rx-row", "rx-item", "rx-colorbar-end"}
    unstyled |= {"rx-river", "rx-river-residual", "rx-forming"}
    assert drawn - set(re.findall(names, CSS)) == unstyled | {"rx-colorbar-unit"}
