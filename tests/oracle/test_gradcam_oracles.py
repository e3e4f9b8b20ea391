"""Our Grad-CAM against three others: the closed form, a tape on the Keras model, and tf-keras-vis."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.measures import attribution
from resnet_demo.measures.gradcam import gradcam


def _closed_form(model, layer, dense, batch, target):
    """At the last block: W_c / (h·w), no gradient at all."""
    activation = keras.Model(model.input, model.get_layer(layer).output)(batch, training=False).numpy()[0]
    kernel = model.get_layer(dense).kernel.numpy()
    return np.maximum(activation @ kernel[:, target] / (activation.shape[0] * activation.shape[1]), 0)


def _require_same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * expected.max() + 1e-9)
    if expected.max() > 0:  # a class with no evidence anywhere has an empty map, and no correlation
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999


def _tape_gradcam(model, layers):
    """The paper's equations on the Keras model, without our engine, for all `layers` in one pass.

    A function from a batch of one and a target to {layer: map, float64 (h, w)}.
    """
    outputs = {name: model.get_layer(name).output for name in layers}
    watched = keras.Model(model.input, [outputs, model.output])

    @tf.function  # outside a graph TensorFlow 2.21 may crash in a strided 1×1 convolution's gradient
    def run(batch, target):
        with tf.GradientTape() as tape:
            activations, logits = watched(batch, training=False)
            score = logits[0, target]
        return activations, tape.gradient(score, activations)

    def maps(batch, target):
        activations, gradients = run(batch, tf.constant(target))
        found = {}
        for name in layers:
            activation, gradient = (t[name].numpy()[0].astype(np.float64) for t in (activations, gradients))
            found[name] = np.maximum((gradient.mean(axis=(0, 1)) * activation).sum(axis=-1), 0)
        return found

    return maps


def _by_tf_keras_vis(model, batch, layer, target):
    """Its Grad-CAM on the Keras model itself, of the very layer asked for and not scaled: the map (h, w)."""
    found = attribution.package().Gradcam(model, clone=False)(
        lambda logits: logits[:, target],
        batch,
        penultimate_layer=layer,
        seek_penultimate_conv_layer=False,
        expand_cam=False,
        normalize_cam=False,
    )
    return np.asarray(found)[0]


@pytest.fixture(scope="module")
def bundled_tape(instrumented):
    return _tape_gradcam(instrumented.network.model, ["conv5_block3_out", "conv4_block2_out"])


def test_at_the_last_block_of_the_bundled_weights_all_four_agree(instrumented, example_batch, bundled_tape):
    engine, model = instrumented.engine, instrumented.network.model
    with_evidence = 0

    for batch in (example_batch[:1], example_batch[1:]):
        order = np.argsort(-engine.logits(batch)[0])
        for target in (int(order[0]), int(order[-1])):
            found = gradcam(instrumented, batch, "conv5_block3", target)

            assert found.layer == "conv5_block3_out"
            assert found.gradcam.shape == (7, 7)
            _require_same(found.gradcam, _closed_form(model, found.layer, "predictions", batch, target))
            _require_same(found.gradcam, bundled_tape(batch, target)[found.layer])
            _require_same(found.gradcam, _by_tf_keras_vis(model, batch, "conv5_block3_out", target))
            with_evidence += found.gradcam.max() > 0
    assert with_evidence >= 2


def test_at_another_block_of_the_bundled_weights(instrumented, example_batch, bundled_tape):
    engine, batch = instrumented.engine, example_batch[:1]
    target = int(np.argsort(-engine.logits(batch)[0])[1])

    found = gradcam(instrumented, batch, "conv4_block2", target)

    assert found.gradcam.shape == (14, 14)
    assert found.gradcam.max() > 0
    _require_same(found.gradcam, bundled_tape(batch, target)[found.layer])


def test_everywhere_in_the_small_network_and_for_every_class(
    small_instrumented, exact_instrumented, small_batch
):
    model, batch, spec = (
        small_instrumented.network.model,
        small_batch[1:2],
        small_instrumented.engine.architecture,
    )
    layers = {p.name: p.node for p in spec.stem} | {b.name: b.output for b in spec.blocks}
    tape = _tape_gradcam(model, list(layers.values()))
    with_evidence = dict.fromkeys(layers, 0)

    for target in range(7):
        expected = tape(batch, target)
        for name, layer in layers.items():
            found = gradcam(small_instrumented, batch, name, target)
            assert found.layer == layer
            _require_same(found.gradcam, expected[layer])
            with_evidence[name] += found.gradcam.max() > 0
        _require_same(expected["e_output"], _closed_form(model, "e_output", "scores", batch, target))
        # In float64: with float32 TensorFlow 2.21 crashes outside a graph, as above.
        exact = exact_instrumented.network.model
        _require_same(
            expected["a_output"], _by_tf_keras_vis(exact, batch.astype(np.float64), "a_output", target)
        )
    assert len(layers) == 7
    assert min(with_evidence.values()) >= 3
