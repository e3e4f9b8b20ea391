import json

import numpy as np
import pytest
from PIL import Image

from resnet_demo.networks import checkpoints
from resnet_demo.networks.resnet import resnet
from resnet_demo.networks.weights import BUNDLE

# Keras 3.15 copies variables by an `__array__` that NumPy 2 has deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


@pytest.mark.slow
def test_a_converted_file_predicts_the_same(run, tmp_path):
    source = tmp_path / "source.weights.h5"
    resnet(18, "v1.5", classes=5).save_weights(source)
    status, out, _ = run("convert", source, tmp_path / "out.weights.h5")
    assert status == 0
    assert out.startswith(
        f"Wrote {tmp_path / 'out.weights.h5'}: ResNet-18, variant v1.5, 5 classes, preprocessing "
    )
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 60, 3), np.uint8)).save(tmp_path / "a.png")
    logits = []
    for weights in (source, tmp_path / "out.weights.h5"):
        _, out, _ = run("predict", tmp_path / "a.png", "--weights", weights, "--json")
        logits.append([p["logit"] for p in sorted(json.loads(out)["predictions"], key=lambda p: p["index"])])
    np.testing.assert_allclose(logits[0], logits[1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("source", "target", "word"),
    [
        ("missing.h5", "out.weights.h5", "missing.h5"),
        (BUNDLE, "out.h5", ".weights.h5"),
        (BUNDLE, "out.weights.h5", BUNDLE.name),
    ],
)
def test_what_cannot_be_converted_is_one_sentence_and_writes_nothing(run, tmp_path, source, target, word):
    status, out, err = run("convert", tmp_path / source, tmp_path / target)
    assert (status, out) == (1, "")
    assert word in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_the_command_calls_the_one_converter(run, monkeypatch, tmp_path):
    calls = []
    checkpoint = checkpoints.Checkpoint(tmp_path, "timm", 34, "v1.5", "torch", 7, {}, {})
    monkeypatch.setattr(checkpoints, "convert", lambda *arguments: calls.append(arguments) or checkpoint)
    status, out, _ = run("convert", "in.safetensors", "out.weights.h5")
    assert status == 0
    assert calls == [("in.safetensors", "out.weights.h5", "own")]
    assert out == (
        "Wrote out.weights.h5: ResNet-34, variant v1.5, 7 classes, preprocessing torch, "
        "read from the layout timm.\n"
    )


def test_the_keras_graph_is_asked_for_by_an_option(run, monkeypatch, tmp_path):
    calls = []
    checkpoint = checkpoints.Checkpoint(tmp_path, "tutorial-a", 50, "keras", "caffe", 7, {}, {})
    monkeypatch.setattr(checkpoints, "convert", lambda *arguments: calls.append(arguments) or checkpoint)
    status, out, _ = run("convert", "old.h5", "out.weights.h5", "--graph", "keras")
    assert status == 0
    assert calls == [("old.h5", "out.weights.h5", "keras")]
    assert "variant keras" in out
    with pytest.raises(SystemExit):
        run("convert", "old.h5", "out.weights.h5", "--graph", "pytorch")


def test_the_keras_graph_takes_no_v1_5(run, tmp_path):
    resnet(18, "v1.5", classes=5).save_weights(tmp_path / "source.weights.h5")
    status, out, err = run(
        "convert", tmp_path / "source.weights.h5", tmp_path / "out.weights.h5", "--graph", "keras"
    )
    assert (status, out) == (1, "")
    assert err.startswith("Only tutorial A's weights fit another graph")
    assert not (tmp_path / "out.weights.h5").exists()
