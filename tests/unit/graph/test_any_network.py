"""The analysis works on every network that is built here, and on a `.keras` model of its own kind."""

import gc

import keras
import numpy as np
import pytest

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError
from resnet_demo.measures.lab import lab_table
from resnet_demo.measures.overview import analyze
from resnet_demo.measures.split import split_gradcam
from resnet_demo.networks import named, weights
from resnet_demo.networks.labels import numbered_labels
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.networks.resnet import resnet
from resnet_demo.networks.settled import Settled
from resnet_demo.networks.weights import Network, Provenance
from resnet_demo.photos.decoding import photo_from_pixels

pytestmark = pytest.mark.slow

NETWORKS = {
    "resnet18-v1.5": {"depth": 18, "variant": "v1.5"},
    "option-a": {"depth": 10, "shortcut_option": "A"},
    "option-c": {"depth": 10, "shortcut_option": "C"},
    "tutorial-b": {"variant": "tutorial-b"},
}
SIDES = {"tutorial-b": 193}  # as small as it takes


def instrument(model: keras.Model) -> InstrumentedModel:
    """The model with lively weights: BatchNorm statistics that are neither 0 nor 1."""
    rng = np.random.default_rng(5)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.gamma.shape
            layer.set_weights(
                [
                    rng.uniform(0.3, 0.7, shape),
                    rng.normal(0, 0.1, shape),
                    rng.normal(0, 0.1, shape),
                    rng.uniform(0.5, 1.5, shape),
                ]
            )
    provenance = Provenance(model.name, model.name, "", None, (), 7)
    return InstrumentedModel(
        Network(model, numbered_labels(7), Settled(NAMED["caffe"], "assumed"), provenance)
    )


def photo():
    rng = np.random.default_rng(6)
    ramp = np.linspace(0, 180, 60 * 80 * 3).reshape(60, 80, 3)
    return photo_from_pixels((ramp + rng.uniform(0, 70, ramp.shape)).astype(np.uint8))


@pytest.mark.parametrize("name", NETWORKS)
def test_everything_is_measured_and_every_sum_adds_up(name):
    side = SIDES.get(name, 64)
    instrumented = instrument(resnet(**NETWORKS[name], classes=7, input_shape=(side, side, 3)))
    batch = instrumented.batch(photo())
    logits = instrumented.network.model(batch, training=False).numpy()
    np.testing.assert_allclose(instrumented.engine.logits(batch), logits, atol=1e-4 * np.abs(logits).max())
    analysis = analyze(instrumented, photo())

    spec = instrumented.engine.architecture
    assert [b.name for b in analysis.blocks] == [b.name for b in spec.blocks]
    assert {s.name for s in analysis.stages} == {"conv1", "pool1", "conv2", "conv3", "conv4", "conv5"}
    for block in analysis.blocks:
        assert block.energy.shortcut + block.energy.residual + block.energy.cross == pytest.approx(
            1, abs=1e-4
        )

    lab = lab_table(instrumented, photo(), analysis)
    assert lab.logit_attribution.error <= 1e-5 * max(1, abs(lab.logit_attribution.logit))
    assert lab.logit_attribution.logit == pytest.approx(analysis.target.logit, rel=1e-5)
    assert max(g.error for g in lab.gradients) <= 1e-4
    part = split_gradcam(instrumented, batch, spec.blocks[-1].name, analysis.target.index)
    assert part.error <= 1e-4
    del instrumented
    gc.collect()


def test_a_plain_network_has_classes_a_heatmap_and_stages_but_no_blocks():
    instrumented = instrument(named.build("resnet18-plain", classes=7, input_shape=(64, 64, 3)))
    analysis = analyze(instrumented, photo())
    assert analysis.blocks == ()
    assert len(analysis.stages) == 6
    assert analysis.gradcam.heatmap.shape == (64, 64)
    lab = lab_table(instrumented, photo(), analysis)
    assert (lab.rows, lab.gradients, lab.lesions, lab.logit_attribution, lab.as_it_forms) == (
        (),
        (),
        (),
        None,
        None,
    )
    left = analysis.numbers(lab)["left_out"]
    assert set(left) == {"blocks", "gradients", "lesion", "ledger", "as_it_forms"}
    assert all("a network without shortcuts" in reason for reason in left.values())


def test_a_sequential_convolutional_network_is_analysed_without_blocks():
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((48, 64, 3)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(12, 3, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(name="last"),
            layers.MaxPooling2D(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(7, activation="softmax"),
        ]
    )
    instrumented = instrument(model)
    batch = instrumented.batch(photo())
    analysis = analyze(instrumented, photo(), top=7)

    probabilities = model(batch, training=False).numpy()[0]
    assert [p.index for p in analysis.predictions] == np.argsort(-probabilities).tolist()
    assert [p.probability for p in analysis.predictions] == pytest.approx(
        sorted(probabilities, reverse=True), abs=1e-6
    )
    assert {s.name: s.shape for s in analysis.stages} == {
        "conv1": (48, 64, 8),
        "pool1": (24, 32, 8),
        "conv2": (24, 32, 12),
    }
    assert analysis.blocks == ()
    assert set(analysis.numbers()["left_out"]) == {"blocks"}
    assert analysis.gradcam.gradcam.shape == (12, 16)
    assert analysis.gradcam.heatmap.shape == (48, 64)
    assert analysis.gradcam.gradcam.max() > 0


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_keras_model_of_its_own_kind_is_used_as_it_is(tmp_path):
    made = instrument(named.build("resnet18-plain", classes=7, input_shape=(64, 64, 3)))
    path = tmp_path / "plain.keras"
    made.network.model.save(path)

    network = weights.load(str(path))

    assert network.provenance.variant == "its own graph"
    assert network.preprocessing.source == "assumed"
    again = analyze(InstrumentedModel(network), photo())
    assert again.predictions[0].logit == pytest.approx(analyze(made, photo()).predictions[0].logit, rel=1e-5)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_keras_model_that_is_no_such_network_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "small.keras"
    keras.Sequential([keras.layers.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(3)]).save(
        path
    )
    with pytest.raises(ArchitectureError, match="Received"):
        weights.load(str(path))
