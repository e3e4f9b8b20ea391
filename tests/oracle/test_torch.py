"""PyTorch as the oracle: a plain torch network of the same weights agrees, block by block."""

from __future__ import annotations

import argparse

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from resnet_demo.errors import CheckpointError
from resnet_demo.networks import checkpoints

torch = pytest.importorskip("torch", reason="the oracle needs PyTorch: pip install -e '.[torch]'")

pytestmark = pytest.mark.slow
nn = torch.nn

BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}


class Block(nn.Module):
    """A block of He et al. 2015 with the stride on the 3×3 (v1.5); two 3×3 convolutions if `basic`."""

    def __init__(self, into: int, width: int, stride: int, basic: bool):
        super().__init__()
        out = width if basic else 4 * width
        if basic:
            self.conv1 = nn.Conv2d(into, width, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        else:
            self.conv1 = nn.Conv2d(into, width, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
            self.conv3 = nn.Conv2d(width, out, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(out)
        self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.basic = basic
        self.downsample = None
        if stride > 1 or into != out:
            self.downsample = nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(x))
        if not self.basic:
            x = self.bn3(self.conv3(torch.relu(x)))
        return torch.relu(x + shortcut)


class ResNet(nn.Module):
    """Names as torchvision's, so that its state dict is a file of that layout."""

    def __init__(self, depth: int, classes: int):
        super().__init__()
        basic = depth < 50
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        into = 64
        for stage, count in enumerate(BLOCKS[depth], start=1):
            width, stage_blocks = 32 * 2**stage, []
            for i in range(count):
                stage_blocks.append(Block(into, width, 2 if i == 0 and stage > 1 else 1, basic))
                into = width if basic else 4 * width
            setattr(self, f"layer{stage}", nn.Sequential(*stage_blocks))
        self.fc = nn.Linear(into, classes)

    def forward(self, x):
        """Logits, and the output of every block in order."""
        x = torch.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        outputs = []
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            for block in stage:
                x = block(x)
                outputs.append(x)
        return self.fc(x.mean((2, 3))), outputs


def random_resnet(depth: int, classes: int) -> ResNet:
    """Random weights, and BatchNorm statistics far from 0 and 1 that differ from channel to channel."""
    generator = torch.Generator().manual_seed(depth)
    network = ResNet(depth, classes).eval()
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if value.ndim > 1:
                value.normal_(0, float(np.sqrt(2 / value[0].numel())), generator=generator)
            elif name.endswith("running_var"):
                value.uniform_(0.2, 3, generator=generator)
            elif name.endswith(("bn1.weight", "bn2.weight", "bn3.weight", "downsample.1.weight")):
                value.uniform_(0.3, 1.2, generator=generator)
            elif name.endswith(("bias", "running_mean")):
                value.normal_(0, 0.3, generator=generator)
    return network


def assert_agreement(model: keras.Model, network: ResNet, batch: np.ndarray) -> None:
    """Logits and every block's output to 1e-3 of their scale."""
    names = [layer.name for layer in model.layers if layer.name.endswith("_out")]
    outputs = [model.get_layer(name).output for name in names]
    received_logits, *received = keras.Model(model.input, [model.output, *outputs])(batch, training=False)
    with torch.no_grad():
        expected_logits, expected = network(torch.from_numpy(batch.transpose(0, 3, 1, 2).copy()))
    assert len(received) == len(expected) == sum(BLOCKS[18 if len(expected) == 8 else 50])
    for name, ours, theirs in zip(names, received, expected, strict=True):
        theirs = theirs.numpy().transpose(0, 2, 3, 1)
        assert ours.shape == theirs.shape, name
        assert np.abs(np.asarray(ours) - theirs).max() <= 1e-3 * theirs.std(), name
    theirs = expected_logits.numpy()
    assert np.abs(np.asarray(received_logits) - theirs).max() <= 1e-3 * theirs.std()


@pytest.mark.parametrize(("depth", "side"), [(18, (64, 96)), (50, (96, 64))])
def test_random_weights_through_both(tmp_path, depth, side):
    network = random_resnet(depth, classes=6)
    save_file(
        {name: value.numpy() for name, value in network.state_dict().items()}, tmp_path / "x.safetensors"
    )
    model = checkpoints.build(checkpoints.read(tmp_path / "x.safetensors"), input_shape=(*side, 3))
    batch = np.random.default_rng(1).normal(0, 1, (2, *side, 3)).astype(np.float32)
    assert_agreement(model, network, batch)


@pytest.mark.shared
def test_the_real_weights_through_both(shared):
    path = shared / "weights" / "resnet50_v1.5_imagenet1k.safetensors"
    network = ResNet(50, classes=1000).eval()
    state = {name: torch.from_numpy(array).float() for name, array in load_file(path).items()}
    missing, unexpected = network.load_state_dict(state, strict=False)
    assert not unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing)
    batch = np.random.default_rng(1).normal(0, 1, (2, 224, 224, 3)).astype(np.float32)
    assert_agreement(checkpoints.build(checkpoints.read(path)), network, batch)


@pytest.fixture(scope="module")
def small() -> ResNet:
    return random_resnet(18, classes=3)


def assert_is_small(path, small: ResNet) -> None:
    checkpoint = checkpoints.read(path)
    assert (checkpoint.layout, checkpoint.depth, checkpoint.classes) == ("torchvision", 18, 3)
    expected = small.layer3[0].downsample[0].weight.detach().numpy().transpose(2, 3, 1, 0)
    np.testing.assert_array_equal(checkpoint.tensors["conv4_block1_0_conv/kernel"], expected)


@pytest.mark.parametrize("zipped", [True, False])
def test_pickles_of_either_kind_are_read(small, tmp_path, zipped):
    torch.save(small.state_dict(), tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    assert_is_small(tmp_path / "x.pth", small)


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model"])
def test_training_checkpoints_are_unwrapped(small, tmp_path, key):
    state = {f"module.{name}": value for name, value in small.state_dict().items()}
    torch.save({"epoch": 3, key: state, "optimizer": {"lr": 0.1}}, tmp_path / "x.pt")
    assert_is_small(tmp_path / "x.pt", small)


def test_bfloat16_is_widened(small, tmp_path):
    from safetensors.torch import save_file as save_torch_file

    state = {name: value.to(torch.bfloat16) for name, value in small.state_dict().items() if value.ndim}
    torch.save(state, tmp_path / "x.bin")
    save_torch_file(state, tmp_path / "x.safetensors")
    expected = state["layer4.1.bn2.running_var"].float().numpy()
    for path in tmp_path.iterdir():
        tensors = checkpoints.read(path).tensors
        np.testing.assert_array_equal(tensors["conv5_block2_2_bn/moving_variance"], expected)


class RunsCode:
    """Unpickling this would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_wants_code_is_refused_and_its_code_does_not_run(small, tmp_path, zipped):
    state = dict(small.state_dict()) | {"extra": RunsCode(tmp_path / "written")}
    torch.save(state, tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match=r"wants to run code \(\w*\.?open\).*save the state dict alone"):
        checkpoints.read(tmp_path / "x.pth")
    assert not (tmp_path / "written").exists()


def test_whole_models_and_options_count_as_code(small, tmp_path):
    torch.save(small, tmp_path / "model.pth")
    torch.save({"state_dict": small.state_dict(), "args": argparse.Namespace(lr=1)}, tmp_path / "args.pth")
    for name, wanted in (("model.pth", "ResNet"), ("args.pth", r"argparse\.Namespace")):
        with pytest.raises(CheckpointError, match=rf"wants to run code \(\S*{wanted}\)"):
            checkpoints.read(tmp_path / name)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
def test_torchscript_is_refused(tmp_path):
    torch.jit.script(nn.Linear(2, 3)).save(str(tmp_path / "x.pt"))
    with pytest.raises(CheckpointError, match="TorchScript"):
        checkpoints.read(tmp_path / "x.pt")


@pytest.mark.parametrize("saved", [[1, 2], {"conv1.weight": "not a tensor"}])
def test_pickles_of_other_things_are_refused(tmp_path, saved):
    torch.save(saved, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match="state dict"):
        checkpoints.read(tmp_path / "x.pt")


@pytest.mark.parametrize("zipped", [True, False])
def test_damaged_pickles_are_refused(small, tmp_path, zipped):
    torch.save(small.state_dict(), tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    data = (tmp_path / "x.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(data[: len(data) // 2])
    (tmp_path / "scratched.pth").write_bytes(data[:60] + b"\xff" * 400 + data[460:])
    for name in ("cut.pth", "scratched.pth"):
        with pytest.raises(CheckpointError, match="damaged"):
            checkpoints.read(tmp_path / name)
