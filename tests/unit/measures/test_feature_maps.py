"""Which channels are shown, and that they are the Keras model's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError, UnknownLayerError
from resnet_demo.measures import feature_maps


def _maps(instrumented, batch, at, k=16):
    return feature_maps.compute(instrumented, batch, [None] * len(batch), at=at, k=k)[0]


def _channel(instrumented, batch, at, channel):
    return feature_maps.compute_channel(instrumented, batch, [None], at=at, channel=channel)[0]


def _activation(instrumented, layer, batch):
    model = instrumented.network.model
    return keras.Model(model.input, model.get_layer(layer).output)(batch, training=False).numpy()


@pytest.mark.parametrize(("at", "layer"), [("conv1", "stem_relu"), ("pool1", "pool"), ("conv2", "b_output")])
@pytest.mark.parametrize("k", [1, 5])
def test_the_channels_of_largest_mean_are_shown_strongest_first(
    small_instrumented, small_batch, at, layer, k
):
    found = _maps(small_instrumented, small_batch[2:], at, k)

    activation = _activation(small_instrumented, layer, small_batch[2:])[0]
    means = activation.mean(axis=(0, 1))
    order = np.argsort(-means)[:k]
    assert (found.name, found.layer, found.shape) == (at, layer, activation.shape)
    np.testing.assert_allclose(found.means, means, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found.channels, order)
    np.testing.assert_allclose(found.maps, activation[..., order], rtol=1e-3, atol=1e-4)


def test_on_the_bundled_weights(instrumented, example_batch):
    found = _maps(instrumented, example_batch[1:], "conv2", 16)

    activation = _activation(instrumented, "conv2_block3_out", example_batch[1:])[0]
    means = activation.mean(axis=(0, 1))
    assert found.maps.shape == (56, 56, 16)
    np.testing.assert_allclose(found.means, means, rtol=1e-3, atol=1e-4)
    # Not the order itself, which a rounding error can turn: each mean shown is the one of its rank.
    np.testing.assert_allclose(means[found.channels], np.sort(means)[::-1][:16], rtol=1e-4)
    np.testing.assert_allclose(
        found.maps, activation[..., found.channels], rtol=0, atol=1e-4 * activation.max()
    )


def test_more_channels_than_there_are_gives_all(small_instrumented, small_batch):
    found = _maps(small_instrumented, small_batch[:1], "pool1", 99)

    assert found.maps.shape == (8, 12, 8)
    assert sorted(found.channels) == list(range(8))


def test_one_pass_serves_every_number_of_channels(small_instrumented, small_batch):
    instrumented = InstrumentedModel(small_instrumented.network)

    shown = [_maps(instrumented, small_batch[:1], "conv3", k).maps.shape for k in (1, 2, 7, 16, 500)]

    assert shown == [(4, 6, k) for k in (1, 2, 7, 16, 16)]
    assert len(instrumented.engine._passes) == 1


def test_each_image_has_its_own_channels():
    activation = np.zeros((2, 2, 3, 4), np.float32)
    activation[0, :, :, 2], activation[0, 1, 0, 0] = 5, 9  # means 1.5 and 5
    activation[1, :, :, 1], activation[1, :, :, 3] = 1, 2

    found = feature_maps.strongest_channels(tf.constant(activation), 2)

    np.testing.assert_array_equal(found["channels"], [[2, 0], [3, 1]])
    np.testing.assert_array_equal(found["means"], [[1.5, 0, 5, 0], [0, 1, 0, 2]])
    np.testing.assert_array_equal(found["maps"][0], activation[0][..., [2, 0]])
    np.testing.assert_array_equal(found["maps"][1], activation[1][..., [3, 1]])


def test_one_channel_is_that_channel(small_instrumented, small_batch):
    expected = _activation(small_instrumented, "c_output", small_batch[:1])[0]

    for channel in (0, 7, 15):
        found = _channel(small_instrumented, small_batch[:1], "conv3_block1", channel)

        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected[..., channel], rtol=1e-3, atol=1e-4)


def test_the_stem_is_conv1_and_pool1(small_instrumented):
    engine = small_instrumented.engine

    assert [p.name for p in feature_maps.layers_of(engine, "stem")] == ["conv1", "pool1"]
    assert [p.node for p in feature_maps.layers_of(engine, "conv3")] == ["e_output"]


@pytest.mark.parametrize("k", [0, -3])
def test_showing_no_channel_is_refused(small_instrumented, small_batch, k):
    with pytest.raises(OptionError, match=f"Received: k={k}. Accepted: 1 or more"):
        _maps(small_instrumented, small_batch[:1], "conv2", k)


@pytest.mark.parametrize("channel", [-1, 12])
def test_a_channel_that_is_not_there_is_refused(small_instrumented, small_batch, channel):
    with pytest.raises(OptionError, match=f"at conv2. Received: {channel}. Accepted: 0 to 11"):
        _channel(small_instrumented, small_batch[:1], "conv2", channel)


def test_a_layer_that_is_not_there_is_refused(small_instrumented, small_batch):
    for look in (lambda: _maps(small_instrumented, small_batch[:1], "conv9"),
                 lambda: _channel(small_instrumented, small_batch[:1], "conv9", 0),
                 lambda: feature_maps.layers_of(small_instrumented.engine, "conv9")):  # fmt: skip
        with pytest.raises(UnknownLayerError, match=r"'conv9'\. Accepted: conv1, pool1, conv2, conv3"):
            look()
