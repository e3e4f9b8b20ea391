"""The tool behind the model card's figures."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

TOOL = Path(__file__).parents[3] / "tools" / "measure_bundle.py"


@pytest.fixture(scope="module")
def tool():
    return runpy.run_path(str(TOOL), run_name="measure_bundle")


def test_maximum_is_the_largest_cells_centre_in_pixels_of_the_photo(tool):
    gradcam_map = np.zeros((2, 4), np.float32)
    gradcam_map[1, 2] = 5
    assert tool["maximum"](gradcam_map, width=80, height=200) == (50, 150)


def test_maximum_is_that_of_the_resized_heatmap(tool):
    gradcam_map = np.random.default_rng(0).random((7, 7)).astype(np.float32)
    x, y = tool["maximum"](gradcam_map, width=224, height=224)
    heatmap = tf.image.resize(gradcam_map[..., np.newaxis], (224, 224), "bilinear")[..., 0].numpy()
    # A cell's centre lies between pixels: the four around it share the largest value.
    around = heatmap[int(y) - 1 : int(y) + 1, int(x) - 1 : int(x) + 1]
    np.testing.assert_allclose(around.max(), heatmap.max(), rtol=1e-6)


def test_a_map_without_evidence_has_no_maximum_and_is_a_miss(tool):
    assert tool["maximum"](np.zeros((7, 7), np.float32), 224, 224) is None
    assert not tool["in_a_box"](None, ((0, 0, 224, 224),))


@pytest.mark.parametrize(
    ("point", "inside"),
    [((20, 90), True), ((90, 20), False), ((10, 80), True), ((31, 90), False), ((60, 5), True)],
)
def test_in_a_box(tool, point, inside):
    assert tool["in_a_box"](point, ((10, 80, 30, 100), (50, 0, 70, 10))) is inside


def test_the_table_counts_photos_and_leaves_out_those_without_boxes(tool):
    result = tool["Result"]
    column = [
        result(True, False, True, True),
        result(False, False, True, False),
        result(True, None, None, None),
    ]
    rows = [line.split("|")[2].strip() for line in tool["table"]({"weights": column})]
    assert rows == ["weights", "---", "2 of 3", "0 of 2", "2 of 2", "1 of 2"]


def test_a_folder_is_measured(tool, tmp_path, monkeypatch, capsys):
    Image.fromarray(np.full((50, 90, 3), (30, 90, 200), np.uint8)).save(tmp_path / "sky.png")
    entries = [
        {"file": "sky.png", "wnid": "n03888257", "boxes_xyxy": [[0, 0, 90, 50]]},
        {"file": "sky.png", "wnid": "n03888257", "boxes_xyxy": [[0, 0, 9, 5]]},
        {"file": "sky.png", "wnid": "n01440764"},
    ]
    (tmp_path / "labels.json").write_text(json.dumps(entries))
    monkeypatch.setattr(sys, "argv", ["measure_bundle.py", str(tmp_path)])
    assert tool["main"]() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| | bundled, int8 |"
    assert lines[2].endswith(("| 2 of 3 |", "| 1 of 3 |", "| 0 of 3 |"))
    assert lines[5] == "| the photo's centre in the object's box | 1 of 2 |"


def test_a_folder_without_labels_is_named(tool, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["measure_bundle.py", str(tmp_path)])
    assert tool["main"]() == 1
    assert "labels.json" in capsys.readouterr().err
