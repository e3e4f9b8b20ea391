"""What is said about preprocessing, in every form, and what is done to pixels."""

import json

import numpy as np
import pytest
from PIL import Image

from resnet_demo.errors import OptionError
from resnet_demo.networks.described import stated_labels, stated_preprocessing
from resnet_demo.networks.preprocessing import (
    NAMED,
    Preprocessing,
    from_mapping,
    named_or_file,
    resized,
    same,
    to_batch,
)
from resnet_demo.photos.decoding import photo_from_pixels

PIXELS = np.array([[[[10, 100, 250], [255, 0, 51]]]], np.uint8)  # (1, 1, 2, 3)
TORCH = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("caffe", [250 - 103.939, 100 - 116.779, 10 - 123.68]),
        ("torch", [(10 / 255 - 0.485) / 0.229, (100 / 255 - 0.456) / 0.224, (250 / 255 - 0.406) / 0.225]),
        ("tf", [10 / 127.5 - 1, 100 / 127.5 - 1, 250 / 127.5 - 1]),
        ("unit", [10 / 255, 100 / 255, 250 / 255]),
        ("raw", [10, 100, 250]),
    ],
)
def test_each_name_by_hand(name, first):
    before = PIXELS.copy()
    found = NAMED[name].apply(PIXELS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0, 0, 0], first, rtol=1e-5)
    np.testing.assert_array_equal(PIXELS, before)


@pytest.mark.parametrize(
    "shape", [(1, 1), (31, 257), (301, 299), (640, 480), (1, 90_000), (90_000, 1), (224, 900)]
)
@pytest.mark.parametrize("size", [(224, 224), (97, 331)])
def test_photos_are_resized_as_pillow_does_it_at_once(shape, size):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    expected = Image.fromarray(pixels).resize(size[::-1], Image.Resampling.BILINEAR)

    (found,) = resized([photo_from_pixels(pixels)], size)

    np.testing.assert_array_equal(found, expected)


def test_a_network_of_one_channel_gets_luma_and_the_average_of_the_means():
    photo = photo_from_pixels(np.array([[[10, 100, 250]] * 4] * 3, np.uint8))
    luma = np.asarray(Image.fromarray(photo.pixels).convert("L"))[0, 0]
    batch = to_batch([photo], NAMED["caffe"], (6, 8), channels=1)
    assert batch.shape == (1, 6, 8, 1)
    np.testing.assert_allclose(batch, float(luma) - np.mean(NAMED["caffe"].mean), rtol=1e-6)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"channels": "BGR", "mean": [103.939, 116.779, 123.68]}, NAMED["caffe"]),
        ({"scale": 1 / 127.5, "mean": 1}, NAMED["tf"]),
        (TORCH, NAMED["torch"]),  # means that only pixels from 0 to 1 can have
        (
            {"mean": [1, 2, 3], "std": [4, 5, 6], "size": [96, 128]},
            Preprocessing("x", "RGB", 1, (1, 2, 3), (4, 5, 6), (96, 128)),
        ),
        (
            {
                "image_mean": [0.5] * 3,
                "image_std": [0.5] * 3,
                "do_normalize": True,
                "size": {"shortest_edge": 224},
            },
            Preprocessing("tf", "RGB", 1 / 127.5, (1.0,) * 3, (1.0,), (224, 224)),
        ),
        ({"do_rescale": True, "do_normalize": False}, NAMED["unit"]),
        ({"do_rescale": False, "do_normalize": False}, NAMED["raw"]),
        (
            {
                "do_rescale": False,
                "image_mean": [0.0],
                "image_std": [2.0],
                "crop_size": {"height": 64, "width": 32},
            },
            Preprocessing("x", "RGB", 1, (0.0,), (2.0,), (64, 32)),
        ),
        ({"rescale_factor": 1 / 127.5, "image_mean": [1.0], "image_std": [1.0]}, NAMED["tf"]),
        (
            {"do_flip_channel_order": True, "do_normalize": False},
            Preprocessing("x", "BGR", 1 / 255, (0.0,), (1.0,)),
        ),
        (
            {"architecture": "resnet50", "pretrained_cfg": {**TORCH, "input_size": [3, 160, 192]}},
            Preprocessing("torch", "RGB", 1 / 255, *map(tuple, TORCH.values()), (160, 192)),
        ),
        ({**TORCH, "input_size": [3, 224, 224]}, NAMED["torch"]),
    ],
    ids=str,
)
def test_every_form(tmp_path, content, expected):
    file = tmp_path / "x"
    file.write_text(json.dumps(content), "utf-8")
    found = named_or_file(str(file))
    assert same(found, expected)
    assert found.name == expected.name
    assert found.size in (expected.size, (224, 224))


