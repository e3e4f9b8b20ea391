"""What an instrumented refuses to hold on to."""

from dataclasses import replace

import keras
import pytest
from keras import layers

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError
from resnet_demo.networks.labels import numbered_labels
from resnet_demo.networks.weights import OWN_GRAPH


class Doubled(layers.Conv2D):
    """A convolution by name and weights, and twice one in what it does."""

    def call(self, inputs):
        return 2 * super().call(inputs)


@pytest.fixture
def instrument(small_instrumented):
    """Make an instrumented model, said to be of its own kind."""

    def make(model):
        network = small_instrumented.network
        provenance = replace(network.provenance, variant=OWN_GRAPH)
        labels = numbered_labels(model.output_shape[-1])
        return InstrumentedModel(replace(network, model=model, labels=labels, provenance=provenance))

    return make


def _network(convolution, **head):
    photo = keras.Input((18, 22, 3))
    x = layers.MaxPooling2D()(layers.Conv2D(4, 3)(photo))
    x = layers.ReLU()(layers.Add()([x, convolution(4, 3, padding="same")(x)]))
    x = layers.Dense(5, **head)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(photo, x, name="odd")


def _tampered(*sizes, **options):
    """Keras' convolution in all but what this one does."""
    layer = layers.Conv2D(*sizes, **options)
    layer.call = lambda inputs: 2 * layers.Conv2D.call(layer, inputs)
    return layer


@pytest.mark.parametrize("head", [{}, {"activation": "softmax"}, {"use_bias": False}], ids=str)
def test_a_network_of_its_own_kind_must_keep_its_logits(instrument, head):
    instrument(_network(layers.Conv2D, **head))

    with pytest.raises(ArchitectureError, match=r"Received: 'odd', whose logits change by up to \d"):
        instrument(_network(_tampered, **head))


@pytest.mark.parametrize("convolution", [Doubled, lambda *s, **o: layers.Conv2D(*s, groups=2, **o)])
def test_a_layer_that_is_not_keras_own_is_run_as_it_is(instrument, convolution):
    instrument(_network(convolution))


def test_an_open_size_is_what_was_told(small_instrumented):
    photo = keras.Input((None, None, 3))
    x = layers.Conv2D(4, 3)(photo)
    x = layers.Add()([x, layers.Conv2D(4, 3, padding="same")(x)])
    model = keras.Model(photo, layers.Dense(7)(layers.GlobalAveragePooling2D()(x)))

    sized = InstrumentedModel(replace(small_instrumented.network, model=model, size=(30, 50)))

    assert sized.engine.architecture.input_shape == (30, 50, 3)
