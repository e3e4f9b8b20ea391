"""Split Grad-CAM against the definition, worked out in NumPy from the Keras model's own gradient."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.errors import ArchitectureError, UnknownBlockError, UnknownClassError
from resnet_demo.measures.gradcam import gradcam
from resnet_demo.measures.split import compute, split_gradcam

BLOCKS = ["conv2_block1", "conv2_block2", "conv3_block1", "conv3_block2", "conv3_block3"]


def _expected(model, block, batch, target):
    """Shortcut part, residual part and total of one picture."""
    names = (block.shortcut, block.residual, block.sum, block.output)
    watched = keras.Model(model.input, [*(model.get_layer(n).output for n in names), model.output])

    @tf.function  # which leaves out the kernels' gradients: computing those eagerly can crash TensorFlow 2.21
    def run(x):
        with tf.GradientTape() as tape:
            *tensors, logits = watched(x)
            logit = logits[0, target]
        return *tensors, tape.gradient(logit, tensors[-1])

    s, f, y, out, gradient = (t.numpy()[0].astype(np.float64) for t in run(batch))
    weights = gradient.mean(axis=(0, 1))  # α_k
    gate = y > 0 if block.has_relu else 1
    return (s * gate) @ weights, (f * gate) @ weights, out @ weights


@pytest.mark.parametrize("name", BLOCKS)
def test_the_parts_are_those_of_the_definition(small_instrumented, small_batch, name):
    block = small_instrumented.engine.architecture.block(name)
    shortcut, residual, total = _expected(small_instrumented.network.model, block, small_batch[1:2], 5)

    found = split_gradcam(small_instrumented, small_batch[1:2], name, 5)

    assert found.block == name
    for part, expected in ((found.shortcut, shortcut), (found.residual, residual), (found.total, total)):
        assert part.dtype == np.float32
        assert part.shape == block.shape[:2]
        np.testing.assert_allclose(part, expected, rtol=0, atol=1e-4 * found.limit)
    assert np.abs(shortcut - residual).max() > 0.1 * found.limit  # swapped parts would fail


@pytest.mark.parametrize("name", BLOCKS)
def test_the_parts_add_up_to_the_map_before_its_relu(small_instrumented, small_batch, name):
    found = split_gradcam(small_instrumented, small_batch[:1], name, 2)

    unsplit = gradcam(small_instrumented, small_batch[:1], name, 2).gradcam
    assert found.error <= 1e-4
    np.testing.assert_allclose(np.maximum(found.total, 0), unsplit, rtol=0, atol=1e-5 * found.limit)
    np.testing.assert_allclose(found.shortcut + found.residual, found.total, rtol=0, atol=1e-4 * found.limit)


def test_many_pictures_and_classes_in_one_pass(small_instrumented, small_batch):
    top = int(small_instrumented.engine.logits(small_batch[2:]).argmax())

    found = compute(small_instrumented, small_batch, [3, 0, None])

    for i, target in enumerate((3, 0, top)):
        alone = split_gradcam(small_instrumented, small_batch[i : i + 1], "conv3_block1", target)
        together = found[i][BLOCKS.index("conv3_block1")]
        np.testing.assert_allclose(together.residual, alone.residual, rtol=0, atol=1e-5 * alone.limit)
        assert [one.block for one in found[i]] == BLOCKS


def test_the_last_block_alone_is_the_same(small_instrumented, small_batch):
    every = compute(small_instrumented, small_batch, [None, 2, 0])
    alone = compute(small_instrumented, small_batch, [None, 2, 0], last_alone=True)
    for (found,), (*_, expected) in zip(alone, every, strict=True):
        assert found.block == expected.block == BLOCKS[-1]
        for part in ("shortcut", "residual", "total"):
            np.testing.assert_allclose(
                getattr(found, part), getattr(expected, part), rtol=0, atol=1e-5 * expected.limit
            )


@pytest.mark.parametrize("kind", ["option_a_instrumented", "tutorial_instrumented"])
def test_other_networks_split_too(kind, request, small_batch):
    instrumented = request.getfixturevalue(kind)

    for found in compute(instrumented, small_batch[:1], [4])[0]:
        assert found.error <= 1e-4
        assert found.limit > 0


def test_refusals(small_instrumented, plain_instrumented, small_batch):
    with pytest.raises(UnknownBlockError, match="conv3_block3"):
        split_gradcam(small_instrumented, small_batch[:1], "conv4_block1")
    with pytest.raises(UnknownClassError):
        split_gradcam(small_instrumented, small_batch[:1], "conv2_block1", 7)
    with pytest.raises(ArchitectureError, match="without shortcuts"):
        compute(plain_instrumented, small_batch[:1], [0])
