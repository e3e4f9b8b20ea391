"""Files written here in each format, read, built and compared with what Keras itself makes of them."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from string import ascii_lowercase

import h5py
import keras
import numpy as np
import pytest
from safetensors.numpy import save_file

from resnet_demo.errors import CheckpointError, OptionError
from resnet_demo.networks import checkpoints
from resnet_demo.networks.resnet import resnet

# Keras 3.15 copies variables by an `__array__` that NumPy 2 has deprecated.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]

SPELLINGS = {  # of Keras 1, where a second copy of a layer's variables got "_1"
    "kernel": "W_1:0",
    "bias": "b_1:0",
    "gamma": "gamma_1:0",
    "beta": "beta_1:0",
    "moving_mean": "running_mean_1:0",
    "moving_variance": "running_std_1:0",
}


def randomize(model: keras.Model, seed: int) -> keras.Model:
    """Weights under which activations keep their size, and BatchNorm statistics that all differ."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        for variable in layer.variables:
            shape = tuple(variable.shape)
            if variable.name == "kernel":
                values = rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)
            elif variable.name in ("gamma", "moving_variance"):
                values = rng.uniform(0.5, 1.5, shape)
            else:
                values = rng.normal(0, 0.2, shape)
            variable.assign(values.astype(np.float32))
    return model


def photo(model: keras.Model) -> np.ndarray:
    """A batch (2, height, width, 3) without any symmetry."""
    _, height, width, _ = model.input_shape
    return np.random.default_rng(5).normal(0, 1, (2, height or 64, width or 64, 3)).astype(np.float32)


def assert_close(received, expected, tolerance: float) -> None:
    """Agreement within `tolerance` of the scale of what is expected."""
    scale = np.std(expected)
    assert scale > 0
    assert np.abs(np.asarray(received) - np.asarray(expected)).max() <= tolerance * scale


