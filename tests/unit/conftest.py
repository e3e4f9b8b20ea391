"""Networks of other kinds, ready to be measured."""

from dataclasses import replace

import keras
import pytest
from keras import layers


@pytest.fixture
def recorder(small_instrumented):
    """With the passes it runs, as `recorder.runs`."""
    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.measures.recorder import Recorder

    recorder = Recorder(InstrumentedModel(small_instrumented.network))
    recorder.runs, run = [], recorder.model.engine.run

    def counted(function, *arrays, **static):
        recorder.runs.append(function.__name__)
        return run(function, *arrays, **static)

    recorder.model.engine.run = counted
    return recorder


@pytest.fixture
def make_instrumented(small_instrumented):
    """Make a network ready to be measured, with weights that leave no bias at 0 and are the same in every run."""
    import numpy as np

    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.networks.labels import numbered_labels

    def make(model):
        rng = np.random.default_rng(3)
        for layer in model.layers:
            for variable in layer.weights:
                if variable.name == "kernel":
                    inputs = max(1, np.prod(variable.shape[:-1]))
                    variable.assign(rng.normal(0, (8 / inputs) ** 0.5, variable.shape))
                elif variable.name != "moving_variance":
                    variable.assign(rng.uniform(0.2, 1, variable.shape) * rng.choice([1, -1], variable.shape))
        return InstrumentedModel(
            replace(small_instrumented.network, model=model, labels=numbered_labels(model.output_shape[-1]))
        )

    return make


@pytest.fixture
def tutorial_instrumented(make_instrumented):
    """Two blocks as tutorial B writes them, a ReLU before every BatchNorm and none after the sum, so that the
    projection shortcut is not linear; and its head, average pooling and flatten."""

    def conv_relu_bn(x, filters, kernel, **options):
        x = layers.Conv2D(filters, kernel, padding="same", **options)(x)
        return layers.BatchNormalization()(layers.Activation("relu")(x))

    photo = keras.Input((32, 48, 3))
    x = layers.MaxPooling2D(3, strides=2)(conv_relu_bn(photo, 6, 7, strides=2))  # (7, 11, 6)
    f = conv_relu_bn(conv_relu_bn(x, 5, 3, strides=2), 9, 3)
    x = layers.Add()([conv_relu_bn(x, 9, 3, strides=2), f])  # (4, 6, 9)
    f = conv_relu_bn(conv_relu_bn(x, 5, 3), 9, 3)
    x = layers.Add()([f, x])
    x = layers.Flatten()(layers.AveragePooling2D((4, 6))(x))
    return make_instrumented(keras.Model(photo, layers.Dense(7)(x), name="tutorial"))


@pytest.fixture
def option_a_instrumented(make_instrumented):
    """ResNet-18 with shortcuts that have no weights: pooled, and padded with zeros."""
    from resnet_demo.networks.resnet import resnet

    return make_instrumented(resnet(18, shortcut_option="A", classes=7, input_shape=(32, 48, 3)))


@pytest.fixture
def plain_instrumented(make_instrumented):
    """ResNet-18 without shortcuts."""
    from resnet_demo.networks.resnet import resnet

    return make_instrumented(resnet(18, plain=True, classes=7, input_shape=(32, 48, 3)))
