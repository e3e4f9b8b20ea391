"""The order in which weights are looked for, and what is told of them. Small networks stand in for large."""

import hashlib
import http.server
import json
import socket
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from resnet_demo.assets import EXAMPLES
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.loaded import LoadedNetworks
from resnet_demo.errors import (
    CheckpointError,
    DownloadError,
    HashMismatchError,
    OptionError,
    WeightsNotFoundError,
)
from resnet_demo.measures.batches import classify_many
from resnet_demo.networks import bundle, download, labels, official, weights
from resnet_demo.networks.checkpoints.variables import variable_shapes
from resnet_demo.networks.choices import choices
from resnet_demo.networks.geometry import standard
from resnet_demo.networks.preprocessing import NAMED, to_batch
from resnet_demo.photos.decoding import read_photo
from resnet_demo.ui.network_chooser import telling
from resnet_demo.views.messages.words import Words

pytestmark = pytest.mark.slow

OFFICIAL = "official.h5"  # a format is told by a file's content, so this one may hold safetensors


def small_tensors(classes: int, seed: int) -> dict[str, np.ndarray]:
    """A ResNet-18 of random numbers; variances are positive."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.random(shape, np.float32).astype(np.float16)
        for name, shape in variable_shapes(standard(18), classes, conv_bias=True).items()
    }


@pytest.fixture(scope="module")
def official_file(tmp_path_factory) -> Path:
    """What the server has for the official file: 1000 classes, no names inside."""
    path = tmp_path_factory.mktemp("server") / OFFICIAL
    save_file(small_tensors(1000, seed=1), path)
    return path


@pytest.fixture(scope="module")
def own_file(tmp_path_factory) -> Path:
    """A file of the user's, of two named classes."""
    path = tmp_path_factory.mktemp("own") / "own.safetensors"
    names = [["n03888257", "parachute"], ["", "my_thing"]]
    save_file(small_tensors(2, seed=2), path, metadata={"classes": json.dumps(names)})
    return path


