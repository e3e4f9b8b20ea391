from functools import cache

import keras
import numpy as np
import pytest

from resnet_demo.errors import ArchitectureError
from resnet_demo.networks.complexity import complexity_of
from resnet_demo.networks.resnet import network_name, resnet

pytestmark = pytest.mark.slow

SMALL = (64, 96, 3)  # not square, so that a swap of height and width shows
# Parameters of torchvision's models, as its documentation gives them; moving statistics are none there.
TORCHVISION_PARAMETERS = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}


@cache
def small(*arguments, **options):
    """A network to look at; its weights are shared between tests."""
    return resnet(*arguments, **options, input_shape=SMALL)


def random_weights(model):
    """Values that keep 152 layers in range, and none of BatchNorm's at 0 or 1."""
    rng = np.random.default_rng(11)
    values = []
    for variable in model.variables:
        normal = rng.standard_normal(variable.shape, dtype="float32")
        match variable.name:
            case "kernel":
                values.append(normal * np.float32(np.sqrt(2 / np.prod(variable.shape[:-1]))))
            case "gamma":
                values.append(0.2 + np.abs(normal) / 5)
            case "moving_variance":
                values.append(0.5 + np.abs(normal) / 2)
            case _:
                values.append(normal / 10)
    return values


def convolutions(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_keras_variant_is_keras_applications_layer_for_layer(depth):
    reference = getattr(keras.applications, f"ResNet{depth}")(
        weights=None, classifier_activation=None, input_shape=SMALL
    )
    model = resnet(depth, input_shape=SMALL)
    assert model.name == reference.name
    assert [layer.name for layer in model.layers[1:]] == [layer.name for layer in reference.layers[1:]]
    assert [type(layer) for layer in model.layers] == [type(layer) for layer in reference.layers]
    assert [layer.output.shape for layer in model.layers] == [
        layer.output.shape for layer in reference.layers
    ]
    assert [v.path for v in model.variables] == [v.path for v in reference.variables]
    assert [v.shape for v in model.variables] == [v.shape for v in reference.variables]
    assert model.count_params() == reference.count_params()
    assert all(
        layer.epsilon == 1.001e-5
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    )
    assert complexity_of(model).layers == depth

    weights = random_weights(reference)
    reference.set_weights(weights)
    model.set_weights(weights)
    pixels = np.random.default_rng(5).normal(size=(2, *SMALL)).astype("float32") * 20
    pixels[1] += (60, -40, 20)  # the mean of noise alone would be one and the same
    expected = reference(pixels).numpy()
    assert np.abs(expected[0] - expected[1]).max() > 0.1  # the image matters
    np.testing.assert_allclose(model(pixels).numpy(), expected, rtol=0, atol=1e-5)


def test_parameters_at_full_size():
    model = resnet()
    assert model.input_shape == (None, 224, 224, 3)
    assert model.output_shape == (None, 1000)
    assert model.count_params() == 25_636_712
    assert model.layers[-1].activation is keras.activations.linear


@pytest.mark.parametrize("depth", [18, 34, 50])
def test_v1_5_has_torchvisions_parameters(depth):
    model = small(depth, "v1.5")
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == TORCHVISION_PARAMETERS[depth]
    assert not any(layer.use_bias for layer in convolutions(model))
    assert all(
        layer.epsilon == 1e-5 for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)
    )


def test_v1_5_moves_the_stride_to_the_3x3():
    strided = {
        layer.name: layer.kernel_size for layer in convolutions(small(50, "v1.5")) if layer.strides == (2, 2)
    }
    assert strided == {
        "conv1_conv": (7, 7),
        **{
            f"conv{s}_block1_{unit}": size
            for s in (3, 4, 5)
            for unit, size in (("0_conv", (1, 1)), ("2_conv", (3, 3)))
        },
    }


def test_strided_windows_are_padded_alike_on_both_sides():
    model = small(18, "v1.5")
    pads = {
        layer.name: layer.padding for layer in model.layers if isinstance(layer, keras.layers.ZeroPadding2D)
    }
    assert pads == {
        "conv1_pad": ((3, 3), (3, 3)),
        "pool1_pad": ((1, 1), (1, 1)),
        **{f"conv{s}_block1_1_pad": ((1, 1), (1, 1)) for s in (3, 4, 5)},
    }
    assert all(layer.padding == "valid" for layer in convolutions(model) if layer.strides == (2, 2))


def test_basic_networks_project_only_where_shapes_change():
    projections = [layer.name for layer in convolutions(small(34)) if "_0_" in layer.name]
    assert projections == [f"conv{s}_block1_0_conv" for s in (3, 4, 5)]


def test_option_a_has_no_parameters_in_its_shortcuts():
    a, b = (small(18, shortcut_option=option) for option in "AB")
    plain = small(18, plain=True)
    assert a.count_params() == plain.count_params() < b.count_params()
    assert [v.path for v in a.variables] == [v.path for v in plain.variables]
    padded = [layer for layer in a.layers if layer.name.endswith("_0_pad")]
    assert [layer.name for layer in padded] == [f"conv{s}_block1_0_pad" for s in (3, 4, 5)]

    a.set_weights(random_weights(a))
    pixels = np.random.default_rng(6).normal(size=(1, *SMALL)).astype("float32")
    entered = a.get_layer("conv4_block2_out")
    x, s = (t.numpy() for t in keras.Model(a.input, [entered.output, padded[-1].output])(pixels))
    assert x.max() > 0
    np.testing.assert_array_equal(s[..., : x.shape[-1]], x[:, ::2, ::2])
    np.testing.assert_array_equal(s[..., x.shape[-1] :], 0)


