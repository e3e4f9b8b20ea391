"""The ledger against the network with its gates frozen, in float64, built from the Keras layers themselves."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from resnet_demo.errors import ArchitectureError, UnknownClassError
from resnet_demo.measures.logit_attribution import compute, logit_attribution

TARGETS = [4, 0, 6]


class Frozen:
    """The small network with each block's gates and residual branch held as they are on these pictures.

    What is left is linear in the residual branches, the stem and the biases, so the logit's share of any of them
    is what is missing when it is set to zero.
    """

    def __init__(self, instrumented, batch):
        self.model, self.blocks = instrumented.network.model, instrumented.engine.architecture.blocks
        watched = {n for b in self.blocks for n in (b.input, b.shortcut, b.residual, b.sum)}
        outputs = {n: self.model.get_layer(n).output for n in watched}
        self.values = {
            name: value.numpy() for name, value in keras.Model(self.model.input, outputs)(batch).items()
        }
        self.stem = self.values[self.blocks[0].input]
        self.residuals = {b.name: self.values[b.residual] for b in self.blocks}
        self.without_bias: set[str] = set()

    def shortcut(self, block, x):
        """S of one block, less its bias if asked for."""
        for suffix in ("", "_bn"):
            if block.kind == "projection":
                layer = self.model.get_layer(block.shortcut.removesuffix("_bn") + suffix)
                x = layer(x).numpy()
        if block.kind == "projection" and block.name in self.without_bias:
            x -= self.model.get_layer(block.shortcut)(
                self.model.get_layer(block.shortcut.removesuffix("_bn"))(
                    np.zeros_like(self.values[block.input])
                )
            ).numpy()
        return x

    def logits(self, stem=None, **residuals):
        """Logits (N, 7), with some residual branches, or the stem, replaced."""
        x = self.stem if stem is None else stem
        for block in self.blocks:
            x = self.shortcut(block, x) + residuals.get(block.name, self.residuals[block.name])
            if block.has_relu:
                x = x * (self.values[block.sum] > 0)
        return self.model.get_layer("scores")(self.model.get_layer("mean")(x)).numpy()

    def share(self, stem=None, **residuals):
        """What each picture's target logit loses by the replacement, (N,)."""
        lost = self.logits() - self.logits(stem, **residuals)
        return lost[np.arange(len(lost)), TARGETS]


@pytest.fixture(scope="module")
def frozen(exact_instrumented, small_batch):
    return Frozen(exact_instrumented, small_batch.astype(np.float64))


@pytest.fixture(scope="module")
def exact(exact_instrumented, small_batch):
    return compute(exact_instrumented, small_batch, TARGETS)


def _all_close(found, expected):
    # The Keras model casts its input to float32, so 1e-6 and not 1e-12.
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_the_frozen_network_says_the_same(frozen, exact_instrumented, small_batch):
    _all_close(frozen.logits(), exact_instrumented.engine.logits(small_batch))


def test_a_blocks_contribution_is_what_the_frozen_network_loses_with_it(frozen, exact):
    for i, block in enumerate(frozen.blocks):
        expected = frozen.share(**{block.name: np.zeros_like(frozen.residuals[block.name])})
        _all_close([one.entries[i].contribution for one in exact], expected)
        assert {one.entries[i].block for one in exact} == {block.name}


def test_a_position_of_a_blocks_map_is_what_the_frozen_network_loses_with_it(frozen, exact):
    for i, block in enumerate(frozen.blocks):
        height, width, _ = block.shape
        for row, column in ((0, 0), (height - 1, 1), (1, width - 2)):
            residual = frozen.residuals[block.name].copy()
            residual[:, row, column] = 0
            _all_close(
                [one.entries[i].map[row, column] for one in exact], frozen.share(**{block.name: residual})
            )


def test_the_stem_is_what_the_frozen_network_loses_with_it(frozen, exact):
    _all_close([one.stem for one in exact], frozen.share(stem=np.zeros_like(frozen.stem)))
    corner = frozen.stem.copy()
    corner[:, 2, 7] = 0
    _all_close([one.stem_map[2, 7] for one in exact], frozen.share(stem=corner))


