"""The same network in every wrapping that people save it in: prefixes, keys, heads, folders, shards, the Hub."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from resnet_demo.errors import CheckpointError, DownloadError, WeightsNotFoundError
from resnet_demo.networks import checkpoints, weights
from resnet_demo.networks.checkpoints.files.contents import Contents
from resnet_demo.networks.checkpoints.reading import to_checkpoint
from resnet_demo.networks.metadata import AVERAGES

State = dict[str, np.ndarray]
CLASSES, FEATURES = 5, 40
CHILDREN = {"conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5", "layer3": "6", "layer4": "7"}


def tiny() -> State:
    """A ResNet-14, one bottleneck a stage, as torchvision names it: random tensors, no two stages of one width."""
    rng = np.random.default_rng(7)
    state: State = {}

    def unit(conv: str, bn: str, out: int, into: int, size: int) -> None:
        state[f"{conv}.weight"] = rng.normal(0, 0.3, (out, into, size, size)).astype(np.float32)
        for variable in ("weight", "bias", "running_mean", "running_var"):
            state[f"{bn}.{variable}"] = rng.uniform(0.5, 1.5, out).astype(np.float32)
        state[f"{bn}.num_batches_tracked"] = np.array(3, np.int64)

    unit("conv1", "bn1", 6, 3, 7)
    into = 6
    for stage, (width, out) in enumerate([(4, 16), (6, 24), (8, 32), (10, FEATURES)], start=1):
        block = f"layer{stage}.0"
        unit(f"{block}.conv1", f"{block}.bn1", width, into, 1)
        unit(f"{block}.conv2", f"{block}.bn2", width, width, 3)
        unit(f"{block}.conv3", f"{block}.bn3", out, width, 1)
        unit(f"{block}.downsample.0", f"{block}.downsample.1", out, into, 1)
        into = out
    state["fc.weight"] = rng.normal(0, 1, (CLASSES, FEATURES)).astype(np.float32)
    state["fc.bias"] = rng.normal(0, 1, CLASSES).astype(np.float32)
    return state


@pytest.fixture(scope="module")
def state() -> State:
    return tiny()


def backbone(state: State) -> State:
    return {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}


def head(state: State, name: str) -> State:
    return {f"{name}.weight": state["fc.weight"], f"{name}.bias": state["fc.bias"]}


def prefixed(state: State, prefix: str) -> State:
    return {prefix + name: tensor for name, tensor in state.items()}


def numbered(state: State) -> State:
    """As `nn.Sequential(*resnet.children())` calls them."""
    parts = {name: name.split(".", 1) for name in state}
    return {
        f"{CHILDREN[module]}.{rest}": state[n] for n, (module, rest) in parts.items() if module in CHILDREN
    }


def huggingface(state: State, prefix: str = "resnet.") -> State:
    """As transformers' ResNetForImageClassification calls them."""
    found = {}
    for name, tensor in state.items():
        module, variable = name.rsplit(".", 1)
        kind = "normalization" if "bn" in module or module.endswith("downsample.1") else "convolution"
        match module.split("."):
            case ["fc"]:
                found[f"classifier.1.{variable}"] = tensor
            case ["conv1" | "bn1"]:
                found[f"{prefix}embedder.embedder.{kind}.{variable}"] = tensor
            case [stage, block, "downsample", _]:
                found[
                    f"{prefix}encoder.stages.{int(stage[-1]) - 1}.layers.{block}.shortcut.{kind}.{variable}"
                ] = tensor
            case [stage, block, unit]:
                layer = f"layers.{block}.layer.{int(unit[-1]) - 1}.{kind}"
                found[f"{prefix}encoder.stages.{int(stage[-1]) - 1}.{layer}.{variable}"] = tensor
    return found


def read(state: State, metadata: dict[str, str] | None = None) -> checkpoints.Checkpoint:
    return to_checkpoint(Path("somebody's"), Contents("safetensors", dict(state), metadata or {}))


