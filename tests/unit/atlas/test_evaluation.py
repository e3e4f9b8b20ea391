"""Counting photos in, against a dozen lines of NumPy."""

import json

import numpy as np
import pytest

from resnet_demo.atlas.evaluation import BINS, Evaluation, Judged
from resnet_demo.atlas.score_tally import Scored

LABELS = list("abcdefgh")


@pytest.fixture(scope="module")
def photos() -> list[Judged]:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(8, 0.3), 200)
    return [
        Judged(
            int(rng.integers(0, 8)),
            p,
            Scored(
                {
                    "gradcam": {
                        "b1": {"pointing": float(i % 3 == 0), "energy": float("nan") if i % 5 else 0.5}
                    }
                },
                centre=1.0 if i % 4 else None,
                area=i / 200 if i % 4 else None,
            ),
        )
        for i, p in enumerate(probabilities)
    ]


@pytest.fixture(scope="module")
def numbers(photos) -> dict:
    found = Evaluation()
    for photo in photos:
        found.add(photo)
    return json.loads(json.dumps(found.numbers(LABELS), allow_nan=False))


def test_top1_top5_and_classes(photos, numbers):
    p = np.array([photo.probabilities for photo in photos])
    own = np.array([photo.target for photo in photos])
    assert numbers["images"] == 200
    assert numbers["top1"] == pytest.approx((p.argmax(1) == own).mean())
    assert numbers["top5"] == pytest.approx((np.sort(p, 1)[:, -5] <= p[range(200), own]).mean())
    for row in numbers["classes"]:
        mask = own == row["index"]
        assert row == {
            "index": row["index"],
            "label": LABELS[row["index"]],
            "images": mask.sum(),
            "top1": pytest.approx((p.argmax(1) == own)[mask].mean()),
        }


def test_confusions_are_the_most_frequent_errors(photos, numbers):
    table = np.zeros((8, 8), int)
    for photo in photos:
        table[photo.target, photo.probabilities.argmax()] += 1
    np.fill_diagonal(table, 0)
    assert [row["images"] for row in numbers["confusions"]] == sorted(table.ravel(), reverse=True)[:10]
    for row in numbers["confusions"]:
        assert table[LABELS.index(row["label"]), LABELS.index(row["said"])] == row["images"]


def test_calibration(photos, numbers):
    sure = np.array([photo.probabilities.max() for photo in photos])
    right = np.array([photo.probabilities.argmax() == photo.target for photo in photos])
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    expected = sum(
        (bins == b).sum() * abs(right[bins == b].mean() - sure[bins == b].mean()) for b in np.unique(bins)
    )
    assert numbers["calibration"]["ece"] == pytest.approx(expected / 200)
    assert [b["images"] for b in numbers["calibration"]["bins"]] == np.bincount(bins, minlength=BINS).tolist()


def test_scores_are_means_over_the_photos_that_have_them(photos, numbers):
    assert numbers["scores"] == {"gradcam": {"b1": {"pointing": pytest.approx(67 / 200), "energy": 0.5}}}
    assert numbers["boxed"] == 150
    assert numbers["centre"]["pointing"] == 1
    assert numbers["boxes_area"] == pytest.approx(np.mean([i / 200 for i in range(200) if i % 4]))


def test_no_photo_at_all():
    found = Evaluation().numbers(LABELS)
    assert (found["images"], found["top1"], found["boxes_area"], found["centre"]["pointing"]) == (
        0,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("cuts", [(0, 200), (70, 71), (1, 199)])
def test_parts_merge_to_the_whole_and_survive_a_checkpoint(photos, numbers, cuts):
    first, second = cuts
    whole = Evaluation()
    for part in (photos[second:], photos[:first], photos[first:second]):
        found = Evaluation()
        for photo in part:
            found.add(photo)
        whole.merge(Evaluation.from_state(json.loads(json.dumps(found.state()))))
    found = whole.numbers(LABELS)
    for key in ("images", "top1", "top5", "classes", "confusions", "boxed", "centre"):
        assert found[key] == numbers[key]
    assert found["calibration"]["ece"] == pytest.approx(numbers["calibration"]["ece"])
    assert found["boxes_area"] == pytest.approx(numbers["boxes_area"])
    assert found["scores"]["gradcam"]["b1"] == pytest.approx(numbers["scores"]["gradcam"]["b1"])