@pytest.fixture(scope="module")
def small_bundle(tmp_path_factory) -> Path:
    """Bundled weights of three classes."""
    folder = tmp_path_factory.mktemp("bundle")
    classes = [("n01440764", "tench"), ("", "b"), ("", "c")]
    bundle.pack(small_tensors(3, seed=3), classes, folder, name="small", depth=18)
    return folder / "small.json"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def serving(folder: Path):
    """The URL of a server for the files in `folder`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def machine(tmp_path, monkeypatch, official_file, small_bundle):
    """A machine with empty caches and no network, whose official and bundled weights are the small ones."""
    monkeypatch.delenv("RESNET_DEMO_WEIGHTS", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(weights, "BUNDLE", small_bundle)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        set_url(monkeypatch, f"http://127.0.0.1:{unused.getsockname()[1]}", md5(official_file))
        yield tmp_path


def set_url(monkeypatch, url: str, hash_: str) -> None:
    monkeypatch.setattr(
        official, "remote_file", lambda _: download.RemoteFile(OFFICIAL, f"{url}/{OFFICIAL}", hash_)
    )


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def put(source: Path, *copies: Path) -> None:
    for copy in copies:
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())


@pytest.fixture(scope="module")
def bundled():
    """The real bundled weights."""
    return weights.load("bundled")


def test_the_bundled_weights_are_a_whole_keras_resnet50_of_ten_classes(bundled):
    assert [label.english for label in bundled.labels] == [
        "tench",
        "English springer",
        "cassette player",
        "chain saw",
        "church",
        "French horn",
        "garbage truck",
        "gas pump",
        "golf ball",
        "parachute",
    ]
    assert bundled.labels[9] == labels.label_for_wnid("n03888257")
    assert bundled.model.count_params() == 23_608_202
    assert bundled.model.input_shape == (None, 224, 224, 3)
    known = bundled.provenance
    assert (known.classes, known.variant) == (10, "keras")
    fed = bundled.preprocessing
    assert (fed.value, fed.source, fed.origin) == (NAMED["caffe"], "metadata", "")
    assert known.sha256 == bundle.read_manifest(weights.BUNDLE).sha256
    assert known.path == str(weights.BUNDLE)
    assert known.reason == "Bundled Imagenette weights, as asked for."


def test_every_bundled_tensor_is_in_the_network(bundled):
    _, tensors = bundle.unpack(weights.BUNDLE)
    held = {
        f"{layer.name}/{v.name}": np.asarray(v) for layer in bundled.model.layers for v in layer.variables
    }
    assert held.keys() == tensors.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(held[name], tensor)


def test_the_bundled_network_gives_logits(bundled):
    batch = np.random.default_rng(0).normal(0, 60, (1, 224, 224, 3)).astype(np.float32)
    logits = np.asarray(bundled.model(batch))
    assert logits.shape == (1, 10)
    assert logits.min() < 0  # no softmax


def named(network: weights.Network, photos: list[Path]) -> list[str]:
    """The WordNet id that the network gives each photo, twenty at a time."""
    engine, tops = Engine(network.model), []
    for i in range(0, len(photos), 20):
        some = [read_photo(photo) for photo in photos[i : i + 20]]
        tops += engine.logits(to_batch(some, network.preprocessing.value)).argmax(axis=-1).tolist()
    return [network.labels[top].wnid for top in tops]


def test_the_bundled_weights_name_their_examples(bundled):
    entries = [
        e for e in json.loads((EXAMPLES / "examples.json").read_text("utf-8")) if e["for"] == "bundled"
    ]
    assert len(entries) == 5
    assert named(bundled, [EXAMPLES / e["file"] for e in entries]) == [e["wnid"] for e in entries]


@pytest.mark.shared
def test_the_bundled_weights_name_as_many_photos_as_their_card_says(bundled, shared):
    folder = shared / "data" / "imagenette_val"
    entries = json.loads((folder / "labels.json").read_text("utf-8"))
    assert len(entries) == 60
    found = named(bundled, [folder / e["file"] for e in entries])
    right = sum(wnid == e["wnid"] for wnid, e in zip(found, entries, strict=True))
    card = (weights.BUNDLE.parent / "README.md").read_text("utf-8")
    assert f"{right} of 60" in card
    assert right >= 51 - 1  # 51 before int8; int8 may cost one


def test_an_official_file_in_keras_cache_comes_first(machine, official_file):
    cached = machine / "keras" / "models" / OFFICIAL
    put(official_file, cached)
    network = weights.load()
    assert network.labels == labels.imagenet_labels()
    known = network.provenance
    assert (known.name, known.path, known.classes) == ("Keras ResNet50 ImageNet", str(cached), 1000)
    assert known.sha256 == sha256(official_file)
    assert known.reason == "Official Keras ImageNet weights, found on this machine."


def test_then_one_a_space_has_preloaded(machine, official_file):
    preloaded = machine / "hub" / "models--someone--resnet" / "snapshots" / "abc" / OFFICIAL
    put(official_file, preloaded)
    assert weights.load().provenance.path == str(preloaded)


def test_a_broken_file_is_passed_over_for_a_whole_one(machine, official_file):
    preloaded = machine / "hub" / "models--someone--resnet" / "snapshots" / "abc" / OFFICIAL
    put(official_file, preloaded)
    broken = machine / "keras" / "models" / OFFICIAL
    broken.parent.mkdir(parents=True)
    broken.write_bytes(official_file.read_bytes()[:1000])
    assert weights.load("imagenet").provenance.path == str(preloaded)


def test_then_its_download(machine, official_file, monkeypatch):
    reports = []
    with serving(official_file.parent) as url:
        set_url(monkeypatch, url, md5(official_file))
        network = weights.load(progress=lambda done, total: reports.append((done, total)))
    assert network.provenance.path == str(machine / "keras" / "models" / OFFICIAL)
    assert network.provenance.reason == f"Official Keras ImageNet weights, downloaded from {url}/{OFFICIAL}."
    size = official_file.stat().st_size
    assert reports[-1] == (size, size)
    # The server is gone; what it gave was kept.
    assert weights.load().provenance.reason.endswith("found on this machine.")


def test_a_network_chosen_on_the_page_is_downloaded_with_progress_and_answers(machine, monkeypatch):
    calm = {  # so that its logits are finite
        name: (tensor - 0.5) / 8 if "/kernel" in name else tensor + 0.5
        for name, tensor in small_tensors(1000, seed=4).items()
    }
    served = machine / "server" / OFFICIAL
    served.parent.mkdir()
    save_file(calm, served)
    shown: list = []
    bundled = weights.load("bundled")
    networks = LoadedNetworks(choices(bundled, lambda: bundled))
    with serving(served.parent) as url:
        set_url(monkeypatch, url, md5(served))
        tell = telling(lambda *done, desc, **_: shown.append((done[0], desc)), Words("en"))
        model = networks.get("resnet50", tell)
    size = served.stat().st_size
    assert shown[0][0] is None
    whole = Words("en")("network_downloading", megabytes=f"{size / 1e6:.0f} / {size / 1e6:.0f}")
    assert shown[-1] == ((size, size), whole)
    assert networks.is_loaded("resnet50")
    assert networks.get("resnet50") is model  # the server is gone: it is in memory
    (found,) = classify_many(model, [EXAMPLES / "golf-ball-in-grass.jpg"], 1, 1000)
    batch = to_batch([read_photo(EXAMPLES / "golf-ball-in-grass.jpg")], NAMED["caffe"])
    expected = np.asarray(model.network.model(batch, training=False))[0]
    assert len(found.predictions) == 1000
    for prediction in found.predictions:
        assert prediction.logit == pytest.approx(expected[prediction.index], rel=1e-3, abs=1e-3)


def test_then_the_bundled_weights(machine, small_bundle):
    network = weights.load()
    assert network.provenance.name == "bundled Imagenette"
    assert network.provenance.path == str(small_bundle)
    assert [label.english for label in network.labels] == ["tench", "b", "c"]
    reason = network.provenance.reason
    assert reason.startswith("Bundled Imagenette weights, for want of the official Keras ImageNet file: ")
    assert "refused" in reason
    assert OFFICIAL in reason
    assert "\n" not in reason
    assert not list((machine / "keras").rglob("*.h5"))


def test_imagenet_is_an_error_where_it_cannot_be_had(machine):
    with pytest.raises(DownloadError, match="refused"):
        weights.load("imagenet")


def test_a_file_with_another_hash_is_refused_by_name(machine, official_file):
    broken = machine / "keras" / "models" / OFFICIAL
    broken.parent.mkdir(parents=True)
    broken.write_bytes(official_file.read_bytes()[:-1])
    with pytest.raises(HashMismatchError) as caught:
        weights.load("imagenet")
    assert str(broken) in str(caught.value)
    network = weights.load()
    assert network.provenance.name == "bundled Imagenette"
    assert str(broken) in network.provenance.reason


def test_a_download_of_another_file_is_refused_by_name(machine, official_file, monkeypatch):
    with serving(official_file.parent) as url:
        set_url(monkeypatch, url, "0" * 32)
        with pytest.raises(HashMismatchError, match=OFFICIAL):
            weights.load("imagenet")
        assert weights.load().provenance.name == "bundled Imagenette"
    assert not list(machine.rglob(f"keras/**/{OFFICIAL}"))


@pytest.mark.parametrize("choice", ["auto", None])
def test_the_environment_names_weights_for_auto(machine, own_file, monkeypatch, choice):
    monkeypatch.setenv("RESNET_DEMO_WEIGHTS", str(own_file))
    known = weights.load(choice).provenance
    assert known.path == str(own_file)
    assert known.reason == "Weights from the file own.safetensors, as RESNET_DEMO_WEIGHTS says."


def test_the_environment_may_say_bundled_and_a_caller_overrules_it(machine, own_file, monkeypatch):
    monkeypatch.setenv("RESNET_DEMO_WEIGHTS", "bundled")
    assert weights.load().provenance.reason == "Bundled Imagenette weights, as RESNET_DEMO_WEIGHTS says."
    assert weights.load(str(own_file)).provenance.path == str(own_file)


def test_a_file_is_named_hashed_and_brings_its_classes(machine, own_file):
    network = weights.load(str(own_file))
    known = network.provenance
    assert (known.name, known.sha256, known.classes) == ("own.safetensors", sha256(own_file), 2)
    assert known.reason == "Weights from the file own.safetensors, as asked for."
    assert network.labels == (labels.label_for_wnid("n03888257"), labels.Label("", "my thing", "my thing"))
    kernel = small_tensors(2, seed=2)["predictions/kernel"]
    np.testing.assert_array_equal(np.asarray(network.model.get_layer("predictions").kernel), kernel)


def test_a_labels_file_comes_before_the_weights_own_names(machine, own_file, tmp_path):
    (tmp_path / "names.txt").write_text("left\nright\n")
    network = weights.load(str(own_file), labels=tmp_path / "names.txt")
    assert [label.english for label in network.labels] == ["left", "right"]
    (tmp_path / "names.txt").write_text("left\nright\nmiddle\n")
    with pytest.raises(OptionError, match=r"2 classes once\. Received: 3 names"):
        weights.load(str(own_file), labels=str(tmp_path / "names.txt"))


def test_without_names_classes_are_numbers_and_it_says_so(machine, tmp_path):
    save_file(small_tensors(4, seed=4), tmp_path / "x.safetensors")
    network = weights.load(str(tmp_path / "x.safetensors"))
    assert network.labels == labels.numbered_labels(4)
    assert network.provenance.reason.endswith("so its classes are numbers.")


def test_a_thousand_classes_without_names_are_taken_for_imagenets_and_it_says_so(
    machine, official_file, tmp_path
):
    put(official_file, tmp_path / "x.safetensors")
    network = weights.load(str(tmp_path / "x.safetensors"))
    assert network.labels == labels.imagenet_labels()
    assert "those of ImageNet are assumed" in network.provenance.reason


def test_another_file_under_the_official_name_is_told_apart(machine, own_file, official_file, tmp_path):
    put(own_file, tmp_path / OFFICIAL)
    assert (
        "bears the name of Keras' official file" in weights.load(str(tmp_path / OFFICIAL)).provenance.reason
    )
    assert "bears the name" not in weights.load(str(official_file)).provenance.reason


def test_no_such_file(machine):
    with pytest.raises(WeightsNotFoundError, match=r"'gone\.h5'\. Accepted: 'auto', 'bundled', 'resnet50'"):
        weights.load("gone.h5")


def test_a_file_that_is_no_checkpoint(machine, tmp_path):
    (tmp_path / "x.h5").write_text("hello")
    with pytest.raises(CheckpointError, match=r"x\.h5"):
        weights.load(str(tmp_path / "x.h5"))


def test_damaged_bundled_weights_are_an_error(machine, monkeypatch, tmp_path):
    put(weights.BUNDLE, tmp_path / "b" / "small.json")
    monkeypatch.setattr(weights, "BUNDLE", tmp_path / "b" / "small.json")
    with pytest.raises(WeightsNotFoundError, match="small-1-of-2"):
        weights.load()
