"""Names, shapes and errors of checkpoints, without a file or a network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest

from resnet_demo.errors import CheckpointError, WeightsNotFoundError
from resnet_demo.networks import checkpoints
from resnet_demo.networks.checkpoints.files.contents import Contents
from resnet_demo.networks.checkpoints.layouts import HUGGINGFACE, TORCHVISION, TUTORIAL_A
from resnet_demo.networks.checkpoints.reading import to_checkpoint
from resnet_demo.networks.checkpoints.variables import units, variable_shapes
from resnet_demo.networks.geometry import standard
from resnet_demo.networks.resnet import resnet

CLASSES = 7
PATH = Path("somebody's weights")


def torchvision_resnet18() -> dict[str, np.ndarray]:
    """A state dict with torchvision's names and shapes, listed independently of the package."""
    rng = np.random.default_rng(3)
    state: dict[str, np.ndarray] = {}

    def convolution(name: str, out: int, into: int, size: int) -> None:
        state[f"{name}.weight"] = rng.normal(0, 0.05, (out, into, size, size)).astype(np.float32)

    def batch_norm(name: str, channels: int) -> None:
        for variable, low in (("weight", 0.5), ("bias", -0.5), ("running_mean", -1), ("running_var", 0.5)):
            state[f"{name}.{variable}"] = rng.uniform(low, 1.5, channels).astype(np.float32)
        state[f"{name}.num_batches_tracked"] = np.array(9, np.int64)

    convolution("conv1", 64, 3, 7)
    batch_norm("bn1", 64)
    for layer, (into, out) in enumerate([(64, 64), (64, 128), (128, 256), (256, 512)], start=1):
        convolution(f"layer{layer}.0.conv1", out, into, 3)
        batch_norm(f"layer{layer}.0.bn1", out)
        convolution(f"layer{layer}.0.conv2", out, out, 3)
        batch_norm(f"layer{layer}.0.bn2", out)
        if layer > 1:
            convolution(f"layer{layer}.0.downsample.0", out, into, 1)
            batch_norm(f"layer{layer}.0.downsample.1", out)
        convolution(f"layer{layer}.1.conv1", out, out, 3)
        batch_norm(f"layer{layer}.1.bn1", out)
        convolution(f"layer{layer}.1.conv2", out, out, 3)
        batch_norm(f"layer{layer}.1.bn2", out)
    state["fc.weight"] = rng.normal(0, 0.05, (CLASSES, 512)).astype(np.float32)
    state["fc.bias"] = rng.normal(0, 1, CLASSES).astype(np.float32)
    return state


def to_huggingface(name: str) -> str:
    """transformers' name for torchvision's, in a basic block."""
    if name.startswith("fc."):
        return name.replace("fc.", "classifier.1.")
    if name.startswith(("conv1.", "bn1.")):
        kind, variable = name.split(".")
        return f"resnet.embedder.embedder.{'convolution' if kind == 'conv1' else 'normalization'}.{variable}"
    layer, block, module, variable = re.fullmatch(r"layer(\d)\.(\d)\.(\w+(?:\.\d)?)\.(\w+)", name).groups()
    part = {
        "conv1": "layer.0.convolution",
        "bn1": "layer.0.normalization",
        "conv2": "layer.1.convolution",
        "bn2": "layer.1.normalization",
        "downsample.0": "shortcut.convolution",
        "downsample.1": "shortcut.normalization",
    }[module]
    return f"resnet.encoder.stages.{int(layer) - 1}.layers.{block}.{part}.{variable}"


@pytest.fixture(scope="module")
def whole() -> dict[str, np.ndarray]:
    return torchvision_resnet18()


@pytest.fixture
def state(whole) -> dict[str, np.ndarray]:
    """A copy whose entries may be replaced, not written to."""
    return dict(whole)


def read(state: dict[str, np.ndarray], metadata: dict[str, str] | None = None) -> checkpoints.Checkpoint:
    return to_checkpoint(PATH, Contents("safetensors", state, metadata or {}))


@pytest.mark.parametrize(("depth", "variant"), [(18, "keras"), (34, "v1.5"), (50, "v1.5"), (50, "keras")])
def test_the_computed_variables_are_those_of_the_built_network(depth, variant):
    model = resnet(depth, variant, classes=11, input_shape=(64, 64, 3))
    built = {f"{layer.name}/{v.name}": tuple(v.shape) for layer in model.layers for v in layer.variables}
    assert variable_shapes(standard(depth), 11, conv_bias=variant == "keras") == built


