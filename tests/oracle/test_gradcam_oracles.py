"""Our Grad-CAM against three others: the closed form, a tape on the Keras model, and tf-keras-vis."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.analysis.gradcam import gradcam
from resnet_demo.analysis.saliency import reference_gradcam


def _tape_gradcam(model, layer, batch, target):
    """The paper's equations on the Keras model, without our engine: float64 (h, w)."""
    watched = keras.Model(model.input, [model.get_layer(layer).output, model.output])
    pictures = tf.constant(batch)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(pictures)
        activation, logits = watched(pictures, training=False)
        score = logits[0, target]
    gradient = tape.gradient(score, activation).numpy()[0].astype(np.float64)
    weights = gradient.mean(axis=(0, 1))
    return np.maximum((weights * activation.numpy()[0]).sum(axis=-1), 0)


def _closed_form(model, layer, dense, batch, target):
    """At the last block: W_c / (h·w), no gradient at all."""
    activation = keras.Model(model.input, model.get_layer(layer).output)(batch, training=False).numpy()[0]
    kernel = model.get_layer(dense).kernel.numpy()
    return np.maximum(activation @ kernel[:, target] / (activation.shape[0] * activation.shape[1]), 0)


def _require_same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * expected.max() + 1e-9)
    if expected.max() > 0:  # a class with no evidence anywhere has an empty map, and no correlation
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999


@pytest.mark.parametrize("image", [0, 1])
def test_at_the_last_block_of_the_bundled_weights_all_four_agree(explorer, example_batch, image):
    engine, model, batch = explorer.engine, explorer.network.model, example_batch[image : image + 1]
    order = np.argsort(-engine.logits(batch)[0])
    with_evidence = 0

    for target in (int(order[0]), int(order[1]), int(order[-1])):
        found = gradcam(engine, batch, "conv5_block3", target)

        assert found.layer == "conv5_block3_out"
        assert found.gradcam.shape == (7, 7)
        _require_same(found.gradcam, _closed_form(model, found.layer, "predictions", batch, target))
        with_evidence += found.gradcam.max() > 0

    for target in (int(order[0]), int(order[-1])):
        found = gradcam(engine, batch, "conv5_block3", target)
        _require_same(found.gradcam, _tape_gradcam(model, found.layer, batch, target))
        reference = reference_gradcam(explorer, batch, "conv5_block3", target)
        assert reference.layer == found.layer
        _require_same(found.gradcam, reference.gradcam)
        _require_same(found.heatmap, reference.heatmap)
    assert with_evidence >= 2


def test_at_another_block_of_the_bundled_weights(explorer, example_batch):
    engine, batch = explorer.engine, example_batch[:1]
    target = int(np.argsort(-engine.logits(batch)[0])[1])

    found = gradcam(engine, batch, "conv4_block2", target)

    assert found.gradcam.shape == (14, 14)
    assert found.gradcam.max() > 0
    _require_same(found.gradcam, _tape_gradcam(explorer.network.model, "conv4_block2_out", batch, target))
    _require_same(found.gradcam, reference_gradcam(explorer, batch, "conv4_block2", target).gradcam)


PLACES = ["conv1", "pool1", *(f"conv2_block{i}" for i in (1, 2)), *(f"conv3_block{i}" for i in (1, 2, 3))]


@pytest.mark.parametrize("at", PLACES)
def test_everywhere_in_the_small_network_and_for_every_class(small_explorer, small_batch, at):
    engine, model = small_explorer.engine, small_explorer.network.model
    layer = engine.architecture.place(at).layer
    with_evidence = 0

    for target in range(7):
        found = gradcam(engine, small_batch[1:2], at, target).gradcam
        _require_same(found, _tape_gradcam(model, layer, small_batch[1:2], target))
        with_evidence += found.max() > 0

    _require_same(found, reference_gradcam(small_explorer, small_batch[1:2], at, target).gradcam)
    if at == "conv3_block3":
        _require_same(found, _closed_form(model, "e_output", "scores", small_batch[1:2], target))
    assert with_evidence >= 3


def test_the_default_of_tf_keras_vis_watches_another_layer(small_explorer, small_batch):
    """What the adapter guards against: left alone, tf-keras-vis would drop the shortcut."""
    from resnet_demo.analysis import saliency

    package, model = saliency._package(), small_explorer.network.model
    view = keras.Model(model.inputs, model.outputs)
    sought = package.Gradcam(view)(
        lambda logits: logits[:, 2], small_batch[:1], "e_output", expand_cam=False, normalize_cam=False
    )

    ours = gradcam(small_explorer.engine, small_batch[:1], "conv3_block3", 2).gradcam
    assert not np.allclose(np.asarray(sought)[0], ours, rtol=0.05, atol=0.05 * ours.max())
