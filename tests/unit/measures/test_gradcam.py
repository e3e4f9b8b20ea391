"""Grad-CAM's equations on numbers small enough to work out by hand, and its behaviour on a small network."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.engine.backward import choose_target
from resnet_demo.errors import UnknownClassError, UnknownLayerError
from resnet_demo.measures import gradcam

# One image, 1×2 layers, 2 channels. The second image's numbers differ, so that a mix-up of images shows.
ACTIVATION = np.array([[[[1, 2], [3, 0]]], [[[5, 1], [0, 2]]]], np.float32)
GRADIENT = np.array([[[[2, -4], [4, -2]]], [[[1, 0], [-3, 2]]]], np.float32)
WEIGHTS = [[3, -3], [-1, 1]]  # the gradient's mean over the two layers
MAPS = [[[-3, 9]], [[-4, 2]]]  # 3·1 − 3·2, 3·3 − 3·0 | −5 + 1, 0 + 2


def _resized(map_, height, width):
    """Bilinear, half-pixel centres, edges repeated: the definition, layer by layer."""
    h, w = map_.shape
    out = np.empty((height, width))
    for i in range(height):
        for j in range(width):
            y = np.clip((i + 0.5) * h / height - 0.5, 0, h - 1)
            x = np.clip((j + 0.5) * w / width - 0.5, 0, w - 1)
            top, left = int(y), int(x)
            below, right = min(top + 1, h - 1), min(left + 1, w - 1)
            dy, dx = y - top, x - left
            upper = map_[top, left] * (1 - dx) + map_[top, right] * dx
            lower = map_[below, left] * (1 - dx) + map_[below, right] * dx
            out[i, j] = upper * (1 - dy) + lower * dy
    return out


def test_channel_weights_are_the_gradients_mean_over_positions():
    np.testing.assert_array_equal(gradcam.channel_weights(tf.constant(GRADIENT)), WEIGHTS)


def test_the_weighted_sum_keeps_its_sign():
    weights = tf.constant(WEIGHTS, tf.float32)

    np.testing.assert_array_equal(gradcam.weighted_sum(weights, tf.constant(ACTIVATION)), MAPS)


def test_the_map_is_cut_off_below_zero_and_resized():
    engine = SimpleNamespace(architecture=SimpleNamespace(input_shape=(3, 7, 3)))

    found = gradcam.maps_of(engine, tf.constant(ACTIVATION), tf.constant(GRADIENT))

    np.testing.assert_array_equal(found["gradcam"], [[[0, 9]], [[0, 2]]])
    for image, map_ in enumerate(np.maximum(MAPS, 0)):
        np.testing.assert_allclose(found["heatmap"][image], _resized(map_, 3, 7), rtol=1e-5)


def test_the_target_is_the_one_asked_for_or_else_the_top_class():
    logits = tf.constant([[1.0, 3, 2], [9, 3, 2], [1, 2, 3]])

    np.testing.assert_array_equal(choose_target(logits, tf.constant([-1, 2, 0])), [1, 2, 0])


@pytest.mark.parametrize("at", ["conv1", "pool1", "conv2_block1", "conv3_block1", "conv3"])
def test_the_heatmap_is_the_map_resized_to_the_input(small_instrumented, small_batch, at):
    engine = small_instrumented.engine

    found = gradcam.gradcam(small_instrumented, small_batch[:1], at, 3)

    layer = engine.architecture.layer(at)
    assert found.layer == layer.node
    assert found.gradcam.shape == layer.shape[:2]
    assert found.gradcam.dtype == found.heatmap.dtype == np.float32
    assert found.gradcam.min() >= 0
    np.testing.assert_allclose(found.heatmap, _resized(found.gradcam, 32, 48), rtol=1e-4, atol=1e-6)


def test_a_stage_is_its_last_block(small_instrumented, small_batch):
    stage, block = (
        gradcam.gradcam(small_instrumented, small_batch[:1], at, 3) for at in ("conv2", "conv2_block2")
    )

    assert stage.layer == block.layer == "b_output"
    np.testing.assert_array_equal(stage.gradcam, block.gradcam)


def test_without_a_target_the_top_class_is_explained(small_instrumented, small_batch):
    engine = small_instrumented.engine
    for image in range(3):
        batch = small_batch[image : image + 1]
        top = int(np.argmax(engine.logits(batch)))

        found = gradcam.gradcam(small_instrumented, batch, "conv2_block1")

        np.testing.assert_array_equal(
            found.gradcam, gradcam.gradcam(small_instrumented, batch, "conv2_block1", top).gradcam
        )


def test_classes_differ_and_the_batch_is_left_alone(small_instrumented, small_batch):
    before = small_batch.copy()

    maps = [gradcam.gradcam(small_instrumented, small_batch[:1], "conv2_block1", c).gradcam for c in range(7)]

    assert len({m.tobytes() for m in maps}) >= 5
    np.testing.assert_array_equal(small_batch, before)


@pytest.mark.parametrize("at", ["conv6_block1", "", "scores"])
def test_an_unknown_layer_is_refused_with_those_there_are(small_instrumented, small_batch, at):
    with pytest.raises(UnknownLayerError) as error:
        gradcam.gradcam(small_instrumented, small_batch[:1], at)

    assert f"Received: {at!r}." in str(error.value)
    assert "Accepted: conv1, pool1, conv2, conv3, conv2_block1, " in str(error.value)


@pytest.mark.parametrize("target", [7, -1, -7])
def test_an_unknown_class_is_refused_with_those_there_are(small_instrumented, small_batch, target):
    with pytest.raises(UnknownClassError, match=rf"Received: {target}\. Accepted: 0 to 6"):
        gradcam.gradcam(small_instrumented, small_batch[:1], "conv3", target)
