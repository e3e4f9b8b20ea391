"""Every number of a block's profile against the definitions, written out in NumPy."""

from dataclasses import asdict, replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.measures import residual
from resnet_demo.measures.overview import analyze

BLOCK = BlockSpec("conv9_block1", "conv9", "identity", (3, 5, 4), "x", "x", "f", "y", "out")
PROJECTION = replace(BLOCK, kind="projection", shortcut="s")
WITHOUT_RELU = replace(BLOCK, output="y")


def _oracle(s, f, out, gated=True, unchanged=True):
    """The definitions, one line each, of one image's S, F and output (h, w, c)."""
    s, f, out = (t.astype(np.float64) for t in (s, f, out))
    y, norm = s + f, np.linalg.norm
    along = (f * s).sum() / (s * s).sum() * s  # the projection of F on S
    magnitude = lambda t: {"mean_magnitude": abs(t).mean(), "rms": (t**2).mean() ** 0.5, "std": t.std()}  # noqa: E731
    energy = {"shortcut": norm(s) ** 2, "residual": norm(f) ** 2, "cross": 2 * (s * f).sum()}
    return {
        "shortcut": magnitude(s),
        "residual": magnitude(f),
        "sum": magnitude(y),
        "output": magnitude(out),
        "ratio": (f**2).mean() ** 0.5 / (s**2).mean() ** 0.5,
        "cosine": (s * f).sum() / (norm(s) * norm(f)),
        "novelty": norm(f - along) / norm(f),
        "energy": {share: value / norm(y) ** 2 for share, value in energy.items()},
        "closed_gates": (y < 0).mean() if gated else 0,
        "change": 1 - (s * out).sum() / (norm(s) * norm(out)) if unchanged else None,
        "shortcut_map": (s**2).mean(axis=-1) ** 0.5,
        "residual_map": (f**2).mean(axis=-1) ** 0.5,
        "sum_map": (y**2).mean(axis=-1) ** 0.5,
        "output_map": (out**2).mean(axis=-1) ** 0.5,
        "share_map": (f**2).sum(axis=-1) / ((s**2).sum(axis=-1) + (f**2).sum(axis=-1)),
    }


def _require_equal(profile, expected, tolerance=1e-4):
    found = asdict(profile)
    for name, value in expected.items():
        if isinstance(value, dict):
            for part in value:
                assert found[name][part] == pytest.approx(value[part], rel=tolerance, abs=1e-6), (name, part)
        elif value is None:
            assert found[name] is None, name
        else:
            np.testing.assert_allclose(found[name], value, rtol=tolerance, atol=1e-6, err_msg=name)


def _profiles(block, s, f):
    """Profiles of all images, from tensors made by hand."""
    y = s + f
    values = {block.shortcut: s, "f": f, "y": y} | ({"out": np.maximum(y, 0)} if block.has_relu else {})
    found = residual.reduced({k: tf.constant(v) for k, v in values.items()}, block)
    assert found.totals.shape == (len(s), len(residual.SUMS))
    assert found.maps.shape == (len(s), 5, *s.shape[1:3])
    return [residual.profile(block, *(t[image].numpy() for t in found)) for image in range(len(s))]


@pytest.fixture(scope="module")
def branches():
    """S and F, float32 (2, 3, 5, 4): of different size, mean and direction, and different at each position."""
    rng = np.random.default_rng(3)
    positions = np.linspace(0.2, 2, 15).reshape(1, 3, 5, 1)
    s = np.abs(rng.normal(1, 0.5, (2, 3, 5, 4))) * positions
    f = rng.normal(-0.6, 1.1, (2, 3, 5, 4)) + 0.3 * s * [1, -1, 2, 0]
    return s.astype(np.float32), f.astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "block", [BLOCK, PROJECTION, WITHOUT_RELU], ids=["identity", "projection", "no ReLU"]
)
def test_every_metric_is_its_definition(block, branches, dtype):
    s, f = (t.astype(dtype) for t in branches)

    for image, profile in enumerate(_profiles(block, s, f)):
        out = np.maximum(s + f, 0) if block.has_relu else s + f
        _require_equal(
            profile, _oracle(s[image], f[image], out[image], block.has_relu, block.skips_unchanged), 1e-5
        )


def test_swapped_branches_are_noticed(branches):
    s, f = branches
    profile = _profiles(BLOCK, s, f)[0]
    swapped = _oracle(f[0], s[0], np.maximum(s + f, 0)[0])

    for metric in (
        "shortcut",
        "residual",
        "ratio",
        "energy",
        "change",
        "share_map",
        "shortcut_map",
    ):  # not the cosine and the novelty, which are symmetric in S and F
        with pytest.raises(AssertionError):
            _require_equal(profile, {metric: swapped[metric]})


