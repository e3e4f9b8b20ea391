"""The example pictures: listed, small, credited, and recognised by the weights each is shown for."""

import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnet_demo.networks import checkpoints, weights
from resnet_demo.networks.labels import imagenet_labels, label_for_wnid

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import render_examples

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "assets" / "examples"
EXAMPLES = json.loads((FOLDER / "examples.json").read_text("utf-8"))
CREDITS = (FOLDER / "CREDITS.md").read_text("utf-8")

MEAN_BGR = np.array([103.939, 116.779, 123.68], np.float32)  # Keras' caffe mode
MEAN_RGB = np.array([0.485, 0.456, 0.406], np.float32)  # torchvision
STD_RGB = np.array([0.229, 0.224, 0.225], np.float32)

every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["file"])


def chosen(weights_name):
    return [example for example in EXAMPLES if example["for"] == weights_name]


def pixels(example):
    """The whole picture squeezed to the network's input, float32 (224, 224, 3), 0 to 255."""
    with Image.open(FOLDER / example["file"]) as image:
        return np.asarray(image.resize((224, 224), Image.Resampling.BILINEAR), np.float32)


def size(example):
    with Image.open(FOLDER / example["file"]) as image:
        return image.size


def top_classes(model, batch):
    return model.predict(batch, verbose=0).argmax(-1)


def credit_row(file):
    rows = [line for line in CREDITS.splitlines() if line.startswith(f"| `{file}` |")]
    assert len(rows) == 1, f"{file} needs one row in CREDITS.md, it has {len(rows)}"
    return [cell.strip() for cell in rows[0].strip("|").split("|")]


def test_the_list_and_the_folder_name_the_same_pictures():
    listed = [example["file"] for example in EXAMPLES]
    assert len(listed) == len(set(listed))
    assert sorted(listed) == sorted(path.name for path in FOLDER.iterdir() if path.suffix == ".jpg")
    assert {path.suffix for path in FOLDER.iterdir()} == {".jpg", ".json", ".md"}


@every_example
def test_an_entry_is_complete(example):
    assert set(example) == {"file", "title_en", "title_zh", "for", "label", "wnid", "kind"}
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.jpg", example["file"])
    assert example["kind"] in ("photo", "rendering")
    assert example["title_en"].strip()
    assert re.search("[一-鿿]", example["title_zh"])
    assert label_for_wnid(example["wnid"]).english == example["label"]


@pytest.mark.parametrize("weights_name", ["bundled", "imagenet"])
def test_each_set_has_different_classes_and_both_orientations(weights_name):
    examples = chosen(weights_name)
    assert 4 <= len(examples) <= 6
    assert len({example["wnid"] for example in examples}) == len(examples)
    sizes = [size(example) for example in examples]
    assert any(width > height for width, height in sizes)
    assert any(width < height for width, height in sizes)
    assert len({round(width / height, 2) for width, height in sizes}) >= 4


def test_there_is_no_third_set():
    assert len(EXAMPLES) == len(chosen("bundled")) + len(chosen("imagenet"))


@every_example
def test_a_picture_is_a_small_plain_jpeg(example):
    path = FOLDER / example["file"]
    assert path.stat().st_size <= 120_000
    with Image.open(path) as image:
        assert image.format == "JPEG"
        assert image.mode == "RGB"
        assert max(image.size) <= 640
        assert min(image.size) >= 224
        assert not image.getexif()
        image.load()


@every_example
def test_a_picture_is_credited_with_its_hash(example):
    _, what, author, licence, source, changes, digest = credit_row(example["file"])
    assert all((what, author, licence, source, changes))
    assert digest == f"`{hashlib.sha256((FOLDER / example['file']).read_bytes()).hexdigest()}`"
    ours = source == "`tools/render_examples.py`"
    assert ours == (example["kind"] == "rendering")
    allowed = ("Apache-2.0",) if ours else ("[CC BY-SA ", "[CC BY ", "[CC0 ", "public domain")
    assert licence.startswith(allowed)


def test_credits_name_no_picture_that_is_not_there():
    credited = re.findall(r"^\| `([^`]+\.jpg)` \|", CREDITS, re.MULTILINE)
    assert sorted(credited) == sorted(example["file"] for example in EXAMPLES)


def test_the_renderings_are_what_the_tool_draws():
    renderings = {Path(example["file"]).stem for example in EXAMPLES if example["kind"] == "rendering"}
    assert renderings == set(render_examples.SCENES)
    name = "parachute-in-the-sky"  # the one that is drawn in seconds
    drawn = np.asarray(render_examples.render(name), np.float32)
    with Image.open(FOLDER / f"{name}.jpg") as image:
        kept = np.asarray(image, np.float32)
    assert drawn.shape == kept.shape
    assert np.abs(drawn - kept).mean() < 4  # levels of 255; JPEG alone costs 1 to 3


@pytest.mark.slow
def test_the_bundled_weights_recognise_their_examples():
    network = weights.load("bundled")
    examples = chosen("bundled")
    batch = np.stack([pixels(example)[..., ::-1] - MEAN_BGR for example in examples])
    named = [network.labels[index].wnid for index in top_classes(network.model, batch)]
    assert named == [example["wnid"] for example in examples]


@pytest.mark.shared
def test_imagenet_weights_recognise_their_examples(shared):
    model = checkpoints.build(checkpoints.read(shared / "weights" / "resnet50_v1.5_imagenet1k.safetensors"))
    examples = chosen("imagenet")
    batch = np.stack([(pixels(example) / 255 - MEAN_RGB) / STD_RGB for example in examples])
    named = [imagenet_labels()[index].wnid for index in top_classes(model, batch)]
    assert named == [example["wnid"] for example in examples]
