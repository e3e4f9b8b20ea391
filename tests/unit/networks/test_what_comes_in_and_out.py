"""Whole model files: what goes in is what the file was made for, and what comes out is what plain Keras says."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError, OptionError
from resnet_demo.measures import residual
from resnet_demo.measures.batches import classify_many
from resnet_demo.measures.lesion import lesion_all
from resnet_demo.measures.logit_attribution import logit_attribution
from resnet_demo.measures.overview import analyze
from resnet_demo.networks import checkpoints, memory, weights
from resnet_demo.networks.resnet import resnet
from resnet_demo.photos.decoding import read_photo

# Keras 3's own way of saving.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

PHOTO = memory.EXAMPLES / "golf-ball-in-grass.jpg"


def save(path, units, activation, shape=(48, 40, 3), front=()):
    """A small residual network with lively weights, as a `.keras` file; returns the model."""
    keras.utils.set_random_seed(7)
    photo = x = keras.Input(shape)
    for layer in front:
        x = layer(x)
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, strides=2, padding="same")(x)))
    x = layers.MaxPooling2D()(x)
    for _ in range(2):
        f = layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same")(x))
        x = layers.ReLU()(layers.Add()([x, f]))
    out = layers.Dense(units, activation=activation)(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(photo, out)
    rng = np.random.default_rng(3)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights(
                [rng.uniform(0.5, 1.5, 8), *(rng.normal(0, 0.2, 8) for _ in range(2)), rng.uniform(1, 2, 8)]
            )
    model.save(path)
    return model


def test_one_sigmoid_unit_answers_one_question(tmp_path):
    model = save(tmp_path / "one.keras", 1, "sigmoid")
    found = InstrumentedModel(weights.load(str(tmp_path / "one.keras"), preprocessing="unit"))
    outputs = found.network.outputs
    assert (outputs.activation, outputs.source, outputs.kind) == ("sigmoid", "model", "question")
    batch = found.batch(read_photo(PHOTO))
    yes = float(model.predict(batch, verbose=0)[0, 0])
    analysis = analyze(found, read_photo(PHOTO))
    by_index = {p.index: p for p in analysis.predictions}
    assert [by_index[i].label.english for i in (0, 1)] == ["no", "yes"]
    assert by_index[1].probability == pytest.approx(yes, abs=1e-5)
    assert by_index[0].probability == pytest.approx(1 - yes, abs=1e-5)
    assert by_index[1].logit == pytest.approx(np.log(yes / (1 - yes)), abs=1e-3)
    assert by_index[0].logit == -by_index[1].logit
    # Every measure says the same: the ledger is of the logit, the lesion's change is of this probability.
    for target in (0, 1):
        assert logit_attribution(found, batch, target).sum == pytest.approx(by_index[target].logit, abs=1e-4)
    for no, yes_too in zip(*(lesion_all(found, batch, target) for target in (0, 1)), strict=True):
        assert no.probability_change == pytest.approx(-yes_too.probability_change, abs=1e-9)
        assert no.logit_change == pytest.approx(-yes_too.logit_change, abs=1e-6)
    (many,) = classify_many(found, [PHOTO])
    assert {p.index: p.probability for p in many.predictions} == pytest.approx(
        {i: p.probability for i, p in by_index.items()}, abs=1e-5
    )
    numbers = analysis.numbers()["network"]
    assert numbers["outputs"]["kind"] == "question"
    assert (numbers["preprocessing"]["value"]["name"], numbers["preprocessing"]["source"]) == ("unit", "told")


def test_several_sigmoids_are_not_pressed_through_a_softmax(tmp_path):
    model = save(tmp_path / "many.keras", 4, "sigmoid")
    found = InstrumentedModel(weights.load(str(tmp_path / "many.keras"), preprocessing="unit"))
    expected = model.predict(found.batch(read_photo(PHOTO)), verbose=0)[0]
    predictions = analyze(found, read_photo(PHOTO)).predictions
    assert {p.index: p.probability for p in predictions} == pytest.approx(dict(enumerate(expected)), abs=1e-5)
    assert sum(p.probability for p in predictions) != pytest.approx(1, abs=0.05)


def test_scores_have_no_probabilities_and_the_user_has_the_last_word(tmp_path):
    save(tmp_path / "scores.keras", 3, None)
    assumed = weights.load(str(tmp_path / "scores.keras"), preprocessing="unit").outputs
    assert (assumed.activation, assumed.source) == ("softmax", "assumed")
    overridden = InstrumentedModel(
        weights.load(str(tmp_path / "scores.keras"), preprocessing="unit", activation="none")
    )
    analysis = analyze(overridden, read_photo(PHOTO))
    assert np.isnan([p.probability for p in analysis.predictions]).all()
    assert [p["probability"] for p in analysis.numbers()["predictions"]] == [None] * 3
    assert overridden.network.outputs.source == "told"


def test_the_environment_tells_too(tmp_path, monkeypatch):
    save(tmp_path / "x.keras", 3, None)
    monkeypatch.setenv("RESNET_DEMO_PREPROCESSING", "tf")
    monkeypatch.setenv("RESNET_DEMO_ACTIVATION", "sigmoid")
    found = weights.load(str(tmp_path / "x.keras"))
    assert (found.preprocessing.value.name, found.preprocessing.origin) == ("tf", "RESNET_DEMO_PREPROCESSING")
    assert (found.outputs.activation, found.outputs.origin) == ("sigmoid", "RESNET_DEMO_ACTIVATION")


def test_the_files_own_size_is_used_and_another_refused(tmp_path):
    save(tmp_path / "x.keras", 3, "softmax")
    assert InstrumentedModel(weights.load(str(tmp_path / "x.keras"))).batch(read_photo(PHOTO)).shape == (
        1,
        48,
        40,
        3,
    )
    with pytest.raises(OptionError, match=r"Received: --size 64 40\. Accepted: 48 40"):
        weights.load(str(tmp_path / "x.keras"), size=(64, 40))


def test_an_open_size_is_what_is_told(tmp_path):
    save(tmp_path / "x.keras", 3, "softmax", shape=(None, None, 3))
    path = str(tmp_path / "x.keras")
    assert InstrumentedModel(weights.load(path)).batch(read_photo(PHOTO)).shape == (1, 224, 224, 3)
    sized = InstrumentedModel(weights.load(path, size=(60, 90)))
    assert sized.batch(read_photo(PHOTO)).shape == (1, 60, 90, 3)
    assert analyze(sized, read_photo(PHOTO)).input_shape == (1, 60, 90, 3)


def test_a_network_of_one_channel_is_fed_grey(tmp_path):
    model = save(tmp_path / "grey.keras", 3, "softmax", shape=(48, 40, 1))
    found = InstrumentedModel(weights.load(str(tmp_path / "grey.keras"), preprocessing="unit"))
    batch = found.batch(read_photo(PHOTO))
    assert batch.shape == (1, 48, 40, 1)
    expected = model.predict(batch, verbose=0)[0]
    predictions = analyze(found, read_photo(PHOTO)).predictions
    assert {p.index: p.probability for p in predictions} == pytest.approx(dict(enumerate(expected)), abs=1e-5)


def test_layers_inside_are_not_done_twice(tmp_path):
    model = save(
        tmp_path / "inside.keras", 3, "softmax", front=[layers.RandomFlip(), layers.Rescaling(1 / 255)]
    )
    found = InstrumentedModel(weights.load(str(tmp_path / "inside.keras")))
    assert (found.network.preprocessing.source, found.network.preprocessing.value.name) == ("model", "raw")
    expected = model.predict(np.asarray(found.batch(read_photo(PHOTO))), verbose=0)[0]
    predictions = analyze(found, read_photo(PHOTO)).predictions
    assert {p.index: p.probability for p in predictions} == pytest.approx(dict(enumerate(expected)), abs=1e-5)


def test_a_folder_is_called_by_its_own_name(tmp_path):
    (tmp_path / "dogs").mkdir()
    save(tmp_path / "dogs" / "model.keras", 3, "softmax")
    provenance = weights.load(str(tmp_path / "dogs")).provenance
    assert provenance.name == "dogs"
    assert str(tmp_path) not in provenance.reason


def test_what_a_photo_undone_was(tmp_path):
    save(tmp_path / "x.keras", 3, "softmax")
    for name in ("caffe", "torch", "tf", "unit", "raw"):
        found = weights.load(str(tmp_path / "x.keras"), preprocessing=name).preprocessing.value
        pixels = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 3), np.uint8)
        np.testing.assert_array_equal(found.undo(found.apply(pixels)), pixels)


@pytest.mark.parametrize("target", ["out.keras", "out.weights.h5"])
def test_convert_keeps_what_stands_beside_its_source(tmp_path, target):
    save(tmp_path / "x.keras", 3, "sigmoid", shape=(None, None, 3))
    names = ["a", "b", "c"]
    beside = {"mean": [9, 8, 7], "std": 50, "scale": 1, "size": [60, 90], "label_names": names}
    (tmp_path / "x.json").write_text(json.dumps(beside))
    before = weights.load(str(tmp_path / "x.keras"))
    (tmp_path / "there").mkdir()  # nothing beside it
    checkpoints.convert(tmp_path / "x.keras", tmp_path / "there" / target)
    after = weights.load(str(tmp_path / "there" / target))
    assert [label.english for label in after.labels] == names
    assert after.size == before.size == (60, 90)
    assert (after.outputs.activation, after.outputs.source) == ("sigmoid", "model")
    assert after.preprocessing.source == "metadata"
    photo = read_photo(PHOTO)
    batches = [InstrumentedModel(network).batch(photo) for network in (before, after)]
    np.testing.assert_array_equal(*batches)


def test_converted_weights_alone_still_tell_their_activation(tmp_path):
    model = resnet(18, classes=3, input_shape=(64, 64, 3))
    out = layers.Activation("softmax")(model.output)
    keras.Model(model.input, out).save(tmp_path / "x.keras")
    assert weights.load(str(tmp_path / "x.keras")).outputs.source == "model"
    checkpoints.convert(tmp_path / "x.keras", tmp_path / "x.weights.h5")
    outputs = weights.load(str(tmp_path / "x.weights.h5")).outputs
    assert (outputs.activation, outputs.source) == ("softmax", "model")


def test_a_size_in_a_preprocessing_file_is_an_open_ones(tmp_path):
    save(tmp_path / "x.keras", 3, "softmax", shape=(None, None, 3))
    (tmp_path / "how.json").write_text(json.dumps({"scale": 1 / 255, "size": [60, 90]}))
    network = weights.load(str(tmp_path / "x.keras"), preprocessing=str(tmp_path / "how.json"))
    assert InstrumentedModel(network).batch(read_photo(PHOTO)).shape == (1, 60, 90, 3)


def test_a_backbone_larger_than_it_is_deep_opens_and_says_in_one_sentence_what_it_cannot(tmp_path):
    model = save(tmp_path / "x.keras", 3, "softmax", shape=(96, 80, 3))
    end = next(layer for layer in reversed(model.layers) if isinstance(layer, layers.ReLU))
    keras.Model(model.input, end.output).save(tmp_path / "backbone.keras")  # its map is 24 × 20 × 8
    found = InstrumentedModel(weights.load(str(tmp_path / "backbone.keras")))
    assert found.labels == ()
    (blocks,) = residual.compute(found, found.batch(read_photo(PHOTO)), [None])
    assert [block.shape for block in blocks] == [(24, 20, 8)] * 2
    with pytest.raises(ArchitectureError, match="needs a network that scores classes"):
        next(classify_many(found, [PHOTO]))
