"""Step 9: every single path of the small network by Keras' own gradients, one after the other."""

from collections import defaultdict
from itertools import combinations
from math import comb

import keras
import numpy as np
import pytest
from scipy.stats import kendalltau

from resnet_demo.errors import OptionError
from resnet_demo.learn.claims import paths as step
from resnet_demo.measures import sampled_paths
from resnet_demo.measures.block_order import exchangeable, reordered_logits, tau_distance
from resnet_demo.measures.path_lengths import compute
from resnet_demo.results.paths import SampledPaths

TARGET = 3
BLOCKS = 5


def _path(run, passed, target):
    """The gradient that comes down one path, which passes the residual branches of the blocks `passed`."""
    gradient = run.gradient(run.blocks[-1].output, target)
    for i, block in reversed(list(enumerate(run.blocks))):
        gradient = run.back(block, "residual" if i in passed else "shortcut", gradient * run.mask(block))
    return gradient.numpy()


@pytest.fixture(scope="module")
def every_path(exact_instrumented, small_batch, taped):
    """The 32 gradients, by length."""
    run, found = taped(exact_instrumented, small_batch[:1]), defaultdict(list)
    for k in range(BLOCKS + 1):
        for passed in combinations(range(BLOCKS), k):
            found[k].append(_path(run, passed, TARGET))
    return found, run.gradient(run.blocks[0].input, TARGET).numpy()


def test_the_gradient_by_length_is_the_sum_over_all_paths(exact_instrumented, small_batch, every_path):
    by_length, whole = every_path
    np.testing.assert_allclose(sum(sum(one) for one in by_length.values()), whole, rtol=1e-6, atol=1e-9)

    (found,) = compute(exact_instrumented, small_batch[:1], [TARGET])

    assert found.counts == tuple(comb(BLOCKS, k) for k in range(BLOCKS + 1))
    assert (found.blocks, found.target, found.longer_norm, found.longer_share) == (BLOCKS, TARGET, 0, 0)
    for k in range(BLOCKS + 1):
        total = sum(by_length[k])
        assert found.norms[k] == pytest.approx(float(np.linalg.norm(total)), rel=1e-5)
        share = np.vdot(total, whole) / np.vdot(whole, whole)
        assert found.shares[k] == pytest.approx(float(share), rel=1e-5, abs=1e-9)
    assert sum(found.shares) == pytest.approx(1)
    assert found.error <= 1e-12
    weights = np.array([np.linalg.norm(sum(by_length[k])) for k in range(BLOCKS + 1)])
    assert found.mean_length == pytest.approx(
        float((weights @ np.arange(BLOCKS + 1)) / weights.sum()), rel=1e-5
    )


def test_where_all_paths_are_drawn_each_arrives_as_it_does_by_keras(
    exact_instrumented, small_batch, every_path
):
    by_length, _ = every_path

    (found,) = sampled_paths.compute(exact_instrumented, small_batch[:1], [TARGET], branches=50)

    assert found.target == TARGET
    assert found.drawn == found.counts == tuple(comb(BLOCKS, k) for k in range(BLOCKS + 1))
    assert found.errors == (0,) * (BLOCKS + 1)
    means = [np.mean([np.linalg.norm(one) for one in by_length[k]]) for k in range(BLOCKS + 1)]
    np.testing.assert_allclose(found.means, means, rtol=1e-6)
    all_of_them = np.array(means) * found.counts
    np.testing.assert_allclose(found.shares, all_of_them / all_of_them.sum(), rtol=1e-6)
    assert found.share_errors == (0,) * (BLOCKS + 1)
    assert found.mean_length == pytest.approx(float(all_of_them @ np.arange(BLOCKS + 1) / all_of_them.sum()))
    assert found.decay == pytest.approx((means[-1] / means[0]) ** (1 / BLOCKS))


def test_of_a_draw_mean_and_standard_error(exact_instrumented, small_batch, every_path):
    by_length, _ = every_path
    norm_of = {
        passed: float(np.linalg.norm(gradient))
        for k, gradients in by_length.items()
        for passed, gradient in zip(combinations(range(BLOCKS), k), gradients, strict=True)
    }
    gates = sampled_paths.draw(BLOCKS, 8)
    drawn = [norm_of[tuple(np.flatnonzero(one).tolist())] for one in gates]
    of_length = [np.array(drawn)[gates.sum(axis=1) == k] for k in range(BLOCKS + 1)]

    (found,) = sampled_paths.compute(exact_instrumented, small_batch[:1], [TARGET], branches=8)

    assert found.drawn == tuple(map(len, of_length)) == (1, 5, 4, 2, 2, 1)
    np.testing.assert_allclose(found.means, [one.mean() for one in of_length], rtol=1e-6)
    errors = [
        np.sqrt(((one - one.mean()) ** 2).sum() / (len(one) - 1) / len(one) * (count - len(one)) / count)
        if len(one) < count
        else 0
        for one, count in zip(of_length, found.counts, strict=True)
    ]
    np.testing.assert_allclose(found.errors, errors, rtol=1e-5)


