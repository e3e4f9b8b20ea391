"""Every kind of block against the same arithmetic in NumPy, with random weights and BatchNorm statistics."""

import keras
import numpy as np
import pytest

from resnet_demo.networks import blocks
from resnet_demo.networks.blocks import KERAS, TUTORIAL_A, TUTORIAL_B, V1_5, tutorial_a_name

HEIGHT, WIDTH, CHANNELS = 6, 8, 4  # even sides: there symmetric and "same" padding differ at stride 2


def built(block, **arguments):
    """The block as a model with random weights, nothing left at 0 or 1."""
    inputs = keras.Input((HEIGHT, WIDTH, CHANNELS))
    model = keras.Model(inputs, block(inputs, name="conv3_block1", **arguments))
    rng = np.random.default_rng(3)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = rng.normal(size=(4, layer.gamma.shape[0]))
            layer.set_weights([gamma, beta, mean, variance**2 + 0.1])
        else:
            layer.set_weights([rng.normal(size=w.shape) * 0.3 for w in layer.get_weights()])
    return model


def image():
    return np.random.default_rng(4).normal(size=(2, HEIGHT, WIDTH, CHANNELS)).astype("float32")


class Numpy:
    """One model's layers, by name, as NumPy functions in float64."""

    def __init__(self, model, epsilon):
        self.model, self.epsilon = model, epsilon

    def conv(self, x, name, stride=1, padding=(0, 0)):
        kernel, *bias = (w.astype("float64") for w in self.model.get_layer(f"{name}_conv").get_weights())
        x = np.pad(x, ((0, 0), padding, padding, (0, 0)))
        rows, columns = kernel.shape[:2]
        height, width = (x.shape[1] - rows) // stride + 1, (x.shape[2] - columns) // stride + 1
        out = np.zeros((len(x), height, width, kernel.shape[-1]))
        for i in range(height):
            for j in range(width):
                window = x[:, i * stride : i * stride + rows, j * stride : j * stride + columns]
                out[:, i, j] = np.einsum("nrcd,rcde->ne", window, kernel)
        return out + bias[0] if bias else out

    def bn(self, x, name):
        gamma, beta, mean, variance = self.model.get_layer(f"{name}_bn").get_weights()
        return gamma * (x - mean) / np.sqrt(variance + self.epsilon) + beta

    def conv_bn(self, x, name, stride=1, padding=(0, 0)):
        return self.bn(self.conv(x, name, stride, padding), name)


def relu(x):
    return np.maximum(x, 0)


def same(model, expected):
    got = model(image()).numpy()
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("style", "epsilon", "strides", "biased"),
    [(KERAS, 1.001e-5, (2, 1), True), (V1_5, 1e-5, (1, 2), False)],
    ids=["keras", "v1.5"],
)
def test_projection_block(style, epsilon, strides, biased):
    model = built(blocks.projection_block, filters=3, style=style, stride=2)
    net, x, name = Numpy(model, epsilon), image(), "conv3_block1"
    shortcut = net.conv_bn(x, f"{name}_0", stride=2)
    f = relu(net.conv_bn(x, f"{name}_1", stride=strides[0]))
    f = relu(net.conv_bn(f, f"{name}_2", stride=strides[1], padding=(1, 1)))
    f = net.conv_bn(f, f"{name}_3")
    same(model, relu(shortcut + f))
    assert all(layer.use_bias == biased for layer in model.layers if isinstance(layer, keras.layers.Conv2D))


def test_identity_block_adds_its_input():
    model = built(blocks.identity_block, filters=1, style=KERAS)  # 4·1 channels, as the input
    net, x, name = Numpy(model, 1.001e-5), image(), "conv3_block1"
    f = relu(net.conv_bn(x, f"{name}_1"))
    f = relu(net.conv_bn(f, f"{name}_2", padding=(1, 1)))
    same(model, relu(x + net.conv_bn(f, f"{name}_3")))


@pytest.mark.parametrize("projection", [False, True])
@pytest.mark.parametrize(("style", "epsilon"), [(KERAS, 1.001e-5), (V1_5, 1e-5)], ids=["keras", "v1.5"])
def test_basic_block_pads_both_sides_alike(style, epsilon, projection):
    model = built(blocks.basic_block, filters=7, style=style, stride=2, projection=projection)
    net, x, name = Numpy(model, epsilon), image(), "conv3_block1"
    if projection:
        shortcut = net.conv_bn(x, f"{name}_0", stride=2)
    else:
        shortcut = np.concatenate([x[:, ::2, ::2], np.zeros((2, 3, 4, 3))], axis=-1)
    f = relu(net.conv_bn(x, f"{name}_1", stride=2, padding=(1, 1)))
    same(model, relu(shortcut + net.conv_bn(f, f"{name}_2", padding=(1, 1))))