def write_legacy_h5(path, model: keras.Model, spell) -> None:
    """The HDF5 of Keras 1 and 2: attributes name the layers and, in order, their weights."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([layer.name for layer in model.layers], "S")
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [spell(layer.name, variable.name) for variable in layer.variables]
            group.attrs["weight_names"] = np.array(names, "S")
            for name, variable in zip(names, layer.variables, strict=True):
                group[name] = np.asarray(variable)


@pytest.fixture(scope="module")
def tutorial_a() -> keras.Model:
    return randomize(resnet(50, "tutorial-a"), seed=1)


@pytest.fixture(scope="module")
def old_file(tutorial_a, tmp_path_factory):
    """As `resnet50_weights_tf_dim_ordering_tf_kernels.h5` of 2016, with random weights."""
    path = tmp_path_factory.mktemp("old") / "any name at all.h5"
    write_legacy_h5(path, tutorial_a, lambda layer, variable: f"{layer}_{SPELLINGS[variable]}")
    with h5py.File(path) as file:
        assert "bn2a_branch2a_running_std_1:0" in file["bn2a_branch2a"]
        assert file["res2a_branch2a"].attrs["weight_names"][0] == b"res2a_branch2a_W_1:0"
    return path


@pytest.fixture(scope="module")
def old_checkpoint(old_file) -> checkpoints.Checkpoint:
    return checkpoints.read(old_file)


def test_the_old_file_is_mapped_by_layer_and_order(old_checkpoint, tutorial_a):
    assert (old_checkpoint.layout, old_checkpoint.depth, old_checkpoint.classes) == ("tutorial-a", 50, 1000)
    assert (old_checkpoint.variant, old_checkpoint.preprocessing) == ("tutorial-a", "caffe")
    branches = {"0": "branch1", "1": "branch2a", "2": "branch2b", "3": "branch2c"}
    for name, tensor in old_checkpoint.tensors.items():
        layer, variable = name.split("/")
        if match := re.fullmatch(r"conv(\d)_block(\d)_(\d)_(conv|bn)", layer):
            stage, block, unit, kind = match.groups()
            kind = "res" if kind == "conv" else "bn"
            old = f"{kind}{stage}{ascii_lowercase[int(block) - 1]}_{branches[unit]}"
        else:
            old = {"conv1_conv": "conv1", "conv1_bn": "bn_conv1", "predictions": "fc1000"}[layer]
        expected = {v.name: v for v in tutorial_a.get_layer(old).variables}[variable]
        np.testing.assert_array_equal(tensor, expected)


def test_the_old_file_loads_into_tutorial_a_as_keras_itself_loads_it(old_file, old_checkpoint):
    by_keras = resnet(50, "tutorial-a")
    by_keras.load_weights(old_file)  # in the order of layers, whatever their names
    ours = checkpoints.build(old_checkpoint)
    batch = photo(ours)
    np.testing.assert_allclose(
        ours(batch, training=False), by_keras(batch, training=False), rtol=1e-5, atol=1e-5
    )


def test_tutorial_a_in_the_keras_graph_agrees_but_for_the_max_pooling(old_checkpoint, tutorial_a):
    moved = checkpoints.to_keras_graph(old_checkpoint)
    assert (moved.variant, moved.layout, moved.preprocessing) == ("keras", "tutorial-a", "caffe")
    ours = checkpoints.build(moved, input_shape=(218, 218, 3))  # 55×55 after its pooling
    assert ours.name == "resnet50"

    # Up to the first ReLU: the same maps, from a photo of any size.
    conv1 = [keras.Model(m.input, m.get_layer("conv1_relu").output) for m in (ours, tutorial_a)]
    batch = photo(ours)
    framed = np.pad(batch, ((0, 0), (0, 6), (0, 6), (0, 0)))  # tutorial A's side is fixed
    assert_close(conv1[0](batch)[:, :107, :107], conv1[1](framed)[:, :107, :107], 1e-4)

    # From the first block to the logits: the same, from the same 55×55 maps.
    maps = np.abs(np.random.default_rng(2).normal(0, 1, (2, 55, 55, 64))).astype(np.float32)
    after = [keras.Model(m.get_layer("pool1_pool").output, m.output) for m in (ours, tutorial_a)]
    assert_close(after[0](maps, training=False), after[1](maps, training=False), 1e-4)

    # Without the shift of the variances they do not agree: the test can fail.
    unshifted = checkpoints.Checkpoint(**(vars(moved) | {"tensors": old_checkpoint.tensors}))
    wrong = checkpoints.build(unshifted, input_shape=(218, 218, 3))
    wrong = keras.Model(wrong.get_layer("pool1_pool").output, wrong.output)
    with pytest.raises(AssertionError):
        assert_close(wrong(maps, training=False), after[1](maps, training=False), 1e-4)


def test_the_old_file_is_converted_into_either_graph(old_file, old_checkpoint, tmp_path):
    own, keras_graph = tmp_path / "own.weights.h5", tmp_path / "keras.weights.h5"
    assert checkpoints.convert(old_file, own).variant == "tutorial-a"
    assert checkpoints.convert(old_file, keras_graph, "keras").variant == "keras"

    keras.applications.ResNet50(weights=None, classifier_activation=None).load_weights(keras_graph)
    back = checkpoints.read(keras_graph)
    assert (back.variant, back.preprocessing, back.metadata["converted_from"]) == (
        "keras",
        "caffe",
        "tutorial-a",
    )
    expected = checkpoints.to_keras_graph(old_checkpoint)
    for name, tensor in expected.tensors.items():
        np.testing.assert_array_equal(back.tensors[name], tensor)
    again = checkpoints.convert(keras_graph, tmp_path / "again.weights.h5", "keras")  # it is there already
    assert again.tensors.keys() == back.tensors.keys()
    with pytest.raises(OptionError, match=r"Received: 'pytorch'\. Accepted: own, keras"):
        checkpoints.convert(old_file, own, "pytorch")


@pytest.fixture(scope="module")
def application() -> keras.Model:
    """keras.applications.ResNet50 itself, softmax included, for 5 classes."""
    return randomize(keras.applications.ResNet50(weights=None, classes=5, input_shape=(64, 64, 3)), seed=7)


def assert_is_application(checkpoint: checkpoints.Checkpoint, layout: str, application: keras.Model) -> None:
    """What it was made of, tensor by tensor; that these are the network, the next test tells."""
    assert (checkpoint.layout, checkpoint.depth, checkpoint.classes) == (layout, 50, 5)
    assert (checkpoint.variant, checkpoint.preprocessing) == ("keras", "caffe")
    expected = tensors_of(application)
    assert checkpoint.tensors.keys() == expected.keys()
    for name, tensor in expected.items():
        np.testing.assert_array_equal(checkpoint.tensors[name], tensor)


def test_the_tensors_of_keras_applications_are_its_network(application, tmp_path):
    application.save_weights(tmp_path / "x.weights.h5")
    ours = checkpoints.build(checkpoints.read(tmp_path / "x.weights.h5"), input_shape=(64, 64, 3))
    batch = photo(application)
    probabilities = keras.ops.softmax(ours(batch, training=False))
    np.testing.assert_allclose(probabilities, application(batch, training=False), atol=1e-5)


@pytest.mark.parametrize("dense", ["predictions", "probs"])
def test_the_h5_of_keras_applications(application, tmp_path, dense):
    path = tmp_path / "weights.h5"
    write_legacy_h5(path, application, lambda layer, variable: f"{layer}/{variable}:0")
    with h5py.File(path, "a") as file:
        names = [name.decode().replace("predictions", dense) for name in file.attrs["layer_names"]]
        # Keras cuts a list that is too long for HDF5 in parts.
        del file.attrs["layer_names"]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = names[:99], names[99:]
        if dense != "predictions":
            file.move("predictions", dense)
    assert_is_application(checkpoints.read(path), "keras-applications-h5", application)


@pytest.mark.parametrize("named", [True, False])
def test_weights_h5_by_keras_3_with_and_without_layer_names(application, tmp_path, named):
    path = tmp_path / "x.weights.h5"
    application.save_weights(path)
    with h5py.File(path, "a") as file:
        for group in file["layers"].values():
            assert "name" in group["vars"].attrs
            if not named:
                del group["vars"].attrs["name"]
    assert_is_application(checkpoints.read(path), "keras", application)


def test_a_keras_file_is_taken_apart_and_compared(application, tmp_path):
    path = tmp_path / "model.keras"
    application.save(path)
    assert_is_application(checkpoints.read(path), "keras", application)


@pytest.fixture(scope="module")
def small() -> keras.Model:
    return randomize(resnet(18, "v1.5", classes=4, input_shape=(64, 96, 3)), seed=11)


def tensors_of(model: keras.Model) -> dict[str, np.ndarray]:
    return {f"{la.name}/{v.name}": np.asarray(v) for la in model.layers for v in la.variables}


def test_a_keras_file_with_the_same_layers_in_another_graph_is_never_taken_for_ours(small, tmp_path):
    config = small.get_config()
    for layer in config["layers"]:
        if layer["name"] == "conv4_block2_1_bn":
            layer["config"]["epsilon"] = 0.5
    other = keras.Model.from_config(config)
    other.set_weights(small.get_weights())
    other.save(tmp_path / "other.keras")
    checkpoint = checkpoints.read(tmp_path / "other.keras")
    assert (checkpoint.variant, checkpoint.classes) == (checkpoints.OWN_GRAPH, 4)
    batch = photo(small)
    found = checkpoints.build(checkpoint)(batch, training=False)
    np.testing.assert_allclose(found, other(batch, training=False), rtol=1e-5, atol=1e-5)
    assert np.abs(found - small(batch, training=False)).max() > 0.01


def test_a_keras_file_with_code_is_refused_and_its_code_does_not_run(tmp_path):
    inputs = keras.Input((8, 8, 3))
    keras.Model(inputs, keras.layers.Lambda(lambda x: x + 1)(inputs)).save(tmp_path / "code.keras")
    for function in (checkpoints.read, checkpoints.read_keras_model):
        with pytest.raises(CheckpointError, match="cannot be loaded without running code"):
            function(tmp_path / "code.keras")


def test_a_keras_file_is_told_by_its_content_and_not_by_its_name(small, tmp_path):
    small.save(tmp_path / "model.keras")
    (tmp_path / "model.keras").rename(tmp_path / "model.zip")
    checkpoint = checkpoints.read(tmp_path / "model.zip")
    assert (checkpoint.variant, checkpoint.depth, checkpoint.classes) == ("v1.5", 18, 4)
    np.testing.assert_array_equal(
        checkpoint.tensors["conv1_conv/kernel"], small.get_layer("conv1_conv").kernel
    )
    (tmp_path / "not.keras").write_bytes(b"PK\x05\x06" + bytes(18))
    with pytest.raises(CheckpointError, match="has no graph"):
        checkpoints.read_keras_model(tmp_path / "not.keras")


@pytest.fixture
def source(small, tmp_path):
    """A safetensors file in Keras' layout, named after another format."""
    path = tmp_path / "source.pth"
    classes = json.dumps(
        [[f"n{i}", name] for i, name in enumerate(["a", "b", "c", "丁"])], ensure_ascii=False
    )
    save_file(tensors_of(small), path, metadata={"classes": classes})
    return path


