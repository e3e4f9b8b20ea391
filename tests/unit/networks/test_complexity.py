import json

import keras
import pytest
from keras import layers

from resnet_demo.errors import ArchitectureError, UnknownNameError
from resnet_demo.networks import complexity
from resnet_demo.networks.complexity import complexity_of, multiply_adds, row, rows
from resnet_demo.networks.named import build, standard_networks

pytestmark = pytest.mark.slow

DEPTHS = (18, 34, 50, 101, 152)


def tiny(side=(8, 10)):
    """A ResNet of one block, small enough to count by hand."""
    inputs = keras.Input((*side, 3))
    x = layers.Conv2D(4, 3, strides=2, padding="same")(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(2)(x)
    f = layers.Conv2D(6, 3, padding="same")(x)
    f = layers.ReLU()(f)
    f = layers.Conv2D(6, 1)(f)
    x = layers.Add()([layers.Conv2D(6, 1)(x), f])
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(5)(x), name="tiny")


def test_tiny_network_by_hand():
    counted = complexity_of(tiny())
    stem = 4 * 5 * (3 * 3 * 3) * 4  # 4×5 positions after the stride
    residual = 2 * 2 * (3 * 3 * 4) * 6 + 2 * 2 * 6 * 6  # 2×2 after the pooling
    projection = 2 * 2 * 4 * 6
    assert counted.multiply_adds == stem + residual + projection + 6 * 5 == 3294
    assert counted.shortcut_multiply_adds == projection
    assert counted.layers == 4  # conv, conv, conv, dense
    assert counted.parameters == (108 + 4) + 16 + (216 + 6) + (36 + 6) + (24 + 6) + (30 + 5)
    assert counted.stages == ((4, 5, 4), (2, 2, 6))
    assert counted.name == "tiny"


def test_grouped_convolution_sees_its_group_only():
    layer = layers.Conv2D(6, 3, groups=2)
    layer(keras.Input((5, 7, 4)))
    assert multiply_adds(layer) == 3 * 5 * (3 * 3 * 2) * 6


def test_dense_on_every_position():
    layer = layers.Dense(6)
    layer(keras.Input((5, 7, 4)))
    assert multiply_adds(layer) == 5 * 7 * 4 * 6


def test_a_depthwise_convolution_sees_one_channel():
    layer = layers.DepthwiseConv2D(3, depth_multiplier=2)
    layer(keras.Input((5, 7, 4)))
    assert multiply_adds(layer) == 3 * 5 * (3 * 3) * 8


def test_layers_it_cannot_count_are_refused():
    layer = layers.SeparableConv2D(6, 3, name="separable")
    layer(keras.Input((5, 7, 4)))
    with pytest.raises(ArchitectureError, match="Received: 'separable', a SeparableConv2D"):
        multiply_adds(layer)


def test_open_input_size_is_refused():
    with pytest.raises(ArchitectureError, match="fixed input size"):
        complexity_of(tiny(side=(None, None)))


def by_table_1(depth, *, stride_on=1, projection_kernel=1, projections=True):
    """Multiply-adds at 224×224 from the paper's Table 1 alone."""
    total = 112 * 112 * 7 * 7 * 3 * 64
    channels = 64
    blocks = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}[
        depth
    ]
    for side, width, count in zip((56, 28, 14, 7), (64, 128, 256, 512), blocks, strict=True):
        wide = width if depth < 50 else 4 * width
        for number in range(count):
            before = side if number or side == 56 else 2 * side  # side of the block's input
            if depth < 50:
                total += side * side * 9 * width * (channels + width)
            else:
                first = side if stride_on == 1 else before
                total += first * first * channels * width + side * side * (9 * width * width + width * wide)
            if projections and channels != wide:
                total += side * side * projection_kernel**2 * channels * wide
            channels = wide
    return total + channels * 1000


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet18", by_table_1(18)),
        ("resnet34", by_table_1(34)),
        ("resnet50", by_table_1(50)),
        ("resnet101", by_table_1(101)),
        ("resnet50-v1.5", by_table_1(50, stride_on=2)),
        ("resnet34-option-a", by_table_1(34, projections=False)),
        ("resnet34-plain", by_table_1(34, projections=False)),
        ("resnet50-plain", by_table_1(50, projections=False)),
        ("tutorial-b", by_table_1(50, projection_kernel=3)),
    ],
)
def test_multiply_adds_of_the_papers_table(name, expected):
    assert row(name)["multiply_adds"] == expected


