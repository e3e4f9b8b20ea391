"""Real weights on real photos."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from resnet_demo.assets import EXAMPLES
from resnet_demo.networks import bundle, checkpoints
from resnet_demo.networks.weights import BUNDLE

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 copies variables by an `__array__` that NumPy 2 has deprecated.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]

MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])  # of ImageNet, RGB
MEAN_BGR = np.float32([103.939, 116.779, 123.68])


def test_the_bundled_tensors_as_one_file_name_their_examples_and_survive_conversion(tmp_path):
    manifest, tensors = bundle.unpack(BUNDLE)
    halves = {name: tensor.astype(np.float16) for name, tensor in tensors.items()}
    save_file(halves, tmp_path / "one.safetensors", metadata={"classes": json.dumps(manifest.classes)})
    checkpoint = checkpoints.read(tmp_path / "one.safetensors")
    assert (checkpoint.layout, checkpoint.depth, checkpoint.classes) == ("keras", 50, 10)
    assert (checkpoint.variant, checkpoint.preprocessing) == ("keras", "caffe")

    examples = [e for e in json.loads((EXAMPLES / "examples.json").read_text()) if e["for"] == "bundled"]
    photos = [Image.open(EXAMPLES / example["file"]).convert("RGB") for example in examples]
    rgb = np.stack([np.asarray(photo.resize((224, 224), Image.Resampling.BILINEAR)) for photo in photos])
    batch = rgb[..., ::-1].astype(np.float32) - MEAN_BGR  # (5, 224, 224, 3)
    logits = np.asarray(checkpoints.build(checkpoint)(batch, training=False))
    wnids = [wnid for wnid, _ in json.loads(checkpoint.metadata["classes"])]
    assert [wnids[top] for top in logits.argmax(axis=1)] == [example["wnid"] for example in examples]

    checkpoints.convert(checkpoint.path, tmp_path / "converted.weights.h5")
    back = checkpoints.read(tmp_path / "converted.weights.h5")
    assert (back.variant, back.preprocessing) == ("keras", "caffe")
    again = checkpoints.build(back)(batch, training=False)
    np.testing.assert_allclose(again, logits, atol=1e-4)


@pytest.mark.shared
def test_the_v1_5_weights_name_the_photos_and_survive_conversion(shared, tmp_path):
    checkpoint = checkpoints.read(shared / "weights" / "resnet50_v1.5_imagenet1k.safetensors")
    assert (checkpoint.layout, checkpoint.depth, checkpoint.classes) == ("torchvision", 50, 1000)
    assert (checkpoint.variant, checkpoint.preprocessing) == ("v1.5", "torch")

    folder = shared / "data" / "imagenet_val"
    labels = json.loads((folder / "labels.json").read_text())
    photos = [Image.open(folder / label["file"]).convert("RGB") for label in labels]
    pixels = np.stack([np.asarray(photo.resize((224, 224), Image.Resampling.BILINEAR)) for photo in photos])
    batch = (pixels.astype(np.float32) / 255 - MEAN) / STD  # (40, 224, 224, 3)
    truth = np.array([label["index"] for label in labels])[:, None]

    model = checkpoints.build(checkpoint)
    logits = np.concatenate([model(part, training=False) for part in np.split(batch, 4)])
    ranked = np.argsort(-logits, axis=1)
    assert len(labels) == 40
    assert (ranked[:, :1] == truth).sum() >= 25
    assert (ranked[:, :5] == truth).any(axis=1).sum() >= 35

    checkpoints.convert(checkpoint.path, tmp_path / "converted.weights.h5")
    back = checkpoints.read(tmp_path / "converted.weights.h5")
    assert (back.variant, back.preprocessing) == ("v1.5", "torch")
    again = checkpoints.build(back)(batch[:4], training=False)
    np.testing.assert_allclose(again, logits[:4], atol=1e-4)


@pytest.mark.shared
def test_the_project_s_own_weights_are_read_in_keras_layout(shared):
    checkpoint = checkpoints.read(shared / "weights" / "resnet50_imagenette.safetensors")
    assert (checkpoint.layout, checkpoint.depth, checkpoint.classes) == ("keras", 50, 10)
    assert (checkpoint.variant, checkpoint.preprocessing) == ("keras", "caffe")
    assert json.loads(checkpoint.metadata["classes"])[3] == ["n03000684", "chain_saw"]

    folder = shared / "data" / "imagenette_val"
    labels = json.loads((folder / "labels.json").read_text())[::3]  # two of each class
    rgb = np.stack([np.asarray(Image.open(folder / label["file"]).convert("RGB")) for label in labels])
    batch = rgb[..., ::-1].astype(np.float32) - MEAN_BGR
    wnids = [wnid for wnid, _ in json.loads(checkpoint.metadata["classes"])]
    truth = np.array([wnids.index(label["wnid"]) for label in labels])
    model = checkpoints.build(checkpoint)
    logits = np.asarray(model(batch, training=False))
    assert np.bincount(truth).tolist() == [2] * 10
    assert (logits.argmax(axis=1) == truth).sum() >= 15  # of 20; its card says 51 of 60
