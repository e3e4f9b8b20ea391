"""The lab table: each number is the measurement's own, and the JSON is what the README says."""

import json

import pytest
from scipy.stats import spearmanr

from resnet_demo.errors import OptionError
from resnet_demo.measures.gradients import gradient_splits
from resnet_demo.measures.lab import lab_table
from resnet_demo.measures.lesion import lesion_all
from resnet_demo.measures.logit_attribution import logit_attribution
from resnet_demo.measures.overview import analyze
from resnet_demo.results.laboratory import COLUMNS

TARGET = 5


@pytest.fixture(scope="module")
def photo(example_photos):
    return example_photos[0]


@pytest.fixture(scope="module")
def analysis(small_instrumented, photo):
    return analyze(small_instrumented, photo, TARGET)


@pytest.fixture(scope="module")
def table(small_instrumented, photo, analysis):
    return lab_table(small_instrumented, photo, analysis)


def test_each_row_holds_the_measurements_of_its_block(small_instrumented, photo, analysis, table):
    batch = small_instrumented.batch(photo)
    gradients = gradient_splits(small_instrumented, batch, TARGET)
    lesions = lesion_all(small_instrumented, batch, TARGET)
    entries = logit_attribution(small_instrumented, batch, TARGET).entries

    assert table.target == analysis.target
    assert len(table.rows) == len(analysis.blocks) == 5
    for row, profile, gradient, lesion, entry in zip(
        table.rows, analysis.blocks, gradients, lesions, entries, strict=True
    ):
        assert (row.block, row.kind) == (profile.name, profile.kind)
        assert (row.ratio, row.novelty) == (profile.ratio, profile.novelty)
        assert row.gradient == gradient.residual_rms / gradient.shortcut_rms
        assert row.lesion == lesion.logit_change
        assert row.ledger == entry.contribution


def test_correlations_of_every_pair_of_columns(table):
    found = table.correlations()

    assert len(found) == 10
    for (first, second), value in found.items():
        assert value == pytest.approx(spearmanr(table.column(first), table.column(second)).statistic)
        assert value == table.correlation(second, first)


def test_an_unknown_column_is_refused(table):
    assert [len(table.column(name)) for name in COLUMNS] == [5] * 5
    with pytest.raises(OptionError, match=r"Received: 'block'\. Accepted: ratio, novelty"):
        table.column("block")


def test_the_numbers_join_those_of_the_analysis(analysis, table):
    numbers = analysis.numbers()

    found = json.loads(json.dumps(analysis.numbers(table), allow_nan=False))

    assert numbers == analysis.numbers()  # untouched
    for block, gradient, lesion, entry in zip(
        found["blocks"], table.gradients, table.lesions, table.logit_attribution.entries, strict=True
    ):
        assert block.pop("gradient") == {
            "shortcut_rms": gradient.shortcut_rms,
            "residual_rms": gradient.residual_rms,
            "cosine": gradient.cosine,
        }
        assert block.pop("lesion") == {
            "logit_change": lesion.logit_change,
            "probability_change": lesion.probability_change,
            "top1": lesion.top1.index,
        }
        assert block.pop("ledger") == entry.contribution
    assert len(found.pop("as_it_forms")) == 6
    top = found.pop("ledger")
    assert top["sum"] == pytest.approx(
        top["stem"] + top["class_bias"] + top["projection_biases"] + sum(top["blocks"])
    )
    assert top["logit"] == pytest.approx(analysis.target.logit, abs=1e-4)
    assert top["error"] == abs(top["sum"] - top["logit"]) <= 1e-5 * max(1, abs(top["logit"]))
    assert found == json.loads(json.dumps(numbers))  # nothing else was added
