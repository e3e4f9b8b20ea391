"""The gradient split against finite differences in float64."""

import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.errors import ArchitectureError, UnknownClassError
from resnet_demo.measures.gradients import block_gradients, compute, gradient_splits
from resnet_demo.measures.overview import analyze

TARGETS = [4, 0, 6]
STEP = 1e-6


@pytest.fixture(scope="module")
def exact(exact_instrumented, small_batch):
    """Every block's gradients in float64, beside its name."""
    engine = exact_instrumented.engine
    gradients = block_gradients(engine, tf.constant(small_batch, tf.float64), tf.constant(TARGETS))
    return dict(zip((b.name for b in engine.architecture.blocks), gradients, strict=True))


@pytest.fixture(scope="module")
def layers(exact_instrumented, small_batch):
    return exact_instrumented.engine.forward(tf.constant(small_batch, tf.float64))


def _slope(function, x, direction):
    """The directional derivative of a function (N, h, w, c) → (N,), by a central difference."""
    return (function(x + STEP * direction) - function(x - STEP * direction)).numpy() / (2 * STEP)


@pytest.mark.parametrize(
    "name", ["conv2_block1", "conv2_block2", "conv3_block1", "conv3_block2", "conv3_block3"]
)
def test_the_split_is_what_finite_differences_say(exact_instrumented, exact, layers, name):
    engine = exact_instrumented.engine
    block = engine.architecture.block(name)
    x = layers[block.input]
    direction = tf.constant(np.random.default_rng(5).normal(size=x.shape))

    def logit(sum_):
        logits = engine.execute(block.sum, sum_, engine.architecture.logits)[engine.architecture.logits]
        return tf.gather(logits, TARGETS, batch_dims=1)

    def branches(x):
        values = engine.execute(block.input, x, block.sum)
        return values[block.shortcut], values[block.residual]

    s, f = branches(x)
    slopes = {
        "shortcut": _slope(lambda x: logit(branches(x)[0] + f), x, direction),
        "residual": _slope(lambda x: logit(s + branches(x)[1]), x, direction),
        "input": _slope(lambda x: logit(tf.add_n(branches(x))), x, direction),
    }
    for which, expected in slopes.items():
        found = tf.reduce_sum(getattr(exact[name], which) * direction, axis=(1, 2, 3)).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8, err_msg=which)
    assert np.abs(slopes["shortcut"] - slopes["residual"]).min() > 1e-4  # swapped branches would fail


def test_the_two_add_up_to_the_gradient_of_the_unsplit_network(exact_instrumented, exact, layers):
    engine = exact_instrumented.engine
    for block in engine.architecture.blocks:
        with tf.GradientTape() as tape:
            x = layers[block.input]
            tape.watch(x)
            logits = engine.execute(block.input, x, engine.architecture.logits)[engine.architecture.logits]
            logit = tf.gather(logits, TARGETS, batch_dims=1)
        expected = tape.gradient(logit, x)
        found = exact[block.name].shortcut + exact[block.name].residual
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


def test_records_are_the_gradients_reduced(small_instrumented, small_batch, exact, layers):
    found = compute(small_instrumented, small_batch, TARGETS)

    assert len(found) == len(small_batch)
    for image, splits in enumerate(found):
        for block, split in zip(small_instrumented.engine.architecture.blocks, splits, strict=True):
            g = exact[block.name]
            s, f, x, y, out = (t.numpy()[image] for t in (g.shortcut, g.residual, g.input, g.sum, g.output))
            assert split.block == block.name
            assert split.shortcut_rms == pytest.approx(np.sqrt((s**2).mean()), rel=1e-4)
            assert split.residual_rms == pytest.approx(np.sqrt((f**2).mean()), rel=1e-4)
            assert split.total_rms == pytest.approx(np.sqrt((x**2).mean()), rel=1e-4)
            assert split.ratio == pytest.approx(np.sqrt((f**2).mean() / (s**2).mean()), rel=1e-4)
            assert split.cosine == pytest.approx(
                (s * f).sum() / np.linalg.norm(s) / np.linalg.norm(f), abs=1e-4
            )
            closed = (layers[block.sum][image] < 0).numpy().mean() if block.has_relu else 0
            assert split.closed_gates == pytest.approx(closed, abs=1e-3)
            assert split.stopped == pytest.approx(1 - (y**2).sum() / (out**2).sum(), abs=1e-4)
            assert split.error <= 1e-5


def test_the_tutorials_formula_holds_in_identity_blocks_behind_the_gates(exact_instrumented, exact, layers):
    for block in exact_instrumented.engine.architecture.blocks:
        g = exact[block.name]
        gate = layers[block.sum] > 0 if block.has_relu else tf.ones_like(layers[block.sum], bool)
        np.testing.assert_array_equal(g.sum, tf.where(gate, g.output, 0))
        if block.skips_unchanged:
            np.testing.assert_array_equal(g.shortcut, g.sum)


def test_which_blocks_have_gates_and_an_unchanged_shortcut(small_instrumented, small_batch):
    splits = gradient_splits(small_instrumented, small_batch[:1])

    assert [split.unchanged for split in splits] == [False, True, False, True, True]
    assert [split.stopped == 0 and split.closed_gates == 0 for split in splits] == [
        False,
        False,
        False,
        True,
        False,
    ]


def test_the_top_class_is_the_default(small_instrumented, small_batch):
    top = int(small_instrumented.engine.logits(small_batch[:1]).argmax())

    found = gradient_splits(small_instrumented, small_batch[:1])

    expected = gradient_splits(small_instrumented, small_batch[:1], top)
    other = gradient_splits(small_instrumented, small_batch[:1], (top + 1) % 7)
    assert [s.residual_rms for s in found] == [s.residual_rms for s in expected]
    assert [s.residual_rms for s in found] != [s.residual_rms for s in other]


@pytest.mark.parametrize("kind", ["option_a_instrumented", "tutorial_instrumented"])
def test_other_networks_split_too(kind, request, small_batch):
    instrumented = request.getfixturevalue(kind)

    splits = gradient_splits(instrumented, small_batch[:1], 3)

    assert len(splits) == len(instrumented.engine.architecture.blocks)
    assert max(split.error for split in splits) <= 1e-4
    assert min(split.shortcut_rms for split in splits) > 0


def test_closed_gates_are_those_of_the_profile(small_instrumented, example_photos):
    analysis = analyze(small_instrumented, example_photos[0])

    splits = gradient_splits(small_instrumented, small_instrumented.batch(example_photos[0]))

    assert [s.closed_gates for s in splits] == pytest.approx(
        [b.closed_gates for b in analysis.blocks], abs=1e-3
    )


def test_an_unknown_class_and_a_plain_network_are_refused(
    small_instrumented, plain_instrumented, small_batch
):
    with pytest.raises(UnknownClassError):
        gradient_splits(small_instrumented, small_batch[:1], 7)
    with pytest.raises(ArchitectureError, match="without shortcuts"):
        gradient_splits(plain_instrumented, small_batch[:1])
