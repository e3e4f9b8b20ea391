"""Networks are loaded when they are asked for, once, and few are kept; what goes is freed."""

import gc
import threading
import weakref
from dataclasses import replace

import pytest

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.engine.loaded import LoadedNetworks, load_networks
from resnet_demo.errors import DownloadError, OptionError, UnknownNameError
from resnet_demo.networks import bundle, weights
from resnet_demo.networks.choices import Choice, choices
from resnet_demo.networks.labels import numbered_labels
from resnet_demo.networks.official import TITLES
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.networks.resnet import resnet
from resnet_demo.networks.settled import Settled
from resnet_demo.networks.weights import Network, Provenance

pytestmark = pytest.mark.slow


def small_network(name="small"):
    model = resnet(18, classes=3, input_shape=(32, 32, 3))
    settled = Settled(NAMED["caffe"], "assumed", fit={"caffe": 0.9, "torch": 0.2})
    return Network(model, numbered_labels(3), settled, Provenance(name, "keras", "0", None, (), 3))


@pytest.fixture
def loads():
    """How often each network was loaded."""
    return dict.fromkeys("abc", 0)


@pytest.fixture
def networks(loads):
    def choice(name):
        def load():
            loads[name] += 1
            return small_network(name)

        return Choice(name, load)

    return LoadedNetworks([choice(name) for name in "abc"])


def test_a_network_is_loaded_when_it_is_first_asked_for_and_then_kept(networks, loads):
    assert networks.names == ("a", "b", "c")
    assert not any(map(networks.is_loaded, networks.names))
    first = networks.get()
    assert first.network.provenance.name == "a"
    assert networks.get("a") is networks.get("") is first
    assert loads == {"a": 1, "b": 0, "c": 0}


def test_at_most_two_are_kept_and_the_longest_unused_goes(networks, loads):
    for name in "abac":
        networks.get(name)
    assert [networks.is_loaded(name) for name in "abc"] == [True, False, True]
    networks.get("b")
    assert loads == {"a": 1, "b": 2, "c": 1}


@pytest.mark.parametrize("frozen", [False, True])
def test_what_goes_is_freed_with_its_compiled_passes(networks, small_batch, frozen):
    model = networks.get("a")
    model.engine.logits(small_batch[:, :32, :32])
    if frozen:  # as a server does
        gc.freeze()
    (compiled,) = model.engine._passes.values()
    gone = [weakref.ref(one) for one in (model, model.engine, model.network.model, compiled)]
    del model, compiled
    for name in "bc":
        networks.get(name)
    assert [ref() for ref in gone] == [None] * 4


def test_a_network_in_use_is_finished_with(networks, small_batch):
    model = networks.get("a")
    for name in "bc":
        networks.get(name)
    assert model.engine.logits(small_batch[:1, :32, :32]).shape == (1, 3)
    assert not networks.is_loaded("a")


def test_two_that_ask_at_once_have_it_loaded_once():
    started, let_go, loaded = threading.Event(), threading.Event(), []

    def load():
        started.set()
        assert let_go.wait(30)
        loaded.append(1)
        return small_network()

    networks = LoadedNetworks([Choice("slow", load)])
    found = []
    threads = [threading.Thread(target=lambda: found.append(networks.get("slow"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert started.wait(30)
    let_go.set()
    for thread in threads:
        thread.join(30)
    assert found[0] is found[1]
    assert loaded == [1]


def test_a_download_that_fails_takes_nothing_away(networks):
    def fetch(_):
        raise DownloadError("The weights could not be downloaded.")

    networks = LoadedNetworks(
        [Choice("a", small_network), Choice("b", small_network), Choice("c", small_network, fetch)]
    )
    kept = [networks.get(name) for name in "ab"]
    with pytest.raises(DownloadError):
        networks.get("c")
    assert [networks.get(name) for name in "ab"] == kept


def test_a_download_tells_how_far_it_is_before_the_network_is_loaded():
    reported = []
    choice = Choice("a", small_network, lambda progress: progress(3, 7))
    LoadedNetworks([choice]).get("a", lambda done, total: reported.append((done, total)))
    assert reported == [(3, 7)]


def test_an_unknown_name_lists_the_known_ones(networks):
    with pytest.raises(UnknownNameError, match=r"Received: 'd'. Accepted: a, b, c\."):
        networks.get("d")


def test_the_server_starts_with_what_it_is_told_and_offers_the_rest(tmp_path, monkeypatch):
    bundle_of(tmp_path / "one")
    monkeypatch.setattr(weights, "BUNDLE", tmp_path / "one" / "small.json")
    monkeypatch.setenv("RESNET_DEMO_WEIGHTS", "bundled, /host/x/mine.keras,/host/y/mine.keras, hf://org/name")
    networks = load_networks()
    assert networks.names == ("bundled", "mine.keras", "mine.keras 2", "hf://org/name", *TITLES)
    assert networks.is_loaded("bundled")
    assert networks.get().labels[0].english == "one of two"


def bundle_of(folder):
    folder.mkdir()
    tensors = {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in resnet(18, classes=2).layers
        for variable in layer.weights
    }
    bundle.pack(tensors, [("", "one of two"), ("", "the other")], folder, name="small", depth=18)


def test_the_environment_speaks_of_the_hosts_weights_not_of_keras_or_ours(monkeypatch, tmp_path):
    bundle_of(tmp_path / "one")
    monkeypatch.setattr(weights, "BUNDLE", tmp_path / "one" / "small.json")
    monkeypatch.setenv("RESNET_DEMO_PREPROCESSING", "torch")
    found = {c.name: c for c in choices(small_network("own.h5"), small_network)}
    assert list(found) == ["own.h5", *TITLES, "bundled"]
    assert found["bundled"].load().preprocessing.value == NAMED["caffe"]


def test_a_network_is_fed_otherwise_by_the_same_engine(small_instrumented, example_photos):
    model = InstrumentedModel(
        replace(
            small_instrumented.network,
            preprocessing=Settled(NAMED["torch"], "assumed", fit={"torch": 0.01, "caffe": 900.0}),
        )
    )
    other = model.fed("caffe", "the page")
    assert other.engine is model.engine
    assert model.fed("caffe", "the page") is other
    assert other.network.preprocessing.source == "told"
    photo = example_photos[0]
    expected = NAMED["caffe"].apply(NAMED["torch"].undo(model.batch(photo)))
    assert abs(other.batch(photo) - expected).max() < 1e-4
    (warning,) = other.network.warnings()
    assert "900" in str(warning)
    assert "0.01" in str(warning)
    assert model.network.warnings() == ()
    assert model.fed(None, "") is model.fed("", "") is model
    with pytest.raises(OptionError, match="Accepted: caffe, torch, tf, unit, raw"):
        model.fed("jpeg", "")


def test_layers_inside_stay_and_what_is_told_is_named_as_unused(small_instrumented):
    inside = Settled(NAMED["raw"], "model", "rescaling")
    model = InstrumentedModel(replace(small_instrumented.network, preprocessing=inside))
    other = model.fed("torch", "the page")
    assert other.network.preprocessing.value == NAMED["raw"]
    assert "the page" in str(other.network.warnings()[0])