def test_a_projections_bias_is_what_the_frozen_network_loses_with_it(
    exact_instrumented, small_batch, frozen, exact
):
    full = frozen.logits()
    for i, block in enumerate(frozen.blocks):
        less = Frozen(exact_instrumented, small_batch.astype(np.float64))
        less.without_bias = {block.name}
        expected = (full - less.logits())[np.arange(3), TARGETS]
        found = [one.entries[i].projection_bias for one in exact]
        _all_close(found, expected)
        assert all(bias != 0 for bias in found) == (block.kind == "projection")


def test_the_class_bias_is_the_dense_layers(frozen, exact):
    bias = frozen.model.get_layer("scores").bias.numpy()

    assert [one.class_bias for one in exact] == pytest.approx(list(bias[TARGETS]))


def test_everything_adds_up_to_the_logit(exact, exact_instrumented, small_batch):
    logits = exact_instrumented.engine.logits(small_batch)[np.arange(3), TARGETS]

    assert [one.logit for one in exact] == pytest.approx(list(logits), rel=1e-12)
    for one in exact:
        parts = [entry.contribution for entry in one.entries]
        biases = [entry.projection_bias for entry in one.entries]
        assert one.sum == pytest.approx(one.class_bias + one.stem + sum(biases) + sum(parts), rel=1e-12)
        assert one.error <= 1e-12 * max(1, abs(one.logit))


def test_float32_leaves_rounding_only(small_instrumented, small_batch, exact):
    for found, expected in zip(compute(small_instrumented, small_batch, TARGETS), exact, strict=True):
        assert found.error <= 1e-5 * max(1, abs(found.logit))
        for one, other in zip(found.entries, expected.entries, strict=True):
            scale = max(1, np.abs(other.map).max())
            np.testing.assert_allclose(one.map, other.map, rtol=0, atol=1e-4 * scale)
            assert one.map.dtype == np.float32
            assert one.contribution == pytest.approx(one.map.sum(dtype=np.float64))


@pytest.mark.parametrize("kind", ["option_a_instrumented", "tutorial_instrumented"])
def test_other_networks_add_up_too(kind, request, small_batch):
    instrumented = request.getfixturevalue(kind)

    for target in (0, 5):
        found = logit_attribution(instrumented, small_batch[:1], target)

        expected = instrumented.network.model(small_batch[:1], training=False).numpy()[0, target]
        assert found.logit == pytest.approx(expected, rel=1e-4, abs=1e-4)
        assert found.error <= 1e-5 * max(1, abs(found.logit))
        assert (found.projection_biases == 0) == (kind == "option_a_instrumented")


def test_the_constant_of_a_shortcut_with_a_relu_is_that_of_its_open_units(tutorial_instrumented, small_batch):
    """There ⟨b, v⟩ of v's weights: one block, then identity, no gates, so v is the head's weight everywhere."""
    model, block = tutorial_instrumented.network.model, tutorial_instrumented.engine.architecture.blocks[0]
    norm = model.get_layer(block.shortcut)
    relu = norm.input._keras_history.operation
    convolution = relu.input._keras_history.operation
    opened = keras.Model(model.input, relu.output)(small_batch[:1]).numpy()[0] > 0
    scale = norm.gamma.numpy() / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    constant = scale * (opened * convolution.bias.numpy() - norm.moving_mean.numpy()) + norm.beta.numpy()
    weight = model.layers[-1].kernel.numpy()[:, 3] / 24  # the head averages 4×6 positions

    found = logit_attribution(tutorial_instrumented, small_batch[:1], 3)

    assert found.entries[0].projection_bias == pytest.approx((constant * weight).sum(), rel=1e-4)
    assert 0.1 < opened.mean() < 0.9


def test_the_top_class_is_the_default(small_instrumented, small_batch):
    top = int(small_instrumented.engine.logits(small_batch[1:2]).argmax())

    found = logit_attribution(small_instrumented, small_batch[1:2])

    assert found.target == top
    assert found.stem == logit_attribution(small_instrumented, small_batch[1:2], top).stem


def test_refusals(small_instrumented, plain_instrumented, small_batch):
    with pytest.raises(UnknownClassError):
        logit_attribution(small_instrumented, small_batch[:1], -1)
    with pytest.raises(ArchitectureError, match="without shortcuts"):
        logit_attribution(plain_instrumented, small_batch[:1])