def test_units_stand_in_the_order_in_which_keras_keeps_its_layers():
    model = keras.applications.ResNet50(weights=None, classes=3)
    kept = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [f"{unit.name}_conv" for unit in units(standard(50))] == kept
    batch_norms = [la.name for la in model.layers if isinstance(la, keras.layers.BatchNormalization)]
    assert [f"{unit.name}_bn" for unit in units(standard(50))] == batch_norms


@pytest.mark.parametrize(
    ("layout", "keras_name", "name"),
    [
        (TORCHVISION, "conv1_conv/kernel", "conv1.weight"),
        (TORCHVISION, "conv1_bn/moving_variance", "bn1.running_var"),
        (TORCHVISION, "conv4_block6_3_bn/gamma", "layer3.5.bn3.weight"),
        (TORCHVISION, "conv5_block1_0_conv/kernel", "layer4.0.downsample.0.weight"),
        (TORCHVISION, "conv5_block1_0_bn/beta", "layer4.0.downsample.1.bias"),
        (TORCHVISION, "predictions/kernel", "fc.weight"),
        (HUGGINGFACE, "conv1_bn/beta", "embedder.embedder.normalization.bias"),
        (
            HUGGINGFACE,
            "conv2_block1_1_conv/kernel",
            "encoder.stages.0.layers.0.layer.0.convolution.weight",
        ),
        (
            HUGGINGFACE,
            "conv4_block6_3_bn/moving_mean",
            "encoder.stages.2.layers.5.layer.2.normalization.running_mean",
        ),
        (
            HUGGINGFACE,
            "conv3_block1_0_bn/gamma",
            "encoder.stages.1.layers.0.shortcut.normalization.weight",
        ),
        (HUGGINGFACE, "predictions/bias", "classifier.1.bias"),
        (TUTORIAL_A, "conv2_block1_1_conv/kernel", "res2a_branch2a/kernel"),
        (TUTORIAL_A, "conv4_block6_3_bn/moving_mean", "bn4f_branch2c/moving_mean"),
        (TUTORIAL_A, "conv5_block1_0_conv/bias", "res5a_branch1/bias"),
        (TUTORIAL_A, "conv1_bn/gamma", "bn_conv1/gamma"),
        (TUTORIAL_A, "predictions/bias", "fc1000/bias"),
    ],
)
def test_each_layout_names_a_variable_in_its_own_way(layout, keras_name, name):
    assert layout.name_of(keras_name) == name


def test_a_torchvision_state_dict_becomes_keras_variables(state):
    checkpoint = read(state)
    assert (checkpoint.layout, checkpoint.depth, checkpoint.classes) == ("torchvision", 18, CLASSES)
    assert (checkpoint.variant, checkpoint.preprocessing) == ("v1.5", "torch")
    assert {n: t.shape for n, t in checkpoint.tensors.items()} == variable_shapes(
        standard(18), CLASSES, conv_bias=False
    )
    kernel = checkpoint.tensors["conv3_block1_1_conv/kernel"]  # (h, w, in, out)
    assert kernel[2, 0, 5, 77] == state["layer2.0.conv1.weight"][77, 5, 2, 0]
    assert checkpoint.tensors["predictions/kernel"][100, 4] == state["fc.weight"][4, 100]
    np.testing.assert_array_equal(
        checkpoint.tensors["conv5_block2_2_bn/moving_variance"], state["layer4.1.bn2.running_var"]
    )
    np.testing.assert_array_equal(
        checkpoint.tensors["conv4_block1_0_conv/kernel"][0, 0],
        state["layer3.0.downsample.0.weight"][:, :, 0, 0].T,
    )


def test_the_tensors_of_a_checkpoint_are_read_only_and_do_not_share_memory_with_their_source(state):
    checkpoint = read(state)
    for name in ("conv1_bn/gamma", "conv1_conv/kernel", "predictions/kernel"):
        assert not checkpoint.tensors[name].flags.writeable
    assert not np.shares_memory(checkpoint.tensors["conv1_bn/gamma"], state["bn1.weight"])


