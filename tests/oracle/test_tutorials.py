"""Tutorials A and B transcribed as one writes them by hand, against what `resnet` builds, same weights."""

import keras
import numpy as np
import pytest
from keras.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    Input,
    MaxPooling2D,
    ZeroPadding2D,
    add,
)

from resnet_demo.networks.resnet import resnet

pytestmark = pytest.mark.slow

STAGES = ((2, 64, 3), (3, 128, 4), (4, 256, 6), (5, 512, 3))  # stage, filters, blocks


def tutorial_a(input_shape, classes):
    def unit(x, filters, kernel, name, stride=1):
        x = Conv2D(
            filters, kernel, strides=stride, padding="same" if kernel == 3 else "valid", name=f"res{name}"
        )(x)
        return BatchNormalization(name=f"bn{name}")(x)

    image = Input(input_shape)
    x = ZeroPadding2D((3, 3))(image)
    x = Conv2D(64, (7, 7), strides=(2, 2), name="conv1")(x)
    x = BatchNormalization(name="bn_conv1")(x)
    x = Activation("relu")(x)
    x = MaxPooling2D((3, 3), strides=(2, 2))(x)
    for stage, filters, count in STAGES:
        for letter in "abcdef"[:count]:
            base = f"{stage}{letter}_branch"
            stride = 2 if letter == "a" and stage > 2 else 1
            shortcut = unit(x, 4 * filters, 1, f"{base}1", stride) if letter == "a" else x
            f = Activation("relu")(unit(x, filters, 1, f"{base}2a", stride))
            f = Activation("relu")(unit(f, filters, 3, f"{base}2b"))
            x = Activation("relu")(add([unit(f, 4 * filters, 1, f"{base}2c"), shortcut]))
    x = AveragePooling2D((7, 7))(x)
    return keras.Model(image, Dense(classes, name="fc1000")(Flatten()(x)))


def tutorial_b(input_shape, classes):
    def conv2d_bn(x, filters, kernel, name, stride=1, padding="same"):
        x = Conv2D(filters, kernel, padding=padding, strides=stride, activation="relu", name=f"{name}_conv")(
            x
        )
        return BatchNormalization(axis=3, name=f"{name}_bn")(x)

    image = Input(input_shape)
    x = ZeroPadding2D((3, 3))(image)
    x = conv2d_bn(x, 64, (7, 7), "conv1", stride=2, padding="valid")
    x = MaxPooling2D((3, 3), strides=(2, 2), padding="same")(x)
    for stage, filters, count in STAGES:
        for number in range(1, count + 1):
            name = f"conv{stage}_block{number}"
            stride = 2 if number == 1 and stage > 2 else 1
            f = conv2d_bn(x, filters, 1, f"{name}_1", stride)
            f = conv2d_bn(f, filters, 3, f"{name}_2")
            f = conv2d_bn(f, 4 * filters, 1, f"{name}_3")
            x = add([f, conv2d_bn(x, 4 * filters, 3, f"{name}_0", stride) if number == 1 else x])
    x = AveragePooling2D((7, 7))(x)
    return keras.Model(image, Dense(classes, name="predictions")(Flatten()(x)))


@pytest.mark.parametrize(
    ("variant", "by_hand", "input_shape"),
    [("tutorial-a", tutorial_a, (224, 197, 3)), ("tutorial-b", tutorial_b, (224, 193, 3))],
)
def test_same_outputs(variant, by_hand, input_shape):
    expected, model = by_hand(input_shape, 9), resnet(variant=variant, classes=9, input_shape=input_shape)
    rng = np.random.default_rng(8)
    names = [layer.name for layer in expected.layers if layer.weights]
    assert sorted(names) == sorted(layer.name for layer in model.layers if layer.weights)
    for name in names:
        values = [rng.standard_normal(w.shape, dtype="float32") for w in expected.get_layer(name).weights]
        if len(values) == 4:  # gamma, beta, mean, variance
            values = [0.5 + np.abs(values[0]) / 4, values[1] / 4, values[2] / 4, 0.5 + values[3] ** 2 / 4]
        else:
            values = [values[0] * np.float32(np.sqrt(2 / np.prod(values[0].shape[:-1]))), values[1] / 10]
        expected.get_layer(name).set_weights(values)
        model.get_layer(name).set_weights(values)
    pixels = rng.standard_normal((1, *input_shape), dtype="float32") * 50
    wanted = expected(pixels).numpy()
    np.testing.assert_allclose(model(pixels).numpy(), wanted, rtol=1e-5, atol=1e-5 * np.abs(wanted).max())
