"""The atlas of many photos is what NumPy says of all at once, however they were parted."""

import json
import math
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import spearmanr

from resnet_demo.atlas.accumulator import Accumulator
from resnet_demo.atlas.rows import Row
from resnet_demo.atlas.score_tally import Scored

BLOCKS = ("b1", "b2", "b3", "b4")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    rng = np.random.default_rng(0)

    def row(i: int) -> Row:
        ratio = rng.exponential(1, 4)
        change = np.array([np.nan, *rng.uniform(0, 1, 3)])
        return Row(
            target=i % 3,
            top1=int(rng.integers(0, 3)),
            quantities={"ratio": ratio, "novelty": rng.uniform(0, 1, 4) - ratio, "change": change},
            scored=Scored(
                {"gradcam": {"b1": {"insertion": i / 50, "sanity": math.nan if i % 7 else 0.1}}},
                **({"centre": float(i % 2), "area": i / 100} if i % 5 else {}),
            ),
            without=rng.integers(0, 3, 4),
            without_pairs=rng.integers(0, 3, 6),
        )

    return [row(i) for i in range(50)]


def accumulated(rows) -> Accumulator:
    found = Accumulator(BLOCKS)
    for row in rows:
        found.add(row)
    return found


def numbers(accumulator: Accumulator) -> dict:
    return json.loads(json.dumps(accumulator.numbers("xyz"), allow_nan=False))


def test_it_is_what_numpy_says(rows):
    found = numbers(accumulated(rows))
    assert found["images"] == 50
    assert found["top1"] == pytest.approx(np.mean([row.top1 == row.target for row in rows]))
    for group, some in ((found, rows), *((c, rows[c["index"] :: 3]) for c in found["classes"])):
        for i, block in enumerate(group["blocks"]):
            assert block["name"] == BLOCKS[i]
            for quantity in ("ratio", "novelty", "change"):
                values = np.array([row.quantities[quantity][i] for row in some])
                values = values[np.isfinite(values)]
                assert block[quantity]["count"] == len(values)
                if len(values):
                    assert block[quantity]["mean"] == pytest.approx(values.mean())
                    assert block[quantity]["std"] == pytest.approx(values.std())


def test_correlations_are_taken_photo_by_photo(rows):
    expected = [spearmanr(row.quantities["ratio"], row.quantities["novelty"]).statistic for row in rows]
    found = numbers(accumulated(rows))["correlations"]
    assert list(found) == ["ratio/novelty"]  # "change" is not a side of the laboratory
    assert found["ratio/novelty"]["mean"] == pytest.approx(np.mean(expected))
    assert found["ratio/novelty"]["std"] == pytest.approx(np.std(expected))


def test_lesions_are_shares_of_photos_still_right(rows):
    found = numbers(accumulated(rows))["lesions"]
    own = np.array([row.target for row in rows])
    alone = np.mean([row.without for row in rows] == own[:, None], axis=0)
    pairs = np.mean([row.without_pairs for row in rows] == own[:, None], axis=0)
    assert found["without"] == pytest.approx(dict(zip(BLOCKS, alone, strict=True)))
    names = ["/".join(pair) for pair in combinations(BLOCKS, 2)]
    assert found["without_pairs"] == pytest.approx(dict(zip(names, pairs, strict=True)))


def test_scores_of_layers_are_counted_where_they_are_known(rows):
    found = numbers(accumulated(rows))
    insertion, sanity = (found["scores"]["gradcam"]["b1"][name] for name in ("insertion", "sanity"))
    assert (insertion["count"], sanity["count"], found["boxed"]) == (50, 8, 40)
    assert insertion["mean"] == pytest.approx(np.mean(np.arange(50) / 50))
    assert insertion["std"] == pytest.approx(np.std(np.arange(50) / 50))
    assert found["centre"]["pointing"]["mean"] == pytest.approx(np.mean([i % 2 for i in range(50) if i % 5]))


@pytest.mark.parametrize("cuts", [(0, 50), (7, 20), (25, 25), (1, 49)])
def test_parts_merge_to_the_whole_and_survive_a_checkpoint(rows, cuts):
    first, second = cuts
    parts = [accumulated(rows[:first]), accumulated(rows[first:second]), accumulated(rows[second:])]
    whole = Accumulator(BLOCKS)
    for part in reversed(parts):
        whole.merge(Accumulator.from_state(json.loads(json.dumps(part.state()))))
    compare(numbers(whole), numbers(accumulated(rows)))


def compare(found, expected) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            compare(found[key], expected[key])
    elif isinstance(expected, list):
        for one, other in zip(found, expected, strict=True):
            compare(one, other)
    else:
        assert found == (pytest.approx(expected, rel=1e-9) if isinstance(expected, float) else expected)


def test_without_the_laboratory_there_are_no_lesions(rows):
    plain = [Row(row.target, row.top1, row.quantities) for row in rows]
    assert accumulated(plain).numbers("xyz")["lesions"] is None


def test_its_size_does_not_grow_with_the_photos(rows):
    once, twenty_times = (len(json.dumps(accumulated(rows * times).state())) for times in (1, 20))
    assert twenty_times < 1.3 * once  # counts of more digits
