"""What holds for a block's profile whatever its tensors are."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.measures import residual

BLOCK = BlockSpec("conv2_block2", "conv2", "identity", (2, 3, 4), "x", "x", "f", "y", "out")
VALUES = st.floats(-50, 50, width=32).filter(lambda v: v == 0 or abs(v) > 1e-3)
TENSORS = arrays(np.float32, (1, 2, 3, 4), elements=VALUES)


def _profile(s, f):
    y = s + f
    tensors = {"x": s, "f": f, "y": y, "out": np.maximum(y, 0)}
    found = residual.reduced({name: tf.constant(t) for name, t in tensors.items()}, BLOCK)
    return residual.profile(BLOCK, found.totals.numpy()[0], found.maps.numpy()[0])


@given(TENSORS, TENSORS)
@settings(max_examples=40, deadline=None)
def test_energy_shares_add_up_to_one(s, f):
    shares = _profile(s, f).energy

    if not np.isnan(shares.shortcut):
        # Where the branches nearly cancel, shares are large numbers that cancel too.
        size = shares.shortcut + shares.residual
        assert shares.shortcut + shares.residual + shares.cross == pytest.approx(1, abs=1e-5 * (1 + size))


@given(TENSORS, TENSORS)
@settings(max_examples=40, deadline=None)
def test_every_number_is_in_its_range(s, f):
    profile = _profile(s, f)

    assert (
        profile.sum.mean_magnitude
        <= (profile.shortcut.mean_magnitude + profile.residual.mean_magnitude) * 1.0001
    )
    for magnitude in (profile.shortcut, profile.residual, profile.sum, profile.output):
        assert 0 <= magnitude.mean_magnitude <= magnitude.rms * 1.0001
        assert 0 <= magnitude.std <= magnitude.rms * 1.0001
    assert 0 <= profile.closed_gates <= 1
    assert profile.output.rms <= profile.sum.rms * 1.0001
    assert (profile.share_map >= 0).all()
    assert (profile.share_map <= 1).all()
    if not np.isnan(profile.cosine):
        assert abs(profile.cosine) <= 1.0001
        assert profile.novelty**2 + min(profile.cosine**2, 1) == pytest.approx(1, abs=1e-5)


@given(TENSORS, TENSORS, st.sampled_from([0.125, 0.5, 2, 8]))
@settings(max_examples=30, deadline=None)
def test_a_brighter_picture_changes_sizes_and_not_proportions(s, f, factor):
    profile, scaled = _profile(s, f), _profile(s * np.float32(factor), f * np.float32(factor))

    assert scaled.residual.rms == pytest.approx(factor * profile.residual.rms, rel=1e-5)
    assert scaled.ratio == pytest.approx(profile.ratio, rel=1e-5, nan_ok=True)
    assert scaled.cosine == pytest.approx(profile.cosine, abs=1e-5, nan_ok=True)
    assert scaled.closed_gates == profile.closed_gates
    np.testing.assert_allclose(scaled.share_map, profile.share_map, rtol=1e-5)


@given(TENSORS, TENSORS)
@settings(max_examples=30, deadline=None)
def test_swapping_the_branches_swaps_what_is_theirs(s, f):
    profile, swapped = _profile(s, f), _profile(f, s)

    assert swapped.residual == profile.shortcut
    assert swapped.shortcut == profile.residual
    np.testing.assert_allclose(swapped.share_map, 1 - profile.share_map, atol=1e-6)
    assert swapped.energy.residual == pytest.approx(profile.energy.shortcut, nan_ok=True)
    assert swapped.cosine == pytest.approx(profile.cosine, nan_ok=True)