def test_numbers_worked_out_by_hand():
    block = replace(BLOCK, shape=(1, 2, 2))
    s = np.array([[[[3, 0], [0, 4]]]], np.float32)
    f = np.array([[[[0, 2], [-1, -6]]]], np.float32)  # y = 3, 2 | -1, -2

    (profile,) = _profiles(block, s, f)

    assert (profile.name, profile.stage, profile.kind, profile.shape) == (
        "conv9_block1",
        "conv9",
        "identity",
        (1, 2, 2),
    )
    assert profile.shortcut.mean_magnitude == 7 / 4
    assert profile.residual.mean_magnitude == 9 / 4
    assert profile.shortcut.rms == 2.5
    assert profile.energy.shortcut == pytest.approx(25 / 18)
    assert profile.energy.residual == pytest.approx(41 / 18)
    assert profile.energy.cross == pytest.approx(-48 / 18)
    assert profile.cosine == pytest.approx(-24 / (5 * 41**0.5))
    assert profile.ratio == pytest.approx((41 / 25) ** 0.5)
    assert profile.closed_gates == 0.5
    assert profile.change == pytest.approx(1 - 9 / (5 * 13**0.5))
    np.testing.assert_allclose(profile.share_map, [[4 / 13, 37 / 53]], rtol=1e-6)
    np.testing.assert_allclose(profile.output_map, [[(13 / 2) ** 0.5, 0]], rtol=1e-6)


def test_a_silent_residual_branch_has_no_direction():
    s = np.full((1, 3, 5, 4), 2, np.float32)

    (profile,) = _profiles(BLOCK, s, np.zeros_like(s))

    assert profile.ratio == 0
    assert (profile.energy.shortcut, profile.energy.residual, profile.energy.cross) == (1, 0, 0)
    assert np.isnan([profile.cosine, profile.novelty]).all()
    assert profile.change == pytest.approx(0, abs=1e-7)
    assert (profile.share_map == 0).all()
    assert profile.shortcut.std == 0


def test_a_silent_shortcut_has_no_ratio():
    f = np.full((1, 3, 5, 4), -2, np.float32)

    (profile,) = _profiles(BLOCK, np.zeros_like(f), f)

    assert np.isnan([profile.ratio, profile.cosine, profile.novelty, profile.change]).all()
    assert (profile.share_map == 1).all()
    assert profile.closed_gates == 1


def test_branches_that_cancel_have_no_energy_shares():
    s = np.random.default_rng(0).uniform(1, 2, (1, 3, 5, 4)).astype(np.float32)

    (profile,) = _profiles(BLOCK, s, -s)

    assert np.isnan([profile.energy.shortcut, profile.energy.residual, profile.energy.cross]).all()
    assert profile.cosine == pytest.approx(-1)
    assert profile.novelty == pytest.approx(0, abs=1e-3)
    assert profile.closed_gates == 0, "zero is not below zero"


def test_two_silent_branches_share_equally():
    nothing = np.zeros((1, 3, 5, 4), np.float32)

    (profile,) = _profiles(BLOCK, nothing, nothing)

    assert (profile.share_map == 0.5).all()
    assert profile.sum.rms == profile.closed_gates == 0


def _measured_and_expected(instrumented, photo):
    """Per block: its profile from the engine, and the oracle's on the Keras model's own tensors."""
    model, blocks = instrumented.network.model, instrumented.engine.architecture.blocks
    names = {name for b in blocks for name in (b.shortcut, b.residual, b.output)}
    watched = keras.Model(model.input, {name: model.get_layer(name).output for name in names})
    tensors = watched(instrumented.batch(photo), training=False)
    for block, profile in zip(blocks, analyze(instrumented, photo).blocks, strict=True):
        s, f, out = (tensors[n].numpy()[0] for n in (block.shortcut, block.residual, block.output))
        yield profile, _oracle(s, f, out, block.has_relu, block.skips_unchanged)


def test_every_block_of_the_small_network(small_instrumented, example_photos):
    compared = 0
    for profile, expected in _measured_and_expected(small_instrumented, example_photos[0]):
        _require_equal(profile, expected)
        compared += 1
    assert compared == 5


def test_every_block_of_the_bundled_weights(instrumented, example_photos):
    worst = {}
    for profile, expected in _measured_and_expected(instrumented, example_photos[0]):
        _require_equal(profile, expected, 1e-3)
        shares = profile.energy
        worst[profile.name] = abs(shares.shortcut + shares.residual + shares.cross - 1)
        assert 0 < profile.closed_gates < 1

    print("energy shares are off from 1 by at most", max(worst.values()))
    assert len(worst) == 16
    assert max(worst.values()) < 1e-4