def test_hugging_face_names_give_the_same_variables_as_torchvision_names(state):
    ours = read({to_huggingface(name): tensor for name, tensor in state.items()})
    assert (ours.layout, ours.depth, ours.variant, ours.preprocessing) == ("huggingface", 18, "v1.5", "torch")
    expected = read(state).tensors
    assert ours.tensors.keys() == expected.keys()
    for name, tensor in expected.items():
        np.testing.assert_array_equal(ours.tensors[name], tensor)


@pytest.mark.parametrize("prefix", ["module.", "model.", "_orig_mod.", "module.model."])
def test_prefixes_of_training_wrappers_are_ignored(state, prefix):
    checkpoint = read({prefix + name: tensor for name, tensor in state.items()})
    np.testing.assert_array_equal(checkpoint.tensors["conv1_bn/beta"], state["bn1.bias"])


def test_two_networks_in_one_file_are_refused(state):
    both = state | {f"module.{name}": tensor for name, tensor in state.items()}
    with pytest.raises(CheckpointError, match=r"holds one network.*under two names"):
        read(both)


def test_narrower_and_wider_floats_become_float32(state):
    import ml_dtypes

    state["conv1.weight"] = state["conv1.weight"].astype(np.float16)
    state["bn1.bias"] = state["bn1.bias"].astype(ml_dtypes.bfloat16)
    state["fc.bias"] = state["fc.bias"].astype(np.float64)
    tensors = read(state).tensors
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(tensors["conv1_bn/beta"], state["bn1.bias"].astype(np.float32))


def test_tutorial_a_names_are_recognized_with_a_dense_layer_named_after_its_classes():
    shapes = variable_shapes(standard(50), CLASSES, conv_bias=True)
    state = {TUTORIAL_A.name_of(name): np.ones(shape, np.float32) for name, shape in shapes.items()}
    state[f"fc{CLASSES}/kernel"] = state.pop("fc1000/kernel")
    state[f"fc{CLASSES}/bias"] = state.pop("fc1000/bias") * 5
    checkpoint = read(state)
    assert (checkpoint.layout, checkpoint.depth, checkpoint.variant) == ("tutorial-a", 50, "tutorial-a")
    assert checkpoint.preprocessing == "caffe"
    assert checkpoint.tensors["predictions/bias"].tolist() == [5] * CLASSES


@pytest.mark.parametrize(("conv_bias", "expected"), [(True, ("keras", "caffe")), (False, ("v1.5", "torch"))])
@pytest.mark.parametrize("depth", [34, 101])
def test_keras_names_without_convolution_biases_are_v1_5(depth, conv_bias, expected):
    shapes = variable_shapes(standard(depth), 2, conv_bias=conv_bias)
    checkpoint = read({name: np.ones(shape, np.float16) for name, shape in shapes.items()})
    assert (checkpoint.layout, checkpoint.depth) == ("keras", depth)
    assert (checkpoint.variant, checkpoint.preprocessing) == expected


def test_missing_tensors_are_counted_and_the_first_are_named(state):
    for name in [n for n in state if n.startswith(("layer4.0.bn2.", "layer4.1.bn2."))]:
        del state[name]
    with pytest.raises(CheckpointError, match="8 of the 102 tensors of a ResNet-18") as error:
        read(state)
    assert "layer4.0.bn2.weight" in str(error.value)
    assert ", … (+3)" in str(error.value)
    assert "somebody's weights" in str(error.value)


def test_tensors_with_no_place_are_named(state):
    state["layer1.0.ffn.weight"] = np.ones((4, 64, 1, 1), np.float32)
    with pytest.raises(CheckpointError, match=r"1 tensors too many for a ResNet-18.*layer1\.0\.ffn\.weight"):
        read(state)


def test_wrong_shapes_are_told_in_the_axes_of_the_file(state):
    state["layer2.0.conv1.weight"] = np.ones((128, 2, 3, 3), np.float32)  # as in a ResNeXt
    with pytest.raises(CheckpointError) as error:
        read(state)
    assert "layer2.0.conv1.weight (128, 2, 3, 3) ≠ (128, 64, 3, 3)" in str(error.value)


def test_a_dense_kernel_for_other_classes_than_its_bias_is_a_wrong_shape(state):
    state["fc.weight"] = np.ones((CLASSES + 1, 512), np.float32)
    with pytest.raises(CheckpointError, match=r"fc\.weight \(8, 512\) ≠ \(7, 512\)"):
        read(state)