def _one_block(x, filters, norm_below=False):
    f = layers.Conv2D(filters, 3, padding="same")(x)
    x = layers.ReLU()(layers.Add()([f, x]))
    return layers.BatchNormalization()(x) if norm_below else x


def _with_head(make_instrumented, head):
    """One block, and a head that `head` makes of its output."""
    photo = keras.Input((32, 48, 3))
    x = layers.MaxPooling2D(3)(layers.Conv2D(5, 3, activation="relu")(photo))
    return make_instrumented(keras.Model(photo, head(_one_block(x, 5))))


def _relu_norm_and_pooling(x):
    """Linear where nothing changes sides: ReLU, in three ways, BatchNorm, pooling, dense layers."""
    x = layers.BatchNormalization()(layers.Conv2D(6, 3)(x))
    x = layers.GlobalMaxPooling2D()(layers.ReLU()(x))
    x = layers.Activation("relu")(layers.Dense(9, activation="relu")(x))
    return layers.Dense(7)(layers.BatchNormalization()(layers.Dropout(0.5)(x)))


def test_a_head_that_is_piecewise_linear_is_exact(make_instrumented, small_batch):
    """Its constant is the logit less ⟨∂logit/∂x, x⟩, here by a tape over the Keras layers themselves."""
    instrumented = _with_head(make_instrumented, _relu_norm_and_pooling)
    model, spec = instrumented.network.model, instrumented.engine.architecture
    last = spec.blocks[-1].output
    below = keras.Model(model.input, model.get_layer(last).output)
    start = [layer.name for layer in model.layers].index(last) + 1
    features = tf.constant(below(small_batch))
    with tf.GradientTape() as tape:
        tape.watch(features)
        x = features
        for layer in model.layers[start:]:
            x = layer(x)
        logit = x[:, 3]
    gradient = tape.gradient(logit, features)
    expected = (logit - tf.einsum("nhwc,nhwc->n", gradient, features)).numpy()

    found = compute(instrumented, small_batch, [3, 3, 3])

    np.testing.assert_allclose([one.class_bias for one in found], expected, rtol=1e-4, atol=1e-4)
    assert len({round(one.class_bias, 3) for one in found}) > 1, "photos open other units"
    for one, value in zip(found, logit.numpy(), strict=True):
        assert one.logit == pytest.approx(value, rel=1e-4, abs=1e-4)
        assert one.error <= 1e-5 * max(1, abs(one.logit))


def test_a_head_that_is_not_piecewise_linear_is_refused(make_instrumented, small_batch):
    instrumented = _with_head(
        make_instrumented,
        lambda x: layers.Dense(7)(layers.Dense(9, activation="tanh")(layers.GlobalAveragePooling2D()(x))),
    )

    with pytest.raises(ArchitectureError, match="head that is piecewise linear"):
        logit_attribution(instrumented, small_batch[:1])


def test_layers_between_blocks_bring_a_constant_of_their_own(make_instrumented, small_batch):
    photo = keras.Input((32, 48, 3))
    x = layers.MaxPooling2D(3)(layers.Conv2D(5, 3, activation="relu")(photo))
    x = _one_block(_one_block(x, 5, norm_below=True), 5)
    scores = layers.Dense(7)(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(photo, scores)
    (norm,) = (layer for layer in model.layers if isinstance(layer, layers.BatchNormalization))
    instrumented = make_instrumented(model)

    found = logit_attribution(instrumented, small_batch[:1], 3)

    assert found.error <= 1e-5 * max(1, abs(found.logit))
    below, above = found.entries
    assert below.projection_bias == 0
    gammas, betas, means, variances = norm.get_weights()
    offset = betas - means * gammas / np.sqrt(variances + norm.epsilon)
    # The residual branch above is taken as it is, so what comes through its shortcut counts alone.
    block = instrumented.engine.architecture.blocks[1]
    out = keras.Model(photo, model.get_layer(block.output).output)(small_batch[:1])
    per_unit = model.layers[-1].get_weights()[0][:, 3] / (out.shape[1] * out.shape[2])
    expected = np.sum(offset * per_unit * (np.asarray(out) > 0))
    assert above.projection_bias == pytest.approx(expected, rel=1e-4)