def test_the_errors_of_shares_are_those_of_many_draws():
    means, errors = np.array([4.0, 2.0, 0.5]), np.array([0.0, 0.04, 0.02])
    found = SampledPaths(0, (1, 2, 1), (1, 2, 1), tuple(means), tuple(errors))
    drawn = np.random.default_rng(0).normal(means, errors, (20_000, 3)) * found.counts

    spread = (drawn / drawn.sum(axis=1, keepdims=True)).std(axis=0)

    np.testing.assert_allclose(found.share_errors, spread, rtol=0.03)


def test_no_path_is_drawn_twice_and_the_short_ones_most():
    gates = sampled_paths.draw(16, 48)

    assert len({tuple(one) for one in gates}) == len(gates)
    lengths = gates.sum(axis=1)
    assert [int((lengths == k).sum()) for k in range(17)] == [
        1,
        16,
        24,
        16,
        12,
        9,
        8,
        6,
        6,
        5,
        4,
        4,
        4,
        3,
        3,
        3,
        1,
    ]
    assert len(sampled_paths.draw(50, 50)) > 2 * 49
    assert sampled_paths.work(16) == 2 * sampled_paths.passes_in(16) + sampled_paths.draw(16, 50).sum() / 16


def test_a_walk_can_be_ended(small_instrumented, small_batch):
    def stop(done, total):
        raise KeyboardInterrupt(done, total)

    with pytest.raises(KeyboardInterrupt, match=r"1, 4"):
        sampled_paths.compute(small_instrumented, small_batch[:2], [None, None], progress=stop)


def test_longer_paths_are_taken_together(exact_instrumented, small_batch, every_path):
    by_length, _ = every_path

    (found,) = compute(exact_instrumented, small_batch[:1], [TARGET], longest=2)

    rest = sum(sum(by_length[k]) for k in (3, 4, 5))
    assert len(found.norms) == len(found.shares) == 3
    assert found.longer_norm == pytest.approx(float(np.linalg.norm(rest)), rel=1e-5)
    assert found.longer_share + sum(found.shares) == pytest.approx(1)
    assert found.error is None


def test_every_image_is_its_own(small_instrumented, small_batch):
    both = compute(small_instrumented, small_batch[:2], [1, None])
    sampled = sampled_paths.compute(small_instrumented, small_batch[:2], [1, None], branches=5)

    for i, target in enumerate((1, None)):
        (alone,) = compute(small_instrumented, small_batch[i : i + 1], [target])
        np.testing.assert_allclose(both[i].norms, alone.norms, rtol=1e-5)
        (alone,) = sampled_paths.compute(small_instrumented, small_batch[i : i + 1], [target], branches=5)
        np.testing.assert_allclose(sampled[i].means, alone.means, rtol=1e-5)


@pytest.mark.parametrize("kind", ["option_a_instrumented", "tutorial_instrumented"])
def test_other_networks_add_up_too(kind, request, small_batch):
    (found,) = compute(request.getfixturevalue(kind), small_batch[:1], [2])

    assert found.error <= 1e-4
    assert sum(found.shares) == pytest.approx(1, abs=1e-4)


def test_exchanged_blocks_are_the_keras_layers_in_another_order(small_instrumented, small_batch):
    engine, model = small_instrumented.engine, small_instrumented.network.model
    assert exchangeable(engine.architecture.blocks) == ((3, 4),)
    x = keras.Model(model.input, model.get_layer("c_output").output)(small_batch)

    def through(x, *names):
        for name in names:
            x = model.get_layer(name)(x)
        return x

    e = through(x, "e_conv1", "e_bn1", "e_relu1", "e_conv2", "e_bn2")
    x = through(x + e, "e_output")
    x = x + through(x, "d_conv1", "d_relu1", "d_bn1", "d_conv2", "d_relu2", "d_bn2")
    expected = through(x, "mean", "scores").numpy()

    np.testing.assert_allclose(
        reordered_logits(engine, small_batch, [0, 1, 2, 4, 3]), expected, rtol=1e-4, atol=1e-4
    )
    whole = reordered_logits(engine, small_batch, range(BLOCKS))
    np.testing.assert_allclose(whole, engine.logits(small_batch), rtol=1e-4, atol=1e-4)
    assert np.abs(whole - expected).max() > 1e-2


