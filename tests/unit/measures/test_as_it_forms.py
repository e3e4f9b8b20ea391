"""The answer as it forms against as many runs with explicit gates."""

import numpy as np
import pytest

from resnet_demo.errors import ArchitectureError, UnknownClassError
from resnet_demo.measures.as_it_forms import as_it_forms, compute
from resnet_demo.measures.classification import softmax
from resnet_demo.measures.gates import gated_logits
from resnet_demo.measures.logit_attribution import logit_attribution
from resnet_demo.results.findings import running_sum, takes_the_lead


def _gates(blocks):
    """1 for the first l blocks and 0 after, l = 0 … L: (L + 1, L)."""
    return np.tril(np.ones((blocks + 1, blocks)), -1)


def _separate_runs(engine, photo):
    gates = _gates(len(engine.architecture.blocks))
    return np.concatenate([gated_logits(engine, photo, row[np.newaxis]) for row in gates])


@pytest.mark.parametrize("kind", ["small_instrumented", "option_a_instrumented", "tutorial_instrumented"])
def test_it_is_that_many_runs_with_gates(kind, request, small_batch):
    instrumented = request.getfixturevalue(kind)
    engine, blocks = instrumented.engine, len(instrumented.engine.architecture.blocks)

    for i, found in enumerate(compute(instrumented, small_batch, [2, 0, None])):
        expected = _separate_runs(engine, small_batch[i : i + 1])
        np.testing.assert_allclose(found.logits, expected, rtol=0, atol=1e-4 * np.abs(expected).max())
        target = expected[-1].argmax() if i == 2 else [2, 0][i]
        assert found.target == target
        assert [step.blocks for step in found.steps] == list(range(blocks + 1))
        assert [step.logit for step in found.steps] == list(found.logits[:, target])
        assert [step.top1.index for step in found.steps] == list(found.logits.argmax(axis=1))
        np.testing.assert_allclose(
            [step.probability for step in found.steps], softmax(found.logits)[:, target], rtol=1e-12
        )
        assert len(np.unique(found.logits[:, target])) == blocks + 1, "every block says something"


def test_the_bundled_weights(instrumented, example_batch):
    engine, photo = instrumented.engine, example_batch[:1]

    found = as_it_forms(instrumented, photo)

    expected = _separate_runs(engine, photo)
    np.testing.assert_allclose(found.logits, expected, rtol=0, atol=1e-4 * np.abs(expected).max())
    np.testing.assert_array_equal(found.logits[-1], engine.logits(photo)[0])
    assert found.steps[-1].top1.index == found.target


@pytest.mark.parametrize("kind", ["small_instrumented", "option_a_instrumented", "tutorial_instrumented"])
def test_all_blocks_are_the_network_itself_bit_for_bit(kind, request, small_batch):
    instrumented = request.getfixturevalue(kind)

    found = compute(instrumented, small_batch, [None] * 3)

    np.testing.assert_array_equal([one.logits[-1] for one in found], instrumented.engine.logits(small_batch))


def test_the_lead_is_taken_for_good(small_instrumented, small_batch):
    found = as_it_forms(small_instrumented, small_batch[:1])
    leaders = [step.top1.index for step in found.steps]

    lead = takes_the_lead(found)

    assert set(leaders[lead:]) == {leaders[-1]}
    assert lead == 0 or leaders[lead - 1] != leaders[-1]


def test_the_ledgers_running_sum_ends_at_the_logit(small_instrumented, small_batch):
    one = logit_attribution(small_instrumented, small_batch[:1], 4)

    sums = running_sum(one)

    assert len(sums) == 6
    assert sums[-1] == pytest.approx(one.logit, abs=1e-4)
    assert np.diff(sums) == pytest.approx([entry.contribution for entry in one.entries])


def test_refusals(small_instrumented, plain_instrumented, small_batch):
    with pytest.raises(UnknownClassError):
        as_it_forms(small_instrumented, small_batch[:1], 7)
    with pytest.raises(ArchitectureError, match="without shortcuts"):
        as_it_forms(plain_instrumented, small_batch[:1])