def test_row_of_resnet50_is_json():
    counted = row("resnet50")
    assert json.loads(json.dumps(counted)) == counted
    note = counted.pop("note")
    assert counted == {
        "name": "resnet50",
        "layers": 50,
        "parameters": 25_636_712,
        "multiply_adds": 3_857_973_248,
        "stages": [[112, 112, 64], [56, 56, 256], [28, 28, 512], [14, 14, 1024], [7, 7, 2048]],
        "paper_multiply_adds": 3_800_000_000,
    }
    assert "3.8×10⁹" in note


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("resnet18", ""),
        ("resnet101", ""),
        ("resnet34-option-a", ""),
        ("resnet34-plain", ""),
        ("tutorial-a", ""),
        ("resnet34", "Projections cost 0.019×10⁹; without them it is 3.644×10⁹"),
        ("resnet50", "dense layer (0.002×10⁹) or the projections (0.360×10⁹)"),
        ("resnet50-v1.5", "0.231×10⁹ more than resnet50: the stride is on the 3×3"),
        ("tutorial-b", "2.877×10⁹ more than resnet50: projections are 3×3 in place of 1×1"),
        ("resnet50-plain", "The paper has no such network."),
    ],
)
def test_difference_from_the_paper_is_explained(name, said):
    counted = row(name)
    if said == "":
        assert counted["note"] == ""
        assert round(counted["multiply_adds"] / 1e9, 1) == counted["paper_multiply_adds"] / 1e9
    else:
        assert said in counted["note"]


def test_what_the_notes_claim_holds():
    """Each cause named accounts for the whole difference it is given for."""
    assert by_table_1(50, stride_on=2) - by_table_1(50) == 3 * (56**2 - 28**2) * 256 * 128
    nine_times = by_table_1(50, projection_kernel=3) - by_table_1(50, projections=False)
    assert nine_times == 9 * (by_table_1(50) - by_table_1(50, projections=False))
    paper = 3.8
    for cost in (by_table_1(50), by_table_1(50) - 2048 * 1000, by_table_1(50, projections=False)):
        assert round(cost / 1e9, 1) != paper
    assert int(by_table_1(50) / 1e8) / 10 == paper


def test_tutorial_a_has_its_55x55_stage():
    assert row("tutorial-a")["stages"] == [
        [112, 112, 64],
        [55, 55, 256],
        [28, 28, 512],
        [14, 14, 1024],
        [7, 7, 2048],
    ]


def test_names_the_issue_asks_for():
    names = set(standard_networks())
    assert {f"resnet{d}" for d in DEPTHS} | {f"resnet{d}-v1.5" for d in DEPTHS} <= names
    assert {"resnet18-plain", "resnet34-plain", "resnet50-plain", "tutorial-a", "tutorial-b"} <= names


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("resnet50v2", 25_613_800),  # as keras.io has it, moving means and variances included
        # As published, with the means and variances of so many channels of BatchNorm.
        ("resnext-50-32x4d", 25_028_904 + 2 * 34_112),
        ("resnet-50-d", 25_576_264 + 2 * 26_624),  # 50 layers, although its stem has three convolutions
        (
            "resnet-50-with-blur",
            25_557_032 + 2 * 26_560 + 3 * 3 * (64 + 128 + 256 + 512),
        ),  # and masks, not learned
    ],
)
def test_relatives_are_counted_too(name, parameters):
    counted = row(name)
    assert (counted["layers"], counted["parameters"]) == (50, parameters)
    assert counted["paper_multiply_adds"] is None
    assert counted["note"] == "The paper has no such network."


def test_rows_are_the_standard_networks(monkeypatch):
    few = {name: standard_networks()[name] for name in ("resnet34-plain", "resnet18")}
    monkeypatch.setattr(complexity, "standard_networks", lambda: few)
    assert [r["name"] for r in rows()] == ["resnet34-plain", "resnet18"]


def test_build_takes_sizes():
    model = build("resnet18-v1.5", classes=3, input_shape=(64, 96, 3))
    assert model.name == "resnet18-v1.5"
    assert model.input_shape == (None, 64, 96, 3)
    assert model.output_shape == (None, 3)


def test_unknown_network_lists_the_known():
    with pytest.raises(
        UnknownNameError, match=r"Received: 'resnet20'\. Accepted: resnet18, .*resnet-50-with-blur\."
    ):
        build("resnet20")