def test_converted_weights_are_read_back_whole_with_what_variables_cannot_tell(source, small, tmp_path):
    target = tmp_path / "out.weights.h5"
    original = checkpoints.convert(source, target)
    back = checkpoints.read(target)
    assert (back.variant, back.preprocessing, back.depth, back.classes) == ("v1.5", "torch", 18, 4)
    assert back.metadata["classes"] == original.metadata["classes"]
    assert back.metadata["converted_from"] == "keras"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.weights.h5", "source.pth"]
    batch = photo(small)
    for model in (
        checkpoints.build(original, input_shape=(64, 96, 3)),
        checkpoints.build(back, input_shape=(64, 96, 3)),
    ):
        np.testing.assert_allclose(model(batch, training=False), small(batch, training=False), atol=1e-4)


def test_keras_loads_converted_weights_too(source, small, tmp_path):
    checkpoints.convert(source, tmp_path / "out.weights.h5")
    model = resnet(18, "v1.5", classes=4, input_shape=(64, 96, 3))
    model.load_weights(tmp_path / "out.weights.h5")
    batch = photo(small)
    np.testing.assert_allclose(model(batch, training=False), small(batch, training=False), atol=1e-4)


def test_preprocessing_that_is_not_the_layouts_usual_one_survives_conversion(small, tmp_path):
    save_file(tensors_of(small), tmp_path / "a", metadata={"resnet_demo.preprocessing": "caffe"})
    checkpoints.convert(tmp_path / "a", tmp_path / "b.weights.h5")
    checkpoints.convert(tmp_path / "b.weights.h5", tmp_path / "c.weights.h5")
    assert checkpoints.read(tmp_path / "c.weights.h5").preprocessing == "caffe"


