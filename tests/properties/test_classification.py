"""What holds for a ranking whatever the logits are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from resnet_demo.measures.classification import rank, softmax
from resnet_demo.networks.labels import numbered_labels

LOGITS = arrays(np.float32, st.integers(1, 30), elements=st.floats(-1e4, 1e4, width=32))


@given(LOGITS, st.floats(-100, 100))
@settings(deadline=None)
def test_probabilities_add_up_to_one_and_do_not_depend_on_a_common_offset(logits, offset):
    found = softmax(logits.astype(np.float64))

    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    np.testing.assert_allclose(softmax(logits.astype(np.float64) + offset), found, rtol=1e-6, atol=1e-12)


@given(LOGITS, st.integers(1, 40))
@settings(deadline=None)
def test_a_ranking_is_sorted_and_each_class_appears_once(logits, top):
    found = rank(logits, numbered_labels(len(logits)), top)

    keys = [(-p.logit, p.index) for p in found]
    assert keys == sorted(keys)
    assert len({p.index for p in found}) == len(found) == min(top, len(logits))
    assert all(p.logit == logits[p.index] and p.label.english == str(p.index) for p in found)
    assert max(logits) == found[0].logit
