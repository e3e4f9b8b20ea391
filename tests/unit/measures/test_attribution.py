"""tf-keras-vis behind its adapter: each method against its definition in NumPy, on the small network."""

import ast
import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.errors import OptionError, UnknownClassError, UnknownLayerError
from resnet_demo.measures import attribution

BLOCK, LAYER = "conv2_block2", "b_output"  # 8×12 layers, 12 channels


@pytest.fixture(scope="module")
def batch(small_batch):
    return small_batch[:1]


@pytest.fixture(scope="module")
def keras_pass(small_instrumented):
    """On the Keras model: the activation (h, w, c) at LAYER, ∂logit/∂activation and ∂logit/∂pixel."""
    model = small_instrumented.network.model
    watched = keras.Model(model.input, [model.get_layer(LAYER).output, model.output])

    @tf.function
    def run(x, target):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            activation, logits = watched(x, training=False)
            score = logits[0, target]
        return activation[0], tape.gradient(score, activation)[0], tape.gradient(score, x)[0]

    return lambda x, target: [t.numpy() for t in run(tf.constant(x), tf.constant(target))]


def _close(found, expected, tolerance=1e-4):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * np.abs(expected).max())


@pytest.mark.parametrize("target", [0, 4, 5])
def test_gradcam_plus_plus_is_the_papers(small_instrumented, batch, keras_pass, target):
    found = attribution.heatmap(small_instrumented, batch, "gradcam++", BLOCK, target)

    a, g, _ = (t.astype(np.float64) for t in keras_pass(batch, target))
    alpha = np.divide(g**2, 2 * g**2 + a.sum(axis=(0, 1)) * g**3, out=np.zeros_like(g), where=g != 0)
    alpha /= alpha.sum(axis=(0, 1))
    expected = np.maximum((a * (alpha * np.maximum(g, 0)).sum(axis=(0, 1))).sum(axis=-1), 0)
    assert found.layer == LAYER
    assert expected.max() > 0
    _close(found.gradcam, expected, 1e-2)  # α has poles, near which it magnifies the last digits of g


def test_gradcam_plus_plus_does_not_overflow_for_a_large_logit(small_instrumented, batch):
    found = attribution.heatmap(small_instrumented, batch * 400, "gradcam++", BLOCK)

    assert small_instrumented.engine.logits(batch * 400).max() > 89, "exp of this is no float32"
    assert np.isfinite(found.gradcam).all()
    assert found.gradcam.max() > 0


def _stretched(maps, height, width):
    """(h, w, c) to (height, width, c), bilinear with the corners kept."""
    h, w, _ = maps.shape
    rows, columns = np.linspace(0, h - 1, height), np.linspace(0, w - 1, width)
    tall = np.apply_along_axis(lambda v: np.interp(rows, np.arange(h), v), 0, maps)
    return np.apply_along_axis(lambda v: np.interp(columns, np.arange(w), v), 1, tall)


@pytest.mark.parametrize("channels", [5, 1000])
def test_faster_scorecam_is_its_definition(small_instrumented, batch, keras_pass, channels):
    target, calls = 2, []

    found = attribution.heatmap(
        small_instrumented, batch, "faster-scorecam", BLOCK, target,
        channels=min(channels, 256), progress=lambda *done: calls.append(done),
    )  # fmt: skip

    a = keras_pass(batch, target)[0]
    kept = a[..., np.argsort(-a.std(axis=(0, 1)))[:channels]]
    masks = _stretched(kept, 32, 48)
    low, high = masks.min(axis=(0, 1)), masks.max(axis=(0, 1))
    masked = batch * ((masks - low) / (high - low + 1e-7)).transpose(2, 0, 1)[..., np.newaxis]
    logits = small_instrumented.network.model(masked.astype(np.float32), training=False).numpy()
    probability = np.exp(logits[:, target]) / np.exp(logits).sum(axis=1)
    assert found.layer == LAYER
    _close(found.gradcam, np.maximum(kept @ probability, 0))
    assert calls == ([(5, 5)] if channels == 5 else [(8, 12), (12, 12)])