def test_class_names_longer_than_an_hdf5_attribute_survive_conversion(small, tmp_path):
    classes = json.dumps([[f"n{i}", "x" * 40_000] for i in range(4)])
    save_file(tensors_of(small), tmp_path / "a", metadata={"classes": classes})
    checkpoints.convert(tmp_path / "a", tmp_path / "b.weights.h5")
    assert checkpoints.read(tmp_path / "b.weights.h5").metadata["classes"] == classes


@pytest.mark.parametrize("target", ["out.h5", "out.safetensors", "no folder/out.weights.h5"])
def test_targets_that_cannot_be_written_are_refused(source, tmp_path, target):
    with pytest.raises(OptionError, match="Received"):
        checkpoints.convert(source, tmp_path / target)
    assert [path.name for path in tmp_path.iterdir()] == ["source.pth"]


def test_a_failed_conversion_leaves_the_old_target(tmp_path):
    (tmp_path / "out.weights.h5").write_bytes(b"precious")
    (tmp_path / "bad.h5").write_bytes(b"\x89HDF\r\n\x1a\n and nothing else")
    with pytest.raises(CheckpointError):
        checkpoints.convert(tmp_path / "bad.h5", tmp_path / "out.weights.h5")
    assert (tmp_path / "out.weights.h5").read_bytes() == b"precious"


