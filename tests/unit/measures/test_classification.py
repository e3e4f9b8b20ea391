"""From logits to ranked classes."""

import numpy as np
import pytest

from resnet_demo.errors import OptionError
from resnet_demo.measures.classification import probabilities, rank, softmax
from resnet_demo.networks.labels import numbered_labels

LOGITS = np.array([0.5, 3, -1, 3, 2], np.float32)
LABELS = numbered_labels(5)


def test_softmax_by_hand():
    found = softmax(np.log(np.array([[1, 2, 5], [3, 3, 4]], np.float32)))

    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [[0.125, 0.25, 0.625], [0.3, 0.3, 0.4]], rtol=1e-6)


def test_softmax_of_huge_logits_is_finite():
    np.testing.assert_array_equal(softmax(np.array([1e4, 0, -1e4], np.float32)), [1, 0, 0])


def test_the_most_probable_class_comes_first_and_ties_keep_their_order():
    found = rank(LOGITS, LABELS, 5)

    assert [p.index for p in found] == [1, 3, 4, 0, 2]
    assert [p.logit for p in found] == [3, 3, 2, 0.5, -1]
    assert [p.label for p in found] == [LABELS[i] for i in (1, 3, 4, 0, 2)]
    assert sum(p.probability for p in found) == pytest.approx(1)
    assert found[2].probability == pytest.approx(np.exp(2) / np.exp(LOGITS.astype(float)).sum())


def test_only_so_many_classes_are_ranked_as_asked_for():
    assert [p.index for p in rank(LOGITS, LABELS, 2)] == [1, 3]
    assert len(rank(LOGITS, LABELS, 99)) == 5
    assert rank(LOGITS, LABELS, 2) == rank(LOGITS, LABELS, 5)[:2], "a probability is of all classes"


def test_the_numbers_are_pythons_own():
    best = rank(LOGITS, LABELS, 1)[0]

    assert [type(v) for v in (best.index, best.probability, best.logit)] == [int, float, float]


@pytest.mark.parametrize("top", [0, -2])
def test_ranking_no_class_is_refused(top):
    with pytest.raises(OptionError, match=f"Received: top={top}. Accepted: 1 or more"):
        rank(LOGITS, LABELS, top)


def test_sigmoids_by_hand_and_none_at_all():
    logits = np.log(np.array([[1, 3, 0.25]], np.float32))
    np.testing.assert_allclose(probabilities(logits, "sigmoid"), [[1 / 2, 3 / 4, 1 / 5]], rtol=1e-6)
    np.testing.assert_array_equal(probabilities(logits, "softmax"), softmax(logits))
    assert np.isnan(probabilities(logits, "none")).all()
    assert probabilities(logits, "none").shape == logits.shape


def test_sigmoids_of_huge_logits_are_finite():
    np.testing.assert_array_equal(probabilities(np.array([1e4, 0, -1e4], np.float32), "sigmoid"), [1, 0.5, 0])


def test_several_questions_are_ranked_each_with_its_own_probability():
    found = rank(np.array([2, -1, 0, 5, 1], np.float32), LABELS, 2, "sigmoid")
    assert [p.index for p in found] == [3, 0]
    assert [p.probability for p in found] == pytest.approx([1 / (1 + np.exp(-5)), 1 / (1 + np.exp(-2))])