def test_saliency_is_smoothgrad(small_instrumented, batch, keras_pass):
    calls = []

    found = attribution.heatmap(
        small_instrumented, batch, "saliency", BLOCK, 3, samples=4, progress=lambda *done: calls.append(done)
    )

    noise = np.random.default_rng(0)
    copies = [batch + noise.normal(0, 0.2 * np.ptp(batch), batch.shape).astype(np.float32) for _ in range(4)]
    expected = np.mean([np.abs(keras_pass(copy, 3)[2]) for copy in copies], axis=0).max(axis=-1)
    assert found.layer == "photo"
    assert found.gradcam.shape == (32, 48)
    _close(found.gradcam, expected)
    np.testing.assert_array_equal(found.heatmap, found.gradcam)
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("method", attribution.METHODS)
def test_without_a_target_the_top_class_is_explained_and_always_the_same(small_instrumented, batch, method):
    top = int(np.argmax(small_instrumented.engine.logits(batch)[0]))

    first, second, other = (
        attribution.heatmap(small_instrumented, batch, method, BLOCK, target, samples=2).heatmap
        for target in (None, top, (top + 1) % 7)
    )

    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    assert first.shape == (32, 48)
    assert first.dtype == np.float32


@pytest.mark.parametrize("method", attribution.METHODS)
def test_the_user_is_told_how_far_it_is(small_instrumented, batch, method):
    calls = []

    attribution.heatmap(
        small_instrumented, batch, method, BLOCK, samples=3, progress=lambda *done: calls.append(done)
    )

    assert calls == sorted(calls)
    assert calls[-1][0] == calls[-1][1]


@pytest.mark.parametrize("method", attribution.METHODS)
def test_nothing_is_left_behind(small_instrumented, batch, method, capfd):
    model, before = small_instrumented.network.model, batch.copy()
    weights = model.get_weights()
    attributes, state = set(vars(model)), np.random.get_state()[1].copy()  # noqa: NPY002

    attribution.heatmap(small_instrumented, batch, method, BLOCK, samples=2)

    np.testing.assert_array_equal(batch, before)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    for old, new in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert set(vars(model)) == attributes
    assert model.predict_function is None
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("method", attribution.METHODS)
def test_a_network_in_float64_gives_the_same_map(small_instrumented, exact_instrumented, batch, method):
    expected, found = (
        attribution.heatmap(e, batch, method, BLOCK, 3, samples=2)
        for e in (small_instrumented, exact_instrumented)
    )

    _close(found.heatmap, expected.heatmap, 1e-2)
    assert found.layer == expected.layer


def test_an_unknown_method_is_refused_with_those_there_are(small_instrumented, batch):
    with pytest.raises(OptionError, match=r"'gradcam'. Accepted: gradcam\+\+, faster-scorecam, saliency"):
        attribution.heatmap(small_instrumented, batch, "gradcam", BLOCK)


@pytest.mark.parametrize(
    ("option", "accepted"),
    [({"channels": 0}, 256), ({"channels": 257}, 256), ({"samples": -1}, 100), ({"samples": 101}, 100)],
)
def test_an_option_outside_its_range_is_refused(small_instrumented, batch, option, accepted):
    ((name, value),) = option.items()

    with pytest.raises(OptionError, match=f"`{name}`.*Received: {name}={value}. Accepted: 1 to {accepted}"):
        attribution.heatmap(small_instrumented, batch, "saliency", BLOCK, **option)


def test_an_unknown_layer_or_class_is_refused(small_instrumented, batch):
    with pytest.raises(UnknownLayerError, match="'conv7'"):
        attribution.heatmap(small_instrumented, batch, "saliency", "conv7")
    with pytest.raises(UnknownClassError, match=r"Received: 7\. Accepted: 0 to 6"):
        attribution.heatmap(small_instrumented, batch, "gradcam++", BLOCK, 7)


def test_the_package_is_not_imported_at_the_start():
    tree = ast.parse(inspect.getsource(attribution))

    imports = [n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]

    assert "tf_keras_vis" not in " ".join(map(ast.unparse, imports))
    assert "from tf_keras_vis" in ast.unparse(tree), "but it is, later"