def assert_is(checkpoint: checkpoints.Checkpoint, state: State, *, headless: bool = False) -> None:
    """The very tensors, in Keras' axes."""
    assert (checkpoint.title, checkpoint.variant) == ("ResNet-14", "v1.5")
    assert checkpoint.classes == (0 if headless else CLASSES)
    tensors = checkpoint.tensors
    assert tensors["conv3_block1_2_conv/kernel"][0, 2, 1, 5] == state["layer2.0.conv2.weight"][5, 1, 0, 2]
    np.testing.assert_array_equal(tensors["conv5_block1_0_bn/beta"], state["layer4.0.downsample.1.bias"])
    np.testing.assert_array_equal(tensors["conv1_bn/moving_variance"], state["bn1.running_var"])
    assert ("predictions/kernel" in tensors) is not headless
    if not headless:
        np.testing.assert_array_equal(tensors["predictions/kernel"], state["fc.weight"].T)
        np.testing.assert_array_equal(tensors["predictions/bias"], state["fc.bias"])


@pytest.mark.parametrize(
    "prefix", ["backbone.", "net.", "encoder_q.", "a.b.c.d.", "module._orig_mod.model.resnet50.", "layer1."]
)
def test_any_prefix_before_all(state, prefix):
    assert_is(read(prefixed(state, prefix)), state)


@pytest.mark.parametrize(
    "name",
    ["fc.1", "last_linear", "head.fc", "classifier", "my_head.layers.drop_then_linear", "fc.fc.fc"],
)
@pytest.mark.parametrize("prefix", ["", "body."])
def test_any_name_of_the_head_inside_the_prefix_or_beside_it(state, prefix, name):
    assert_is(read(prefixed(backbone(state) | head(state, name), prefix)), state)
    assert_is(read(prefixed(backbone(state), prefix) | head(state, name)), state)


def test_modules_called_by_their_number(state):
    assert_is(read(prefixed(numbered(state), "features.") | head(state, "linear")), state)
    assert_is(read(numbered(state)), state, headless=True)


def test_hugging_faces_names_with_and_without_their_prefix(state):
    for prefix in ("resnet.", "", "model.backbone."):
        assert_is(read(huggingface(state, prefix)), state)


def test_a_head_without_bias_has_one_of_zeros(state):
    checkpoint = read({name: tensor for name, tensor in state.items() if name != "fc.bias"})
    assert checkpoint.tensors["predictions/bias"].tolist() == [0] * CLASSES


def test_a_head_that_is_a_1x1_convolution(state):
    convolution = {"score.weight": state["fc.weight"][:, :, None, None], "score.bias": state["fc.bias"]}
    assert_is(read(backbone(state) | convolution), state)


def test_without_a_head(state):
    assert_is(read(prefixed(backbone(state), "trunk.")), state, headless=True)
    model = checkpoints.build(read(backbone(state)), input_shape=(64, 96, 3))
    assert model.output_shape == (None, 2, 3, FEATURES)


def test_heads_of_which_the_tensors_do_not_tell_what_they_compute(state):
    deep = head(state, "head.3") | {"head.0.weight": np.ones((FEATURES, FEATURES), np.float32)}
    other = deep | {"head.3.weight": np.ones((CLASSES, 7), np.float32)}
    for state_dict in (deep, other):
        with pytest.raises(
            CheckpointError, match=r"a ResNet-14 with head\.\d\.weight, head\.\d\.weight.*do not tell"
        ):
            read(backbone(state) | state_dict)


def test_what_belongs_to_no_dense_layer_is_too_much(state):
    with pytest.raises(CheckpointError, match=r"1 tensors too many.*normalize\.mean"):
        read(state | {"normalize.mean": np.ones(3, np.float32)})
    with pytest.raises(CheckpointError, match=r"2 tensors too many.*head\.weight"):
        read(backbone(state) | {"head.weight": np.ones((CLASSES, 9, 3, 3)), "head.bias": np.ones(CLASSES)})


def test_an_average_beside_the_network_is_left_out_and_said(state):
    average = {name: tensor * 0 for name, tensor in state.items()} | {"steps": np.ones(1, np.float32)}
    both = prefixed(state, "state_dict.") | prefixed(average, "state_dict_ema.")
    checkpoint = read(both)
    assert_is(checkpoint, state)
    assert checkpoint.metadata[AVERAGES] == "state_dict_ema."


