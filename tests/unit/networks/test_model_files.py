"""Keras models as people make them by transfer learning, in every container, by Keras 3 and as Keras 2 wrote them."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers as L

from resnet_demo.errors import CheckpointError
from resnet_demo.networks import checkpoints, weights
from resnet_demo.networks.geometry import Geometry
from resnet_demo.networks.metadata import POOLING_ASSUMED
from resnet_demo.networks.resnet import relative
from resnet_demo.networks.resnet_v2 import resnet_v2

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file"),
]
TINY = Geometry((1, 1, 1, 1), True, (4, 6, 8, 10), (16, 24, 32, 40), stem=(6,))
SHAPE = (32, 48, 3)


def base() -> keras.Model:
    model = relative(TINY, "keras", classes=0, input_shape=SHAPE)
    rng = np.random.default_rng(3)
    for variable in model.variables:
        fan_in = np.prod(variable.shape[:-1]) if len(variable.shape) > 1 else 1
        positive = variable.name in ("gamma", "moving_variance")
        values = (
            rng.uniform(0.5, 1.5, variable.shape)
            if positive
            else rng.normal(0, np.sqrt(2 / fan_in), variable.shape)
        )
        variable.assign(values * (1 if positive or fan_in > 1 else 0.2))
    return model


def nested_sequential() -> keras.Model:
    head = [L.GlobalAveragePooling2D(), L.Dropout(0.3), L.Dense(5, activation="softmax")]
    return keras.Sequential([L.Input(SHAPE), L.RandomFlip("horizontal"), base(), *head])


def nested_functional() -> keras.Model:
    photo = keras.Input(SHAPE)
    features = L.GlobalAveragePooling2D()(base()(photo))
    return keras.Model(photo, L.Dense(1, activation="sigmoid", name="cat_or_dog")(features))


def flat() -> keras.Model:
    inner = base()
    features = L.GlobalAveragePooling2D()(inner.output)
    return keras.Model(
        inner.input, L.Dense(5, activation="softmax", name="my_head")(L.Dropout(0.3)(features))
    )


def rescaling_inside() -> keras.Model:
    photo = keras.Input(SHAPE)
    features = L.GlobalAveragePooling2D()(base()(L.Rescaling(1 / 255)(photo)))
    return keras.Model(photo, L.Dense(5, activation="softmax")(features))


MODELS = [nested_sequential, nested_functional, flat, rescaling_inside]
PHOTOS = np.random.default_rng(1).normal(0, 1, (2, *SHAPE)).astype(np.float32)


def logits_of(checkpoint: checkpoints.Checkpoint) -> np.ndarray:
    return np.asarray(checkpoints.build(checkpoint, input_shape=SHAPE)(PHOTOS, training=False))


def save(model: keras.Model, path: Path) -> Path:
    (model.save_weights if path.name.endswith(".weights.h5") else model.save)(path)
    return path


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("ending", [".keras", ".h5", ".weights.h5"])
def test_what_goes_out_is_what_keras_gives(tmp_path, make, ending):
    model = make()
    expected = np.asarray(model(PHOTOS, training=False))
    checkpoint = checkpoints.read(save(model, tmp_path / f"x{ending}"))
    assert checkpoint.classes == expected.shape[-1]
    activation = "sigmoid" if expected.shape[-1] == 1 else "softmax"
    assert checkpoint.activation == (None if ending == ".weights.h5" else activation)
    if checkpoint.model is not None:
        np.testing.assert_allclose(checkpoint.model(PHOTOS, training=False), expected, rtol=1e-4, atol=1e-6)
    # What pools before a head of one's own, weights alone do not tell.
    assert (POOLING_ASSUMED in checkpoint.metadata) == (ending == ".weights.h5")
    own = checkpoint.variant == checkpoints.OWN_GRAPH
    assert own == (make is rescaling_inside and ending != ".weights.h5")
    if own:
        return
    assert checkpoint.title == "ResNet-14"
    if make is not rescaling_inside:  # of which weights alone do not tell
        logits = logits_of(checkpoint)
        found = keras.ops.sigmoid(logits) if expected.shape[-1] == 1 else keras.ops.softmax(logits)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    # A sigmoid, and a size that is not the usual one, are kept by keeping the model.
    assert (checkpoint.model is not None) == (ending != ".weights.h5")


@pytest.mark.parametrize("target", ["out.keras", "out.weights.h5"])
@pytest.mark.parametrize("make", [nested_functional, rescaling_inside])
def test_convert_writes_a_model_that_is_none_of_ours(tmp_path, make, target):
    model = make()
    checkpoints.convert(save(model, tmp_path / "in.h5"), tmp_path / target)
    back = checkpoints.read(tmp_path / target)
    assert back.metadata["converted_from"] == "keras"
    assert back.model is not None
    np.testing.assert_allclose(
        back.model(PHOTOS, training=False), model(PHOTOS, training=False), rtol=1e-4, atol=1e-6
    )


def test_weights_h5_of_versions_without_layer_names_and_of_keras_2(tmp_path):
    model = nested_sequential()
    path = save(model, tmp_path / "x.weights.h5")
    expected = checkpoints.read(path)
    with h5py.File(path, "a") as file:
        inside = next(
            file["layers"][name]["layers"] for name in file["layers"] if "layers" in file["layers"][name]
        )
        for group in inside.values():
            if "name" in group["vars"].attrs:
                del group["vars"].attrs["name"]
        file.move("layers", "_layer_checkpoint_dependencies")
    found = checkpoints.read(path)
    assert found.tensors.keys() == expected.tensors.keys()
    for name, tensor in expected.tensors.items():
        np.testing.assert_array_equal(found.tensors[name], tensor)


def test_old_h5_of_weights_alone_with_a_model_inside(tmp_path):
    inner = base()
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file.attrs["layer_names"] = [b"resnet50", b"dropout", b"dense_3"]
        group = file.create_group("resnet50")
        named = {f"{la.name}/{v.name}:0": np.asarray(v) for la in inner.layers for v in la.variables}
        group.attrs["weight_names"] = [name.encode() for name in named]
        for name, value in named.items():
            group[name] = value
        file.create_group("dropout").attrs["weight_names"] = np.array([], "S1")
        dense = file.create_group("dense_3")
        dense.attrs["weight_names"] = [b"dense_3/kernel:0", b"dense_3/bias:0"]
        dense["dense_3/kernel:0"], dense["dense_3/bias:0"] = np.ones((40, 5), "f4"), np.arange(5, dtype="f4")
    checkpoint = checkpoints.read(tmp_path / "weights.h5")
    assert (checkpoint.title, checkpoint.classes) == ("ResNet-14", 5)
    kernel = inner.get_layer("conv4_block1_2_conv").kernel
    np.testing.assert_array_equal(checkpoint.tensors["conv4_block1_2_conv/kernel"], kernel)
    assert checkpoint.tensors["predictions/bias"].tolist() == [0, 1, 2, 3, 4]


def as_keras_2(part):
    """A configuration of Keras 3 as Keras 2 would have written it, for the layers used here."""
    if isinstance(part, list):
        return [as_keras_2(p) for p in part]
    if not isinstance(part, dict):
        return part
    if part.get("class_name") == "DTypePolicy":
        return part["config"]["name"]
    part = {key: as_keras_2(value) for key, value in part.items()}
    name, config = part.get("class_name"), part.get("config")
    if name in ("Functional", "Sequential"):
        part |= {"module": "keras.src.engine." + name.lower()}
        for ends in ("input_layers", "output_layers"):
            if ends in config and not isinstance(config[ends][0], list):
                config[ends] = [config[ends]]
    if name == "BatchNormalization":
        config["axis"] = [3]
    if name == "InputLayer":
        config["batch_input_shape"] = config.pop("batch_shape")
    if name == "RandomFlip":
        config |= {"rng_type": "stateful", "batch_input_shape": [None, *SHAPE]}
        config.pop("data_format", None)
    if part.get("inbound_nodes"):
        ends = []
        for node in part["inbound_nodes"]:
            found = node["args"][0]
            tensors = found if isinstance(found, list) else [found]
            ends.append([[*tensor["config"]["keras_history"], {}] for tensor in tensors])
        part["inbound_nodes"] = ends
    return part


def rewrite(path: Path) -> None:
    """The file as Keras 2 would have written it."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members["config.json"] = json.dumps(as_keras_2(json.loads(members["config.json"]))).encode()
        members["metadata.json"] = json.dumps({"keras_version": "2.15.0"}).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = json.dumps(as_keras_2(json.loads(file.attrs["model_config"]))).encode()
        file.attrs["keras_version"] = "2.11.0"


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("make", [nested_sequential, flat])
def test_models_of_keras_2(tmp_path, make, ending):
    model = make()
    path = save(model, tmp_path / f"x{ending}")
    rewrite(path)
    checkpoint = checkpoints.read(path)
    assert checkpoint.title == "ResNet-14"
    np.testing.assert_allclose(
        checkpoint.model(PHOTOS, training=False), model(PHOTOS, training=False), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("version", [3, 2])
def test_no_code_of_a_model_file_runs(tmp_path, ending, version):
    written = tmp_path / "written"
    photo = keras.Input((8, 8, 3))
    name = str(written)
    out = L.Lambda(lambda x: (open(name, "w").close(), x)[1])(photo)  # compiled into the file; run, it writes
    path = save(keras.Model(photo, out), tmp_path / f"code{ending}")
    written.unlink()
    if version == 2:
        rewrite(path)
    with pytest.raises(
        CheckpointError, match=r"without running code.*Accepted: .*in place of Lambda"
    ) as error:
        checkpoints.read(path)
    assert "\n" not in str(error.value)
    assert not written.exists()


def test_weights_of_resnet_v2_find_their_network(tmp_path):
    model = resnet_v2(50, classes=3, input_shape=(32, 64, 3))
    rng = np.random.default_rng(0)
    for variable in model.variables:
        if variable.name in ("gamma", "moving_variance"):
            variable.assign(rng.uniform(0.5, 1, variable.shape))
    model.save_weights(tmp_path / "x.weights.h5")
    checkpoint = checkpoints.read(tmp_path / "x.weights.h5")
    assert (checkpoint.title, checkpoint.variant, checkpoint.preprocessing) == ("ResNet-50V2", "v2", "tf")
    batch = rng.normal(0, 1, (1, 32, 64, 3)).astype(np.float32)
    found = checkpoints.build(checkpoint, input_shape=(32, 64, 3))(batch, training=False)
    np.testing.assert_allclose(found, model(batch, training=False), rtol=1e-4, atol=1e-5)


def test_average_pooling_before_a_head_of_ones_own_is_said_to_be_assumed(tmp_path):
    photo = keras.Input(SHAPE)
    features = L.GlobalMaxPooling2D()(base()(photo))
    model = keras.Model(photo, L.Dense(5, name="my_head")(features))
    said = str(weights.load(str(save(model, tmp_path / "x.weights.h5"))).provenance.reason)
    assert re.search(
        r"what pools between its last block and its head \(\S*my_head\S*\): average pooling is assumed", said
    )
    whole = weights.load(str(save(model, tmp_path / "x.keras")))
    assert "average pooling" not in whole.provenance.reason
    expected = np.asarray(model(PHOTOS, training=False))
    np.testing.assert_allclose(whole.model(PHOTOS, training=False), expected, rtol=1e-5, atol=1e-6)
