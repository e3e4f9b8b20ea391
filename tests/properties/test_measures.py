"""Every measure: image N's record is the same whatever else is in the batch, and whoever asks for the top class."""

from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resnet_demo.measures.catalogue import COSTS, MEASURES, left_out
from resnet_demo.measures.gradcam import REQUIRES

NAMES = [measure.NAME for measure in MEASURES]
OPTIONS = {  # what a measure is asked with, where its defaults would take long or tell nothing
    "attribution": {"method": "faster-scorecam", "at": "conv2_block2", "channels": 4},
    "gates": {"gates": (1, 0.25, 1, 0, 0.5), "top": 7},
    "classes": {"top": 7},
    "gradcam": {"at": "conv2_block1"},
    "feature_maps": {"at": "pool1", "k": 3},
}
OF_NO_CLASS = {"classes", "feature_maps", "blocks", "gates"}


@pytest.fixture(scope="module")
def photos():
    rng = np.random.default_rng(8)
    smooth = np.cumsum(rng.normal(0, 0.3, (16, 32, 48, 3)), axis=2) + rng.normal(0, 0.4, (16, 32, 48, 3))
    return smooth.astype(np.float32)


def leaves(record, path=""):
    """Every number and array of a record, with its way there."""
    if is_dataclass(record):
        for field in fields(record):
            yield from leaves(getattr(record, field.name), f"{path}.{field.name}")
    elif isinstance(record, (list, tuple)):
        for i, item in enumerate(record):
            yield from leaves(item, f"{path}[{i}]")
    elif isinstance(record, (float, int, np.ndarray)):
        yield path, np.asarray(record)
    else:
        yield path, record


def the_same(first, second):
    one, other = dict(leaves(first)), dict(leaves(second))
    assert one.keys() == other.keys()
    for path, value in one.items():
        if not isinstance(value, np.ndarray):
            assert value == other[path], path
        elif path.endswith(".error"):  # what rounding leaves of a sum: another each time, and small each time
            assert max(value, other[path]) <= 1e-5, path
        else:
            scale = max(1, np.abs(np.nan_to_num(value)).max(initial=0))
            np.testing.assert_allclose(other[path], value, rtol=0, atol=1e-5 * scale, err_msg=path)


@pytest.mark.parametrize("measure", MEASURES, ids=NAMES)
def test_a_record_does_not_depend_on_the_batch(measure, small_instrumented, photos):
    options = OPTIONS.get(measure.NAME, {})
    targets = [None, 3, 0, 6] * 4
    together = measure.compute(small_instrumented, photos, targets, **options)
    assert len(together) == 16

    @settings(max_examples=8, deadline=None)
    @given(st.lists(st.integers(0, 15), min_size=1, max_size=4, unique=True))
    @example([13])  # alone, whatever else is drawn
    def of_these(images):
        found = measure.compute(small_instrumented, photos[images], [targets[i] for i in images], **options)
        for i, record in zip(images, found, strict=True):
            the_same(together[i], record)

    of_these()
    assert len({repr(list(leaves(record))) for record in together}) > 8, "photos differ"


@pytest.mark.parametrize("measure", MEASURES, ids=NAMES)
def test_no_target_is_the_top_class(measure, small_instrumented, photos):
    options = OPTIONS.get(measure.NAME, {})
    tops = [int(i) for i in small_instrumented.engine.logits(photos[:3]).argmax(axis=-1)]

    implied = measure.compute(small_instrumented, photos[:3], [None] * 3, **options)

    for one, other in zip(
        implied, measure.compute(small_instrumented, photos[:3], tops, **options), strict=True
    ):
        the_same(one, other)


@pytest.mark.parametrize("measure", MEASURES, ids=NAMES)
def test_a_record_is_of_its_target_where_it_is_of_a_class(measure, small_instrumented, photos):
    options = OPTIONS.get(measure.NAME, {})
    one, other = (
        measure.compute(small_instrumented, photos[:1], [target], **options)[0] for target in (0, 3)
    )

    if measure.NAME not in OF_NO_CLASS:
        with pytest.raises(AssertionError):
            the_same(one, other)
    else:
        the_same(one, other)
    assert measure.COST in COSTS


def test_names_are_unique_and_what_is_required_is_known(small_instrumented):
    capabilities = small_instrumented.engine.architecture.capabilities
    assert len(set(NAMES)) == len(NAMES)
    assert capabilities == {"spatial", "classes", "residual", "relu_mask", "linear_head"} > REQUIRES
    assert all(capabilities >= measure.REQUIRES for measure in MEASURES)
    assert left_out(small_instrumented.engine) == {}
