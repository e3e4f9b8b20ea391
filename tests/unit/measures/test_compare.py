"""Two ledgers side by side."""

import numpy as np
import pytest

from resnet_demo.errors import UnknownClassError
from resnet_demo.measures.compare import compare_classes, compare_photos
from resnet_demo.measures.logit_attribution import logit_attribution

NAMES = ["class_bias", "stem", "projection_biases"]
BLOCKS = ["conv2_block1", "conv2_block2", "conv3_block1", "conv3_block2", "conv3_block3"]


def test_two_classes_on_one_photo(small_instrumented, small_batch):
    batch = small_batch[1:2]
    first, second = (
        logit_attribution(small_instrumented, batch, 2),
        logit_attribution(small_instrumented, batch, 5),
    )
    logits = small_instrumented.engine.logits(batch)[0]

    found = compare_classes(small_instrumented, batch, 2, 5)

    differences = found.differences()
    assert [d.name for d in differences] == NAMES + BLOCKS
    assert found.logit_difference == pytest.approx(logits[2] - logits[5], abs=1e-4)
    assert sum(d.difference for d in differences) == pytest.approx(logits[2] - logits[5], abs=1e-4)
    for one, other, difference in zip(first.entries, second.entries, differences[3:], strict=True):
        assert difference.first == pytest.approx(one.contribution, abs=1e-4)
        assert difference.second == pytest.approx(other.contribution, abs=1e-4)
    maps = found.maps()
    assert list(maps) == ["stem", *BLOCKS]
    np.testing.assert_allclose(maps["stem"], first.stem_map - second.stem_map, atol=1e-4)
    for difference in differences[3:]:
        assert maps[difference.name].sum() == pytest.approx(difference.difference, abs=1e-3)


def test_which_blocks_speak_for_either(small_instrumented, small_batch):
    found = compare_classes(small_instrumented, small_batch[:1], 2, 5)

    first, second = found.speaking_for_first(), found.speaking_for_second()

    assert {d.name for d in first} | {d.name for d in second} == set(BLOCKS)
    assert len(first) + len(second) == len(BLOCKS)
    for blocks in (first, second):
        strengths = [d.difference for d in blocks]
        assert strengths == sorted(strengths, reverse=True)
        assert min(strengths) > 0


def test_the_top_class_is_the_default(small_instrumented, small_batch):
    top = int(small_instrumented.engine.logits(small_batch[:1]).argmax())

    found = compare_classes(small_instrumented, small_batch[:1], None, (top + 1) % 7)

    assert (found.first.target, found.second.target) == (top, (top + 1) % 7)


@pytest.mark.parametrize("first", [None, 0, 1, 6])
def test_the_most_probable_other_class_is_the_default(small_instrumented, small_batch, first):
    logits = small_instrumented.engine.logits(small_batch[:1])[0]
    order = list(np.argsort(-logits))
    one = order[0] if first is None else first
    expected = (one, next(index for index in order if index != one))

    for second in (None, one):
        found = compare_classes(small_instrumented, small_batch[:1], first, second)
        assert (found.first.target, found.second.target) == expected


@pytest.mark.parametrize("target", [None, 3])
def test_two_photos_for_one_class(small_instrumented, small_batch, target):
    pair = small_batch[[2, 0]]
    chosen = int(small_instrumented.engine.logits(pair)[0].argmax()) if target is None else target

    found = compare_photos(small_instrumented, pair, target)

    for one, row in ((found.first, 2), (found.second, 0)):
        alone = logit_attribution(small_instrumented, small_batch[row : row + 1], chosen)
        assert one.target == chosen
        assert one.stem == pytest.approx(alone.stem, abs=1e-4)
        assert [e.contribution for e in one.entries] == pytest.approx(
            [e.contribution for e in alone.entries], abs=1e-4
        )
    assert found.first.stem != found.second.stem


def test_an_unknown_class_is_refused(small_instrumented, small_batch):
    with pytest.raises(UnknownClassError):
        compare_classes(small_instrumented, small_batch[:1], 0, 7)
    with pytest.raises(UnknownClassError):
        compare_photos(small_instrumented, small_batch[:2], 7)
