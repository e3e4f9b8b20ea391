"""Every pair of blocks off, against separate runs with explicit gates."""

from itertools import combinations

import numpy as np

from resnet_demo.measures.double_lesion import double_lesion_logits
from resnet_demo.measures.gates import gated_logits


def test_pairs_are_those_of_separate_runs(small_instrumented, small_batch):
    engine = small_instrumented.engine
    found = double_lesion_logits(engine, small_batch)
    pairs = list(combinations(range(5), 2))
    assert found.shape == (10, 3, 7)
    for one, pair in zip(found, pairs, strict=True):
        gates = np.ones((3, 5))
        gates[:, pair] = 0
        np.testing.assert_allclose(one, gated_logits(engine, small_batch, gates), rtol=1e-4, atol=1e-4)
    assert len({tuple(np.round(one.ravel(), 3)) for one in found}) == 10