@pytest.mark.parametrize(
    ("network", "average"),
    [("model.", "ema."), ("state_dict.", "ema_state_dict.module."), ("net.", "ema_model.")],
)
def test_an_average_under_a_key_of_its_own_is_left_out_too(state, network, average):
    halved = {name: (tensor / 2).astype(tensor.dtype) for name, tensor in state.items()}
    checkpoint = read(prefixed(halved, average) | prefixed(state, network))
    assert_is(checkpoint, state)
    assert checkpoint.metadata[AVERAGES] == average.split(".")[0] + "."
    assert_is(read(prefixed(state, average)), state)  # alone, it is the network


def test_counters_and_losses_are_no_weights(state):
    others = {
        "n_averaged": np.array(7, np.int64),
        "val_metric.confusion": np.ones((CLASSES, CLASSES), np.int64),
        "criterion.weight": np.ones(CLASSES, np.float32),
        "loss_fn.pos_weight": np.ones(CLASSES, np.float32),
    }
    assert_is(read(state | others), state)


@pytest.mark.parametrize("names", [("encoder_q.", "encoder_k."), ("", "teacher."), ("a.", "a.b.")])
def test_two_networks_are_refused_by_their_names(state, names):
    both = prefixed(state, names[0]) | prefixed(state, names[1])
    with pytest.raises(CheckpointError, match=rf"one network.*{names[1]}"):
        read(both)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("blocks.0.attn.qkv.weight", "a ViT"),
        ("model.22.cv2.0.0.conv.weight", "a YOLO detector"),
        ("features.denseblock1.denselayer1.conv1.weight", "a DenseNet"),
        ("blocks.2.0.conv_pw.weight", "an EfficientNet"),
        ("stages.0.blocks.0.norm1.weight", "a ResNet V2 of timm's"),
        ("base_model.model.layer.lora_A.weight", "an adapter"),
        ("backbone.bottom_up.res2.0.conv1.norm.weight", "a detectron2"),
    ],
)
def test_other_networks_are_called_by_their_name(name, what):
    with pytest.raises(CheckpointError, match=f"Not a ResNet, but {what}.*{name}"):
        read({name: np.ones(3, np.float32)})


# --- files, folders and repositories


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html><html><head><title>Google Drive</title>", "an HTML page"),
        (b"\n  <html>", "an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer.*git lfs pull"),
        (b'{"architectures": ["ResNetForImageClassification"]}', "JSON"),
        (b"\xff\xd8\xff\xe0 and so on", "a JPEG picture"),
        (b"", "empty"),
        (bytes(600), "empty, or nothing but zeros"),
        (b"\x08\x07\x12\x07pytorch\x1a\x05", "an ONNX model"),
        (b"\x1c\0\0\0TFL3", "a TensorFlow Lite model"),
        (b"just a note\n", "text"),
        (bytes(range(200, 250)), r"begins with b'\\xc8"),
    ],
)
def test_files_of_no_format_are_called_by_what_they_are(tmp_path, content, what):
    (tmp_path / "model.pth").write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"none of the formats.*model\.pth', which (is )?{what}"):
        checkpoints.read(tmp_path / "model.pth")


