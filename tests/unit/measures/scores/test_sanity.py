"""Networks that have forgotten, and how far a map of theirs agrees: against Keras and SciPy by hand."""

import keras
import numpy as np
import pytest
from scipy.stats import spearmanr

from resnet_demo.errors import OptionError
from resnet_demo.measures.scores import scoring
from resnet_demo.measures.scores.methods import SCORED_METHODS
from resnet_demo.measures.scores.sanity import forgetful
from resnet_demo.measures.scores.scoring import Wanted, score

LAST = ("e_conv1", "e_conv2", "scores")  # the kernels of the small network's last block and head


def forgotten_by_hand(model, names):
    """The Keras model with those layers' kernels drawn anew, in the order of the model's weights."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    draw = np.random.default_rng(0)
    for variable in copy.weights:
        layer, _, kind = variable.path.rpartition("/")
        if kind == "kernel" and (names is None or layer in names):
            old = np.asarray(variable)
            variable.assign(draw.normal(old.mean(), old.std(), old.shape))
    return copy


def gradcam_by_hand(model, image, target, layer, of=lambda logits: logits):
    """Keras and GradientTape alone; in float64, where TensorFlow 2.21 does not crash."""
    import tensorflow as tf

    both = keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        activation, logits = both([image[np.newaxis]])
        score = of(logits)[0, target]
    weights = tf.reduce_mean(tape.gradient(score, activation), axis=(1, 2))
    return np.maximum((activation * weights[:, None, None, :]).numpy().sum(-1)[0], 0)


@pytest.mark.parametrize(("blocks", "names", "name"), [(1, LAST, "sanity_last"), (None, None, "sanity")])
def test_it_is_a_network_drawn_anew_by_hand_and_spearmans_rank_correlation(
    exact_instrumented, small_batch, blocks, names, name
):
    trained = exact_instrumented.network.model
    by_hand = forgotten_by_hand(trained, names)
    logits = by_hand(small_batch.astype(float)).numpy()
    found = forgetful(exact_instrumented, blocks).engine.logits(small_batch)
    np.testing.assert_allclose(found, logits, rtol=1e-9, atol=1e-9)
    targets = [2, 0, 5]
    wanted = Wanted(("gradcam",), ("conv3_block2", "conv2_block2"), (name,))
    scores = score(exact_instrumented, small_batch, targets, [None] * 3, wanted)
    known = 0
    for layer, output in (("conv3_block2", "d_sum"), ("conv2_block2", "b_output")):
        for image, target, one in zip(small_batch.astype(float), targets, scores, strict=True):
            maps = [gradcam_by_hand(net, image, target, output).ravel() for net in (trained, by_hand)]
            defined = all(np.ptp(one_map) for one_map in maps)  # not where all speaks against the class
            expected = spearmanr(*maps).statistic if defined else np.nan
            known += defined
            assert one["gradcam"][layer][name] == pytest.approx(expected, abs=1e-6, nan_ok=True)
    assert known >= 3


@pytest.mark.parametrize("target", [1, 4])
def test_grad_cam_of_the_probability_is_that_of_the_softmax(exact_instrumented, small_batch, target):
    model, at = exact_instrumented.network.model, "conv3_block2"
    image = small_batch[1].astype(np.float64)
    (found,) = SCORED_METHODS["gradcam_probability"](exact_instrumented, image[np.newaxis], [target], [at])[
        at
    ]
    expected = gradcam_by_hand(model, image, target, "d_sum", keras.ops.softmax)
    assert expected.max() > 0
    np.testing.assert_allclose(found / found.max(), expected / expected.max(), atol=1e-9)
    logits = gradcam_by_hand(model, image, target, "d_sum")
    assert np.abs(expected / expected.max() - logits / logits.max()).max() > 0.01


def test_all_but_what_is_forgotten_stays(small_instrumented):
    trained = small_instrumented.network.model
    before = [np.asarray(weight).copy() for weight in trained.weights]
    found = forgetful(small_instrumented, 1).network.model
    changed = {
        old.path
        for old, new in zip(trained.weights, found.weights, strict=True)
        if not np.array_equal(old, new)
    }
    assert changed == {f"{layer}/kernel" for layer in LAST}
    assert all(np.array_equal(a, b) for a, b in zip(before, trained.weights, strict=True))
    for old, new in zip(trained.weights, found.weights, strict=True):
        if old.path in changed:  # the scale is not lost
            assert np.std(new) == pytest.approx(np.std(old), rel=0.3)


@pytest.fixture
def extremes(monkeypatch):
    """A map that looks at the photo alone, and one that looks at the weights alone."""

    def edges(model, batch, targets, layers):
        return dict.fromkeys(layers, np.abs(np.diff(batch[..., 0], axis=2)))

    def weights(model, batch, targets, layers):
        kernel = np.asarray(model.network.model.get_layer("a_conv2").kernel).ravel()[:96]
        return dict.fromkeys(layers, np.stack([kernel.reshape(8, 12)] * len(batch)))

    monkeypatch.setitem(SCORED_METHODS, "edges", edges)
    monkeypatch.setitem(SCORED_METHODS, "weights", weights)


def test_known_extremes(small_instrumented, small_batch, extremes):
    """An edge detector passes for a heatmap although it knows nothing of the network: sanity tells, 1."""
    wanted = Wanted(("edges", "weights"), ("conv3_block3",), ("sanity", "stability"))
    for one in score(small_instrumented, small_batch, [0, 1, 2], [None] * 3, wanted):
        edges, weights = (one[method]["conv3_block3"] for method in ("edges", "weights"))
        assert edges["sanity"] == pytest.approx(1)
        assert edges["stability"] < 0.999
        assert abs(weights["sanity"]) < 0.4
        assert weights["stability"] == pytest.approx(1)


def test_a_network_without_blocks_can_forget_everything_only(plain_instrumented):
    batch = np.random.default_rng(0).normal(0, 1, (1, 32, 48, 3)).astype(np.float32)
    wanted = Wanted(
        ("gradcam",), scoring.usual_layers(plain_instrumented.engine.architecture), scoring.SCORES
    )
    (found,) = score(plain_instrumented, batch, [0], [None], wanted, steps=2)
    for values in found["gradcam"].values():
        assert set(values) == set(scoring.SCORES) - {"sanity_last", "pointing", "energy"}


@pytest.mark.parametrize("blocks", [0, 6])
def test_no_more_blocks_forget_than_there_are(small_instrumented, blocks):
    with pytest.raises(OptionError, match="1 to 5"):
        forgetful(small_instrumented, blocks)
