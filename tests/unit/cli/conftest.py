"""The command line run in this process. Networks are read and compiled once for all tests."""

from functools import cache
from pathlib import Path

import keras
import pytest

from resnet_demo.cli import main
from resnet_demo.engine import instrumented_model
from resnet_demo.networks import weights
from resnet_demo.networks.labels import numbered_labels
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.networks.resnet import resnet
from resnet_demo.networks.settled import Settled

EXAMPLES = Path(__file__).parents[3] / "assets" / "examples"


LOAD, EXPLORER = cache(weights.load), cache(instrumented_model.InstrumentedModel)


@pytest.fixture(scope="module", autouse=True)
def _load_once():
    """For these files only: tests of `load` itself may follow in the same process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weights, "load", LOAD)
        patch.setattr(instrumented_model, "InstrumentedModel", EXPLORER)
        yield


@pytest.fixture
def examples() -> Path:
    return EXAMPLES


@pytest.fixture
def run(capsys):
    """Run a command; returns its exit status, stdout and stderr."""

    def run(*arguments):
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return run


@cache
def _tiny(plain: bool) -> weights.Network:
    keras.utils.set_random_seed(3)
    model = resnet(18, plain=plain, classes=4, input_shape=(64, 32, 3))
    provenance = weights.Provenance("tiny", "keras", "0" * 64, None, (weights.Reason("numbers"),), 4)
    return weights.Network(model, numbered_labels(4), Settled(NAMED["caffe"], "assumed"), provenance)


@pytest.fixture
def tiny(monkeypatch):
    """Every `--weights` is a ResNet-18 for 64×32 pixels and four unnamed classes."""
    network = _tiny(plain=False)
    monkeypatch.setattr(weights, "load", lambda *_: network)
    return network


@pytest.fixture
def tiny_plain(monkeypatch):
    """The same without shortcuts."""
    network = _tiny(plain=True)
    monkeypatch.setattr(weights, "load", lambda *_: network)
    return network
