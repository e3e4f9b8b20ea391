"""The figures' content, read back from matplotlib's objects and from the drawn pixels."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from resnet_demo.views.colormaps import HEAT, SHARE
from resnet_demo.views.figures import (
    BlockMaps,
    LabBars,
    ProfileRow,
    block_maps_figure,
    feature_maps_figure,
    heatmap_figure,
    lab_figure,
    profile_figure,
    reliability_figure,
    waterfall_figure,
)
from resnet_demo.views.figures.canvas import NEGATIVE, POSITIVE, to_matplotlib


def drawn(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer)
    return np.asarray(Image.open(buffer).convert("RGB"))


def texts(figure):
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def colors(bars):
    return [to_hex(bar.get_facecolor()) for bar in bars]


def ramp(height, width, low=0.0, high=1.0):
    return np.linspace(low, high, height * width, dtype=np.float32).reshape(height, width)


def test_our_colour_maps_come_out_as_they_are():
    table = to_matplotlib(SHARE)(np.arange(256), bytes=True)[:, :3]
    np.testing.assert_array_equal(table, SHARE.table)


@pytest.mark.parametrize("shape", [(30, 70), (70, 30), (1, 1), (2, 900), (900, 2), (2400, 1800)])
def test_heatmap_on_photos_of_any_shape(shape):
    photo = np.full((*shape, 3), 90, np.uint8)
    figure = heatmap_figure(photo, ramp(7, 7, 0, 3.25), "What speaks for a $5 note", "Grad-CAM")
    drawn(figure)
    left, right = (axes.images[0].get_array() for axes in figure.axes[:2])
    assert left.shape == right.shape
    assert left.shape[0] <= 900
    assert {"What speaks for a $5 note", "Grad-CAM", "0", "3.2"} <= set(texts(figure))
    if shape == (30, 70):
        np.testing.assert_array_equal(left, photo)
        # Cold at the top left, hot at the bottom right.
        np.testing.assert_array_equal(right[0, 0], photo[0, 0])
        hot = 0.8 * HEAT.table[-1] + 0.2 * 90
        np.testing.assert_allclose(right[-1, -1], hot, atol=1)


def test_a_heatmap_of_zeros_leaves_the_photo_alone():
    photo = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    figure = heatmap_figure(photo, np.zeros((7, 7), np.float32), "title", "note")
    drawn(figure)
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), photo)


@pytest.mark.parametrize("k", [1, 5, 16])
def test_feature_maps_each_with_its_number_and_range(k):
    maps = np.stack([ramp(5, 4, -0.5 if i == 1 else 0.25, i + 1) for i in range(k)], axis=-1)
    figure = feature_maps_figure(
        maps, [40 + i for i in range(k)], [0.1 * i for i in range(k)], "conv3", "strongest"
    )
    drawn(figure)
    assert len(figure.axes) == k
    for i, axes in enumerate(figure.axes):
        image = axes.images[0]
        np.testing.assert_array_equal(image.get_array(), maps[..., i])
        assert image.get_clim() == (-0.5 if i == 1 else 0, i + 1)
        assert axes.get_title("left") == str(40 + i)


def test_block_maps_share_one_range_a_row_and_the_share_map_has_its_own():
    def block(name, scale):
        maps = [ramp(4, 3, 0, scale * part) for part in (1, 2, 4, 3)]
        return BlockMaps(name, "identity", *maps, share=ramp(4, 3))

    figure = block_maps_figure([block("conv2_block1", 1), block("conv2_block2", 10)], "conv2", "note")
    pixels = drawn(figure)
    images = [axes.images[0] for axes in figure.axes if axes.images]
    assert [image.get_clim() for image in images] == [(0, 4)] * 4 + [(0, 1)] + [(0, 40)] * 4 + [(0, 1)]
    assert [float(image.get_array().max()) for image in images] == [1, 2, 4, 3, 1, 10, 20, 40, 30, 1]
    found = {tuple(color) for color in np.unique(pixels.reshape(-1, 3), axis=0)}
    assert {tuple(SHARE.table[0]), tuple(SHARE.table[-1]), tuple(HEAT.table[-1])} <= found


def test_profile_bars_are_the_numbers_top_to_bottom():
    rows = [
        ProfileRow("conv2_block1", "conv2", "projection", 1.5, 0.5, 0.9, 0.25),
        ProfileRow("conv2_block2", "conv2", "identity", 0.25, 2.0, float("nan"), 0.0),
        ProfileRow("conv3_block1", "conv3", "projection", 3.0, 1.0, 0.2, 1.0),
    ]
    figure = profile_figure(rows, "title", "note")
    drawn(figure)
    magnitude, novelty, closed = figure.axes
    shortcut, residual = magnitude.containers
    assert [bar.get_width() for bar in shortcut] == [1.5, 0.25, 3.0]
    assert [bar.get_width() for bar in residual] == [0.5, 2.0, 1.0]
    assert shortcut[0].get_facecolor() != shortcut[1].get_facecolor() == shortcut[1].get_edgecolor()
    assert [bar.get_width() for bar in novelty.containers[0]] == pytest.approx(
        [0.9, np.nan, 0.2], nan_ok=True
    )
    assert [bar.get_width() for bar in closed.containers[0]] == [0.25, 0, 1]
    assert [label.get_text() for label in magnitude.get_yticklabels()] == [row.name for row in rows]
    top, bottom = (magnitude.transData.transform((0, row))[1] for row in (0, 2))
    assert top > bottom


def test_lab_colours_tell_who_helps():
    sides = [
        LabBars("ratio", [0.5, 2.0, float("nan")], 0),
        LabBars("lesion", [-3.0, 1.0, -0.5], -1),
        LabBars("ledger", [4.0, -1.0, 0.25], 1),
    ]
    figure = lab_figure(["a", "b", "c"], ["conv2", "conv2", "conv3"], sides, "title", "note")
    drawn(figure)
    _, lesion, ledger = figure.axes
    assert colors(lesion.containers[0]) == [POSITIVE, NEGATIVE, POSITIVE]
    assert colors(ledger.containers[0]) == [POSITIVE, NEGATIVE, POSITIVE]


def test_waterfall_bars_hang_together_and_end_at_their_sum():
    parts = [("class bias", -0.5), ("stem", 2.0), ("conv2_block1", -3.0), ("conv2_block2", 4.25)]
    figure = waterfall_figure(parts, "title", "note")
    drawn(figure)
    (axes,) = figure.axes
    steps, total = axes.containers
    assert [(bar.get_x(), bar.get_width()) for bar in steps] == [
        (0, -0.5),
        (-0.5, 2),
        (1.5, -3),
        (-1.5, 4.25),
    ]
    assert [(bar.get_x(), bar.get_width()) for bar in total] == [(0, 2.75)]
    assert colors(steps) == [NEGATIVE, POSITIVE, NEGATIVE, POSITIVE]
    assert "+4.25" in texts(figure)
    assert [label.get_text() for label in axes.get_yticklabels()] == [name for name, _ in parts] + ["logit"]


def test_a_reliability_diagram_has_a_bar_for_each_bin_with_photos():
    shares = [(0, None, None), (3, 0.5, 0.4), (0, None, None), (7, 0.75, 0.9)]
    bins = [{"images": n, "accuracy": right, "confidence": sure} for n, right, sure in shares]
    figure = reliability_figure(bins, "title", "note")
    share, count = figure.axes
    assert [(bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in share.patches] == [
        (pytest.approx(0.375), 0.5),
        (pytest.approx(0.875), 0.75),
    ]
    assert [bar.get_height() for bar in count.patches] == [3, 7]
    assert share.collections[0].get_offsets().tolist() == [[0.4, 0.4], [0.9, 0.9]]