CONFIG = {"model_type": "resnet", "id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}}


def folder_of(state: State, folder: Path, shards: int = 1, config: dict = CONFIG) -> Path:
    """A Hugging Face folder, whole or in shards with their index."""
    folder.mkdir(exist_ok=True)
    names = sorted(state)
    if shards == 1:
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        weight_map = {}
        for i in range(shards):
            file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
            save_file({name: state[name] for name in names[i::shards]}, folder / file)
            weight_map |= dict.fromkeys(names[i::shards], file)
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("shards", [1, 3])
def test_folders_of_hugging_face(state, tmp_path, shards):
    folder = folder_of(huggingface(state), tmp_path / "it", shards)
    (folder / "preprocessor_config.json").write_text('{"image_mean": [0.5, 0.5, 0.5]}')
    (folder / "training_args.bin").write_bytes(b"something else")
    checkpoint = checkpoints.read(folder)
    assert_is(checkpoint, state)
    assert json.loads(checkpoint.metadata["config.json"]) == CONFIG
    assert "image_mean" in checkpoint.metadata["preprocessor_config.json"]
    assert_is(checkpoints.read(str(checkpoint.path)), state)  # the file or the index, by its own name
    digest = checkpoints.sha256(checkpoint.path)
    changed = next(iter(folder.glob("model*.safetensors")))
    changed.write_bytes(changed.read_bytes() + b" ")
    assert checkpoints.sha256(checkpoint.path) != digest


def test_folders_of_timm(state, tmp_path):
    config = {"architecture": "resnet14", "num_classes": 5, "pretrained_cfg": {"mean": [0.5, 0.5, 0.5]}}
    folder = folder_of(state, tmp_path / "timm", config=config)
    (folder / "pytorch_model.bin").write_bytes(b"the same once more")
    checkpoint = checkpoints.read(folder)
    assert_is(checkpoint, state)
    assert json.loads(checkpoint.metadata["config.json"]) == config


def test_what_the_configuration_tells_and_no_tensor(state, tmp_path):
    def read_with(config: dict) -> checkpoints.Checkpoint:
        return checkpoints.read(folder_of(huggingface(state), tmp_path / "it", config=config))

    assert read_with({"downsample_in_bottleneck": True}).variant == "v1"
    assert read_with({"architecture": "resnetblur14"}).geometry.blur
    for config in (
        {"hidden_act": "gelu"},
        {"downsample_in_first_stage": True},
        {"architecture": "resnetaa50"},
    ):
        with pytest.raises(CheckpointError, match=str(next(iter(config.values())))):
            read_with(config)


def test_folders_and_indices_that_do_not_hold_one_network(state, tmp_path):
    with pytest.raises(WeightsNotFoundError, match=r"none that ends in \.safetensors.*no files"):
        checkpoints.read(tmp_path)
    folder = folder_of(huggingface(state), tmp_path / "it", shards=3)
    (folder / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"1 of the files.*model-00002-of-00003"):
        checkpoints.read(folder)
    index = folder / "model.safetensors.index.json"
    for bad in ("{", "[]", "{}", json.dumps({"weight_map": {"a": "../../etc/passwd"}})):
        index.write_text(bad)
        with pytest.raises(CheckpointError, match=r"index|configuration|beside it"):
            checkpoints.read(folder)
    index.unlink()
    with pytest.raises(CheckpointError, match=r"one network.*model-00001.*model-00003"):
        checkpoints.read(folder)
    saved = tmp_path / "saved_model"
    saved.mkdir()
    (saved / "saved_model.pb").write_bytes(b"\x08\x01\x12\x00")
    with pytest.raises(CheckpointError, match=r"SavedModel.*model\.save\('model\.keras'\)"):
        checkpoints.read(saved)


def test_a_folder_is_loaded_by_its_name_with_its_labels(state, tmp_path):
    folder = folder_of(huggingface(state), tmp_path / "my-resnet", shards=2)
    network = weights.load(str(folder))
    assert network.provenance.name == "my-resnet"
    assert network.provenance.sha256 == checkpoints.sha256(folder / "model.safetensors.index.json")
    assert [label.english for label in network.labels] == ["a", "b", "c", "d", "e"]
    assert network.model.output_shape == (None, CLASSES)


def hub_cache(state: State, cache: Path) -> None:
    """What a download of "someone/tiny" leaves in the Hub's cache."""
    repository = cache / "models--someone--tiny"
    (repository / "snapshots").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    folder_of(huggingface(state), repository / "snapshots" / ("0" * 40))


def test_a_repository_of_the_hub_from_this_machines_cache(state, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    hub_cache(state, tmp_path)
    checkpoint = checkpoints.read("hf://someone/tiny")
    assert_is(checkpoint, state)
    assert json.loads(checkpoint.metadata["config.json"]) == CONFIG
    with pytest.raises(
        DownloadError, match=r"cannot be reached.*cache does not have it|the repository.*hf://someone/other"
    ):
        checkpoints.read("hf://someone/other")
    for wrong in ("hf://tiny", "hf://a/b/c", "hf://../x y"):
        with pytest.raises(WeightsNotFoundError, match="'hf://org/name'"):
            checkpoints.read(wrong)