@pytest.mark.parametrize(("depth", "blocks"), [(18, 8), (50, 16)])
def test_option_c_projects_in_every_block(depth, blocks):
    model = small(depth, shortcut_option="C")
    outputs = [layer.name for layer in model.layers if layer.name.endswith("_out")]
    assert len(outputs) == blocks
    for name in outputs:
        assert model.get_layer(name.replace("_out", "_0_conv")).kernel_size == (1, 1)


@pytest.mark.parametrize(("depth", "variant"), [(18, "v1.5"), (50, "v1.5")])
def test_plain_twin_has_the_same_weighted_layers_and_no_sum(depth, variant):
    plain = small(depth, variant, plain=True)
    residual = small(depth, variant)
    assert not any(isinstance(layer, keras.layers.Add) for layer in plain.layers)
    assert [layer.name for layer in plain.layers if layer.weights] == [
        layer.name for layer in residual.layers if layer.weights and "_0_" not in layer.name
    ]
    assert complexity_of(plain).layers == complexity_of(residual).layers == depth


def test_tutorial_a_as_written():
    model = resnet(variant="tutorial-a", classes=7)
    expected = ["conv1", "bn_conv1"]
    for stage, letters in {2: "abc", 3: "abcd", 4: "abcdef", 5: "abc"}.items():
        for letter in letters:
            branches = ["2a", "2b", "2c", *(["1"] if letter == "a" else [])]
            expected += [f"{kind}{stage}{letter}_branch{b}" for b in branches for kind in ("res", "bn")]
    assert {layer.name for layer in model.layers if layer.weights} == {*expected, "fc1000"}
    assert model.get_layer("pool1_pool").output.shape == (None, 55, 55, 64)
    assert model.get_layer("res2c_out").output.shape == (None, 55, 55, 256)
    assert model.get_layer("res5c_out").output.shape == (None, 7, 7, 2048)
    assert model.get_layer("res3a_branch2a").strides == (2, 2)
    assert model.output_shape == (None, 7)
    assert model.name == "tutorial-a"


@pytest.mark.parametrize(
    ("variant", "smallest", "largest"), [("tutorial-a", 197, 228), ("tutorial-b", 193, 224)]
)
def test_tutorials_take_what_reaches_the_average_pooling_as_7x7(variant, smallest, largest):
    model = resnet(variant=variant, input_shape=(smallest, largest, 3))
    assert model.get_layer("avg_pool").input.shape == (None, 7, 7, 2048)
    for side in (smallest - 1, largest + 1):
        with pytest.raises(ArchitectureError, match=f"sides {smallest}–{largest} for.*Received: .*{side}"):
            resnet(variant=variant, input_shape=(210, side, 3))


def test_smallest_input():
    model = resnet(18, input_shape=(32, 33, 3), classes=2)
    assert model.get_layer("avg_pool").input.shape == (None, 1, 2, 512)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((50,), "resnet50"),
        ((101, "v1.5"), "resnet101-v1.5"),
        ((34, "keras", "A"), "resnet34-option-a"),
        ((34, "keras", "B", True), "resnet34-plain"),
        ((50, "tutorial-b"), "tutorial-b"),
    ],
)
def test_names(arguments, name):
    assert network_name(*arguments) == name


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"depth": 20},
            r"`depth` should be one of 10, 14, 18, 26, 34, 50, 101, 152, 200\. Received: depth=20\.",
        ),
        ({"depth": "50"}, r"`depth` should be one of .* Received: depth='50'\."),
        ({"variant": "v2"}, r"`variant` should be one of 'keras', 'v1\.5', .* Received: variant='v2'\."),
        ({"shortcut_option": "D"}, r"should be one of 'A', 'B', 'C'\. Received: shortcut_option='D'\."),
        ({"plain": 1}, r"`plain` should be one of False, True\. Received: plain=1\."),
        (
            {"plain": True, "shortcut_option": "C"},
            r"A plain network has no shortcuts.* Received: shortcut_option='C'",
        ),
        (
            {"variant": "tutorial-a", "depth": 101},
            r"'tutorial-a' is built as it is written.* Received: depth=101",
        ),
        ({"variant": "tutorial-b", "plain": True}, r"'tutorial-b' is built as it is written.* plain=True"),
        (
            {"variant": "tutorial-b", "shortcut_option": "A"},
            r"is built as it is written.* shortcut_option='A'",
        ),
        ({"classes": 0}, r"`classes` should be a whole number from 1 up\. Received: classes=0\."),
        ({"classes": True}, r"Received: classes=True\."),
        ({"input_shape": (31, 64, 3)}, r"sides ≥ 32 .*Received: input_shape=\(31, 64, 3\)\."),
        ({"input_shape": (64, 31, 3)}, r"Received: input_shape=\(64, 31, 3\)\."),
        (
            {"input_shape": (64, 64, 1)},
            r"should be \(height, width, 3\).* Received: input_shape=\(64, 64, 1\)\.",
        ),
        ({"input_shape": (None, None, 3)}, r"Received: input_shape=\(None, None, 3\)\."),
        ({"input_shape": 224}, r"Received: input_shape=224\."),
    ],
)
def test_bad_arguments_get_a_sentence(arguments, sentence):
    with pytest.raises(ArchitectureError, match=sentence):
        resnet(**arguments)
