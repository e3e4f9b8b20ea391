"""Every pair of blocks off, against separate runs with explicit gates."""

from itertools import combinations

import numpy as np
import pytest

from resnet_demo.measures.double_lesion import compute, double_lesion_logits
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


def test_a_record_is_the_change_against_the_whole_network(small_instrumented, small_batch):
    engine = small_instrumented.engine
    clean, found = engine.logits(small_batch), double_lesion_logits(engine, small_batch)
    names = [block.name for block in engine.architecture.blocks]
    softmax = lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()  # noqa: E731

    records = compute(small_instrumented, small_batch, [2, None, 5])

    for i, target in enumerate([2, int(clean[1].argmax()), 5]):
        assert [record.blocks for record in records[i]] == list(combinations(names, 2))
        for record, without in zip(records[i], found[:, i], strict=True):
            assert record.logit_change == pytest.approx(without[target] - clean[i][target], abs=1e-4)
            change = softmax(without)[target] - softmax(clean[i])[target]
            assert record.probability_change == pytest.approx(change, abs=1e-5)
            assert record.top1.index == without.argmax()
            assert record.changed == (without.argmax() != clean[i].argmax())
