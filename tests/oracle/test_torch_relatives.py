"""ResNet's relatives: a plain torch network of the same weights gives the same logits; counts as published."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from safetensors.numpy import save_file

from resnet_demo.networks import checkpoints
from resnet_demo.networks.checkpoints.variables import variable_shapes
from resnet_demo.networks.geometry import standard
from resnet_demo.networks.named import RELATIVES

torch = pytest.importorskip("torch", reason="the oracle needs PyTorch: pip install -e '.[torch]'")
nn, F = torch.nn, torch.nn.functional
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]


def blurred(x):
    """Zhang 2019: a binomial filter at every other position."""
    filter_ = (
        torch.outer(torch.tensor([1.0, 2, 1]), torch.tensor([1.0, 2, 1])).expand(x.shape[1], 1, 3, 3) / 16
    )
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), filter_, stride=2, groups=x.shape[1])


class Block(nn.Module):
    def __init__(
        self, into, width, out, stride, *, basic=False, groups=1, se=0, pooled=False, blur=False, first=False
    ):
        super().__init__()
        self.stride, self.blur, self.basic = stride, blur and stride > 1, basic
        step = 1 if self.blur else stride
        kernels = [(into, width, 3, step, 1), (width, out, 3, 1, 1)]
        if not basic:
            kernels = [
                (into, width, 1, step if first else 1, 1),
                (width, width, 3, 1 if first else step, groups),
                (width, out, 1, 1, 1),
            ]
        for i, (a, b, k, s, g) in enumerate(kernels, start=1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, k, s, k // 2, groups=g, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(b))
        if se:
            self.se = nn.ModuleDict({"fc1": nn.Conv2d(out, se, 1), "fc2": nn.Conv2d(se, out, 1)})
        if stride > 1 or into != out:
            conv = nn.Conv2d(into, out, 1, 1 if pooled else stride, bias=False)
            pool = (
                nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity()
            )
            self.downsample = nn.Sequential(*([pool] if pooled else []), conv, nn.BatchNorm2d(out))

    def forward(self, x):
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        x = torch.relu(self.bn1(self.conv1(x)))
        x = blurred(x) if self.blur and self.basic else x
        x = self.bn2(self.conv2(x))
        if not self.basic:
            x = torch.relu(x)
            x = self.bn3(self.conv3(blurred(x) if self.blur else x))
        if hasattr(self, "se"):
            factor = torch.relu(self.se["fc1"](x.mean((2, 3), keepdim=True)))
            x = x * torch.sigmoid(self.se["fc2"](factor))
        return torch.relu(x + shortcut)


class Relative(nn.Module):
    """timm's names."""

    def __init__(self, counts, widths, outs, stem=(8,), inputs=3, se=(0,) * 4, **kind):
        super().__init__()
        self.blur = kind.get("blur")
        if len(stem) == 1:
            self.conv1 = nn.Conv2d(inputs, stem[0], 7, 2, 3, bias=False)
        else:
            a, b, c = stem
            parts = [nn.Conv2d(inputs, a, 3, 2, 1, bias=False), nn.BatchNorm2d(a), nn.ReLU()]
            parts += [nn.Conv2d(a, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
            self.conv1 = nn.Sequential(*parts, nn.Conv2d(b, c, 3, 1, 1, bias=False))
        self.bn1, into = nn.BatchNorm2d(stem[-1]), stem[-1]
        for stage, (count, width, out) in enumerate(zip(counts, widths, outs, strict=True)):
            blocks = []
            for i in range(count):
                blocks.append(Block(into, width, out, 2 if stage and i == 0 else 1, se=se[stage], **kind))
                into = out
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(into, 3)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = blurred(F.max_pool2d(x, 3, 1, 1)) if self.blur else F.max_pool2d(x, 3, 2, 1)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.fc(x.mean((2, 3)))


OUTS = (16, 24, 32, 40)
ONES, TWOS, NARROW, WIDE = (1, 1, 1, 1), (2, 2, 2, 2), (4, 6, 8, 10), (8, 12, 16, 20)
SQUEEZE = (2, 3, 4, 5)
KINDS = [  # title, blocks, widths, what is different, what config.json says
    ("ResNet-14", ONES, NARROW, {"inputs": 1}, {}),
    ("ResNet-14", ONES, NARROW, {"first": True}, {"downsample_in_bottleneck": True}),
    ("ResNet-26", TWOS, NARROW, {}, {}),
    ("ResNet-10", ONES, OUTS, {"basic": True}, {}),
    ("ResNeXt-14 2x4d", ONES, WIDE, {"groups": 2}, {}),
    ("Wide ResNet-14-2", ONES, WIDE, {}, {}),
    ("ResNet-14-D", ONES, NARROW, {"stem": (4, 5, 8), "pooled": True}, {}),
    ("ResNet-14-C", ONES, NARROW, {"stem": (4, 5, 8)}, {}),
    ("SE-ResNet-14", ONES, NARROW, {"se": SQUEEZE}, {}),
    ("SE-ResNet-10", ONES, OUTS, {"se": SQUEEZE, "basic": True}, {}),
    ("ResNet-14 with blur", ONES, NARROW, {"blur": True}, {"architecture": "resnetblur14"}),
    ("ResNet-10 with blur", ONES, OUTS, {"blur": True, "basic": True}, {"architecture": "resnetblur10"}),
]


def random_relative(counts, widths, kind) -> Relative:
    generator = torch.Generator().manual_seed(sum(widths) + len(kind))
    network = Relative(counts, widths, OUTS, **kind).eval()
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if value.ndim > 1:
                value.normal_(0, float(np.sqrt(2 / value[0].numel())), generator=generator)
            elif value.is_floating_point():
                low = 0.3 if name.endswith(("running_var", "weight")) else -0.5
                value.uniform_(low, 1.5, generator=generator)
    return network


def huggingface_name(name: str) -> str:
    """transformers' name of a bottleneck's tensor, for only its configuration tells of v1."""
    for old, new in (
        ("layer", "encoder.stages."),
        ("downsample.0", "shortcut.convolution"),
        ("downsample.1", "shortcut.normalization"),
    ):
        name = name.replace(old, new)
    parts = name.split(".")
    if parts[0] in ("conv1", "bn1"):
        return f"embedder.embedder.{'convolution' if parts[0] == 'conv1' else 'normalization'}.{parts[1]}"
    if parts[0] == "fc":
        return name
    parts[2] = str(int(parts[2]) - 1)
    parts.insert(3, "layers")
    if parts[5].startswith(("conv", "bn")):
        kind, number = parts[5][:-1], int(parts[5][-1]) - 1
        parts[5:6] = ["layer", str(number), "convolution" if kind == "conv" else "normalization"]
    return ".".join(parts)


@pytest.mark.parametrize(("title", "counts", "widths", "kind", "config"), KINDS)
def test_logits_are_those_of_torch_and_survive_conversion(tmp_path, title, counts, widths, kind, config):
    network = random_relative(counts, widths, kind)
    spell = huggingface_name if "first" in kind else str
    state = {spell(name): value.numpy() for name, value in network.state_dict().items()}
    save_file(state, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps(config))
    checkpoint = checkpoints.read(tmp_path)
    assert (checkpoint.title, checkpoint.variant) == (title, "v1" if "first" in kind else "v1.5")
    batch = np.random.default_rng(1).normal(0, 1, (2, 50, 70, kind.get("inputs", 3))).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(batch.transpose(0, 3, 1, 2).copy())).numpy()
    assert expected.std() > 0.01

    converted = tmp_path / "out.weights.h5"
    checkpoints.convert(tmp_path / "model.safetensors", converted)
    for found in (checkpoint, checkpoints.read(converted)):
        model = checkpoints.build(found, input_shape=(50, 70, 3))
        logits = model(batch, training=False)
        assert np.abs(np.asarray(logits) - expected).max() <= 1e-3 * expected.std(), found.layout


# Parameters with 1000 classes, as torchvision's documentation and timm's table of results give them, in millions.
PUBLISHED = [
    ("ResNet-18", standard(18), 11.690),
    ("ResNet-26", standard(26), 15.995),
    ("ResNet-50", standard(50), 25.557),
    ("ResNet-152", standard(152), 60.193),
    *zip(
        ("ResNet-50-D", "ResNeXt-50 32x4d", "Wide ResNet-50-2", "SE-ResNet-50", "ResNet-50 with blur"),
        RELATIVES,
        (25.576, 25.029, 68.883, 28.088, 25.557),
        strict=True,
    ),
]


@pytest.mark.parametrize(("title", "geometry", "millions"), PUBLISHED)
def test_as_many_parameters_as_published(title, geometry, millions):
    assert geometry.title == title
    shapes = variable_shapes(geometry, 1000, conv_bias=False)
    learned = sum(math.prod(shape) for name, shape in shapes.items() if "/moving_" not in name)
    assert round(learned / 1e6, 3) == millions