def test_our_own_form_is_read_back():
    own = Preprocessing("mine", "BGR", 0.5, (1.0, 2.0, 3.0), (1.0, 2.0, 4.0), (10, 20))
    assert from_mapping(json.loads(json.dumps(own.numbers())), "mine") == own


@pytest.mark.parametrize("name", NAMED)
def test_names_are_names(name):
    assert named_or_file(name) is NAMED[name]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"mean": [1, 2]}', "2 means"),
        ('{"mean": [1, 2, 3], "std": [1, 0, 1]}', "scale, mean or std"),
        ('{"scale": -1}', "scale, mean or std"),
        ('{"scale": NaN}', "scale, mean or std"),
        ('{"channels": "GRB"}', "channels 'GRB'"),
        ('{"mean": "many"}', "could not convert"),
        ('{"mean": 0, "size": [0, 10]}', r"a size of \[0, 10\]"),
        ('{"mean": 0, "size": "large"}', "cannot be read"),
        ('{"image_mean": 0.5, "image_std": 0.5, "size": {"longest_edge": 4}}', "a size of"),
        ('{"labels": []}', "does not say what a network eats"),
        ('{"do_normalize": true}', "does not say what a network eats"),
        ("[1]", "does not say what a network eats"),
        ("hello", "not JSON"),
    ],
)
def test_what_cannot_be_gets_a_sentence(tmp_path, content, says):
    file = tmp_path / "x.json"
    file.write_text(content, "utf-8")
    with pytest.raises(OptionError, match=says) as caught:
        named_or_file(str(file))
    assert "x.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_neither_a_name_nor_a_file():
    with pytest.raises(
        OptionError, match=r"Received: 'imagenet'\. Accepted: caffe, torch, tf, unit, raw, or a JSON"
    ):
        named_or_file("imagenet")


def test_formulas():
    assert NAMED["caffe"].formula() == "BGR − [103.939, 116.779, 123.68]"
    assert NAMED["torch"].formula() == "RGB / 255 − [0.485, 0.456, 0.406], ÷ [0.229, 0.224, 0.225]"
    assert NAMED["unit"].formula() == "RGB / 255"
    assert NAMED["raw"].formula() == "RGB"


@pytest.mark.parametrize(
    ("metadata", "beside", "name", "origin"),
    [
        ({"resnet_demo.preprocessing": "tf"}, {"preprocessor_config.json": TORCH}, "tf", "its metadata"),
        ({"pretrained_cfg": json.dumps(TORCH)}, {}, "torch", "its metadata"),
        ({"mean": "[0.485, 0.456, 0.406]", "std": "[0.229, 0.224, 0.225]"}, {}, "torch", "its metadata"),
        ({"format": "pt"}, {"net.json": TORCH, "config.json": {"mean": 0}}, "torch", "net.json"),
        (
            {},
            {"preprocessor_config.json": {"do_normalize": False}, "config.json": {"pretrained_cfg": TORCH}},
            "unit",
            "preprocessor_config.json",
        ),
        ({}, {"config.json": {"model_type": "resnet", "pretrained_cfg": TORCH}}, "torch", "config.json"),
        ({}, {"config.json": {"model_type": "resnet"}}, None, None),
        ({"resnet_demo.preprocessing": "tf", "resnet_demo.preprocessing.source": "assumed"}, {}, None, None),
    ],
    ids=str,
)
def test_metadata_in_the_file_and_beside_it(tmp_path, metadata, beside, name, origin):
    for file, content in beside.items():
        (tmp_path / file).write_text(json.dumps(content), "utf-8")
    for path in (tmp_path / "net.safetensors", tmp_path):
        found = stated_preprocessing(path, metadata)
        if path == tmp_path and origin == "net.json":
            continue
        assert (found and found.preprocessing.name, found and found.origin) == (name, origin)


def test_a_damaged_file_beside_is_named(tmp_path):
    (tmp_path / "config.json").write_text("{", "utf-8")
    with pytest.raises(OptionError, match=r"not JSON.*config\.json"):
        stated_preprocessing(tmp_path / "net.h5", {})


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ({"id2label": {"1": "b", "0": "a", "10": "k"}}, ("a", "b", "k")),
        ({"pretrained_cfg": {"label_names": ["x", "y"]}}, ("x", "y")),
        ({"id2label": {"a": "b"}}, None),
        ({"id2label": {}}, None),
    ],
)
def test_class_names_beside(tmp_path, content, names):
    (tmp_path / "config.json").write_text(json.dumps(content), "utf-8")
    found = stated_labels(tmp_path / "net.h5", {})
    assert found == ((names, "config.json") if names else None)


def test_null_in_a_hugging_face_file_says_nothing():
    assert from_mapping({"image_mean": None, "image_std": [0.5] * 3}, "x") == NAMED["unit"]
    half = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    assert from_mapping(half | {"rescale_factor": None, "size": None}, "x") == NAMED["tf"]