@pytest.mark.parametrize("order", [[0, 2, 1, 3, 4], [0, 1, 2, 3, 3], [0, 1, 2, 3], [1, 0, 2, 3, 4]])
def test_other_orders_are_refused(order, small_instrumented, small_batch):
    with pytest.raises(OptionError, match=r"Accepted: \(3, 4\)"):
        reordered_logits(small_instrumented.engine, small_batch[:1], order)


def test_the_distance_is_kendalls():
    order = [3, 1, 0, 5, 2, 4]

    tau = kendalltau(range(6), order).statistic

    assert tau_distance(order) == pytest.approx((1 - tau) / 2 * comb(6, 2))
    assert tau_distance(range(6)) == 0
    assert tau_distance(range(6)[::-1]) == comb(6, 2)


def test_the_step_of_the_small_network(small_instrumented, small_batch, at, without, taped):
    reported = []

    check = step.compute(
        at(small_instrumented, small_batch[:1], TARGET, "", lambda *done: reported.append(done))
    )

    data, values, blocks = check.data, check.values, small_instrumented.engine.architecture.blocks
    assert reported == [(done, reported[-1][1]) for done in range(1, reported[-1][1] + 1)]
    whole = taped(small_instrumented, small_batch[:1]).logits.numpy()[0]
    for block, one in zip(blocks, data["lesions"], strict=True):
        with without(small_instrumented, block):
            logits = taped(small_instrumented, small_batch[:1]).logits.numpy()[0]
        assert one["logit"] == pytest.approx(float(logits[TARGET]), abs=1e-4)
        assert one["same"] == (logits.argmax() == whole.argmax())
    with without(small_instrumented, *blocks):
        logits = taped(small_instrumented, small_batch[:1]).logits.numpy()[0]
    assert data["removed"][-1]["count"] == BLOCKS
    assert data["removed"][-1]["logit"] == pytest.approx(float(logits[TARGET]), abs=1e-4)
    assert [one["distance"] for one in data["orders"]] == [1]  # there is one other order
    assert values["survived"] + values["needed"] == BLOCKS
    assert values["paths"] == "32"
    assert values["short"] == pytest.approx(sum(data["lengths"].shares[:2]))


def test_removals_and_orders_are_of_every_size():
    rng = np.random.default_rng(0)

    plan = step._removals(16, rng)
    orders = step._orders(((1, 2), (4, 5, 6), (8, 9, 10, 11, 12), (14, 15)), 16, rng)

    counts = [int((gates == 0).sum()) for gates in plan]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (2, 16)
    assert len({tuple(gates) for gates in plan}) == len(plan)
    distances = [tau_distance(order) for order in orders]
    assert len(set(distances)) == step.ORDERS
    assert distances == sorted(distances)
    assert distances[0] >= 1
    assert all(sorted(order) == list(range(16)) for order in orders)
    assert step._orders((), 3, rng) == []
    assert [int(g.sum()) for g in step._removals(1, rng)] == [0]


def test_the_bundled_weights(instrumented, example_batch, taped):
    """By the same recursion over Keras' own gradients, for the paths of up to two residual branches."""
    (found,) = compute(instrumented, example_batch[:1], [TARGET])

    run, longest = taped(instrumented, example_batch[:1]), 2
    sums = [run.gradient(run.blocks[-1].output, TARGET)]
    for block in reversed(run.blocks):
        masked = [gradient * run.mask(block) for gradient in sums]
        by_shortcut = [run.back(block, "shortcut", gradient) for gradient in masked]
        by_residual = [run.back(block, "residual", gradient) for gradient in masked[:longest]]
        sums = [
            sum((by_shortcut[k : k + 1] + (by_residual[k - 1 : k] if k else [])), 0.0)
            for k in range(min(len(masked), longest) + 1)
        ]
    whole = run.gradient(run.blocks[0].input, TARGET).numpy()
    for k, one in enumerate(sums):
        assert found.norms[k] == pytest.approx(float(np.linalg.norm(one)), rel=1e-3)
        share = np.vdot(one, whole) / np.vdot(whole, whole)
        assert found.shares[k] == pytest.approx(float(share), abs=1e-4)
    assert found.error <= 1e-4
    assert sum(found.shares) == pytest.approx(1, abs=1e-4)
    assert sum(found.shares[:5]) > 0.8, "short paths bring the gradient"
    assert found.mean_length < 4