def test_tutorial_b_has_its_relu_before_the_batchnorm_and_none_after_the_sum():
    model = built(blocks.projection_block, filters=3, style=TUTORIAL_B, stride=2)
    net, x, name = Numpy(model, 1e-3), image(), "conv3_block1"

    def unit(x, part, **geometry):
        return net.bn(relu(net.conv(x, f"{name}_{part}", **geometry)), f"{name}_{part}")

    shortcut = unit(
        x, 0, stride=2, padding=(0, 1)
    )  # "same" with stride 2 and even sides: below and right only
    f = unit(unit(unit(x, 1, stride=2), 2, padding=(1, 1)), 3)
    same(model, shortcut + f)
    assert (shortcut + f).min() < 0


@pytest.mark.parametrize("stride", [1, 2])
def test_option_a_shortcut_is_the_input_and_zeros_exactly(stride):
    model = built(blocks.identity_block, filters=3, style=KERAS, stride=stride)
    shortcut = keras.Model(model.input, model.get_layer("conv3_block1_0_pad").output)(image()).numpy()
    assert shortcut.shape == (2, 6 // stride, 8 // stride, 12)
    np.testing.assert_array_equal(shortcut[..., :CHANNELS], image()[:, ::stride, ::stride])
    np.testing.assert_array_equal(shortcut[..., CHANNELS:], 0)


@pytest.mark.parametrize(
    ("block", "filters", "last"),
    [(blocks.identity_block, 3, 3), (blocks.basic_block, 5, 2)],
    ids=["bottleneck", "basic"],
)
def test_plain_twin_is_the_relu_of_the_residual_branch(block, filters, last):
    twin = built(block, filters=filters, style=V1_5, stride=2, plain=True)
    with_shortcut = built(block, filters=filters, style=V1_5, stride=2)
    residual = keras.Model(twin.input, twin.get_layer(f"conv3_block1_{last}_bn").output)(image()).numpy()
    np.testing.assert_array_equal(twin(image()).numpy(), relu(residual))
    weighted = [layer.name for layer in twin.layers if layer.weights]
    assert weighted == [layer.name for layer in with_shortcut.layers if layer.weights]
    assert not any(isinstance(layer, keras.layers.Add) for layer in twin.layers)


def test_layers_follow_keras_grammar():
    model = built(blocks.projection_block, filters=3, style=KERAS)
    parts = {layer.name.removeprefix("conv3_block1_") for layer in model.layers[1:]}
    convolutions = {f"{i}_{kind}" for i in range(4) for kind in ("conv", "bn")}
    assert parts == convolutions | {"1_relu", "2_relu", "add", "out"}


@pytest.mark.parametrize(
    ("keras_name", "old"),
    [
        ("conv1_conv", "conv1"),
        ("conv1_bn", "bn_conv1"),
        ("conv2_block1_1_conv", "res2a_branch2a"),
        ("conv2_block1_0_conv", "res2a_branch1"),
        ("conv2_block1_0_bn", "bn2a_branch1"),
        ("conv4_block6_2_bn", "bn4f_branch2b"),
        ("conv5_block3_3_conv", "res5c_branch2c"),
        ("conv3_block4_1_relu", "res3d_branch2a_relu"),
        ("conv3_block4_add", "res3d"),
        ("conv3_block4_out", "res3d_out"),
        ("predictions", "fc1000"),
        ("pool1_pool", "pool1_pool"),
    ],
)
def test_names_of_tutorial_a(keras_name, old):
    assert tutorial_a_name(keras_name) == old


def test_tutorial_a_differs_from_keras_in_names_and_epsilon_only():
    ours, theirs = (built(blocks.projection_block, filters=3, style=style) for style in (TUTORIAL_A, KERAS))
    assert [layer.name for layer in ours.layers[1:]] == [
        tutorial_a_name(layer.name) for layer in theirs.layers[1:]
    ]
    for layer in ours.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            assert layer.epsilon == 1e-3