def test_depths_that_are_no_resnet_are_told_by_their_blocks(state):
    state = {name: tensor for name, tensor in state.items() if not name.startswith("layer3.1.")}
    with pytest.raises(
        CheckpointError, match=r"\[2, 2, 1, 2\] blocks of 2 convolutions.*18: \[2, 2, 2, 2\] of 2"
    ):
        read(state)


def test_stems_for_small_photos_are_refused(state):
    state["conv1.weight"] = state["conv1.weight"][:, :, 2:5, 2:5]
    with pytest.raises(CheckpointError, match=r"one 7×7 convolution.*one 3×3, as for photos of 32×32"):
        read(state)


@pytest.mark.parametrize("state", [{}, {"blocks.0.attn.qkv.weight": np.ones((9, 3), np.float32)}])
def test_other_networks_are_no_resnet(state):
    with pytest.raises(CheckpointError, match=r"Not a ResNet.*(no tensors|blocks\.0\.attn)"):
        read(state)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_values_that_are_not_finite_in_float32_are_refused(state, bad):
    kernel = state["layer1.1.conv2.weight"].astype(np.float64)
    kernel[3, 2, 1, 0] = bad
    state["layer1.1.conv2.weight"] = kernel
    with pytest.raises(CheckpointError, match=r"finite.*'layer1\.1\.conv2\.weight' with 1 that"):
        read(state)


def test_integers_are_refused(state):
    state["conv1.weight"] = np.ones((64, 3, 7, 7), np.int8)
    with pytest.raises(CheckpointError, match=r"floating-point.*'conv1\.weight' of type int8"):
        read(state)


def test_negative_variances_are_refused(state):
    state["bn1.running_var"] = state["bn1.running_var"] - 2
    with pytest.raises(CheckpointError, match="variance is never negative"):
        read(state)


@pytest.mark.parametrize(
    "classes",
    [
        json.dumps([["n1", "one"]] * 6),
        json.dumps([["n1", "one", 3]] * 7),
        json.dumps([[1, "a"]] * 7),
        "{",
        "7",
    ],
)
def test_class_names_that_do_not_fit_the_logits_are_refused(state, classes):
    with pytest.raises(CheckpointError, match="one for each of 7 logits"):
        read(state, {"classes": classes})


def test_class_names_are_passed_on(state):
    classes = json.dumps([[f"n{i}", f"name {i}"] for i in range(CLASSES)])
    assert read(state, {"classes": classes}).metadata["classes"] == classes


def test_metadata_may_overrule_preprocessing_and_not_contradict_the_variant(state):
    assert read(state, {"resnet_demo.preprocessing": "caffe"}).preprocessing == "caffe"
    with pytest.raises(CheckpointError, match=r"must be one of: caffe, torch, tf, unit, raw.*'imagenet'"):
        read(state, {"resnet_demo.preprocessing": "imagenet"})
    with pytest.raises(CheckpointError, match=r"must be one of: v1\.5.*'keras'"):
        read(state, {"resnet_demo.variant": "keras"})


def test_a_checkpoint_for_another_network_is_not_built(state):
    from dataclasses import replace

    checkpoint = replace(read(state), depth=34)
    with pytest.raises(CheckpointError, match=r"of a resnet34-v1\.5 are missing"):
        checkpoints.build(checkpoint, input_shape=(32, 32, 3))


def test_a_built_network_carries_every_tensor(state):
    checkpoint = read(state)
    model = checkpoints.build(checkpoint, input_shape=(48, 64, 3))
    assert model.name == "resnet18-v1.5"
    assert model.input_shape == (None, 48, 64, 3)
    for layer in model.layers:
        for variable in layer.variables:
            np.testing.assert_array_equal(variable, checkpoint.tensors[f"{layer.name}/{variable.name}"])


def test_only_tutorial_a_is_brought_into_the_keras_graph(state):
    with pytest.raises(CheckpointError, match=r"Only tutorial A's.*resnet18-v1\.5"):
        checkpoints.to_keras_graph(read(state))


@pytest.mark.parametrize("function", [checkpoints.read, checkpoints.read_keras_model])
def test_no_file_and_a_folder_are_not_found(tmp_path, function):
    for path in (tmp_path / "nothing.safetensors", tmp_path):
        with pytest.raises(WeightsNotFoundError, match="no such weights file"):
            function(path)