def test_damaged_files_are_refused_whatever_their_format(source, small, tmp_path):
    small.save_weights(tmp_path / "a.weights.h5")
    small.save(tmp_path / "a.keras")
    for path in (source, tmp_path / "a.weights.h5", tmp_path / "a.keras"):
        data = path.read_bytes()
        cut = tmp_path / f"cut-{path.name}"
        cut.write_bytes(data[: len(data) // 3])
        with pytest.raises(CheckpointError, match="damaged"):
            checkpoints.read(cut)


@pytest.mark.parametrize(
    "content", [b"", b"short", b"version https://git-lfs.github.com/spec/v1\noid sha256:0"]
)
def test_files_of_no_format_are_refused(tmp_path, content):
    (tmp_path / "weights.h5").write_bytes(content)
    with pytest.raises(CheckpointError, match="none of the formats"):
        checkpoints.read(tmp_path / "weights.h5")


def test_quantized_safetensors_are_refused(tmp_path):
    header = json.dumps({"w": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"0")
    with pytest.raises(CheckpointError, match="'w' of type F8_E4M3"):
        checkpoints.read(path)


def test_a_pickle_without_torch_tells_how_to_convert(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with zipfile.ZipFile(tmp_path / "weights.bin", "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}.")
    with pytest.raises(CheckpointError, match=r"pip install torch.*safetensors\.torch\.save_file"):
        checkpoints.read(tmp_path / "weights.bin")


def test_hdf5_of_others_is_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["measurements"] = np.arange(3)
    with pytest.raises(CheckpointError, match=r"layer_names.*with measurements"):
        checkpoints.read(tmp_path / "a.h5")


@pytest.mark.parametrize("trick", ["link to a file", "soft link", "stored elsewhere", "virtual", "huge"])
def test_hdf5_that_reaches_out_of_itself_or_declares_too_much_is_refused(tmp_path, trick):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["kernel"] = np.ones((7, 7, 3, 64), np.float32)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["layer_names"] = [b"conv1_conv"]
        group = file.create_group("conv1_conv")
        group.attrs["weight_names"] = [b"kernel"]
        if trick == "link to a file":
            group["kernel"] = h5py.ExternalLink("secret.h5", "kernel")
        elif trick == "soft link":
            file["elsewhere"] = np.ones((7, 7, 3, 64), np.float32)
            group["kernel"] = h5py.SoftLink("/elsewhere")
        elif trick == "stored elsewhere":
            group.create_dataset("kernel", (3, 4), "f4", external=[("secret.h5", 0, 48)])
        elif trick == "virtual":
            layout = h5py.VirtualLayout((7, 7, 3, 64), "f4")
            layout[:] = h5py.VirtualSource("secret.h5", "kernel", (7, 7, 3, 64))
            group.create_virtual_dataset("kernel", layout)
        else:
            group.create_dataset("kernel", (2**20, 2**20), "f4", chunks=(1024, 1024))
    with pytest.raises(CheckpointError, match=r"a link|no plain dataset|less than"):
        checkpoints.read(tmp_path / "a.h5")


@pytest.mark.parametrize("strided", [True, False])
def test_the_configuration_beside_hugging_faces_weights_is_heeded(small, tmp_path, strided):
    from resnet_demo.networks.checkpoints.layouts import HUGGINGFACE

    state = {
        HUGGINGFACE.name_of(name): np.ascontiguousarray(
            tensor.transpose(3, 2, 0, 1) if tensor.ndim == 4 else tensor.T
        )
        for name, tensor in tensors_of(small).items()
    }
    save_file(state, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"downsample_in_bottleneck": strided}))
    checkpoint = checkpoints.read(tmp_path / "model.safetensors")
    assert (checkpoint.layout, checkpoint.variant) == ("huggingface", "v1" if strided else "v1.5")
