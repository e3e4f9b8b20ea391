"""Scores of explanations against a dozen lines each, and at known extremes."""

import numpy as np
import pytest

from resnet_demo.measures.scores.agreement import NOISE, agreement, mean_agreement, noisy
from resnet_demo.measures.scores.boxes import centre, energy, inside_boxes, pointing
from resnet_demo.measures.scores.erasing import (
    blurred,
    drop_and_increase,
    erasing_curves,
    ranking,
    shown_only,
)
from resnet_demo.results.belief import Curve

SIZE = (20, 30)


@pytest.fixture
def inside():
    return inside_boxes([(10, 5, 40, 20), (70, 30, 90, 39)], photo=(40, 90), size=SIZE)


def test_boxes_are_drawn_where_they_lie_in_the_resized_photo(inside):
    expected = np.zeros(SIZE, bool)
    for row in range(20):
        for column in range(30):
            x, y = (column + 0.5) * 3, (row + 0.5) * 2
            expected[row, column] = (10 <= x <= 40 and 5 <= y <= 20) or (70 <= x <= 90 and 30 <= y <= 39)
    assert np.array_equal(inside, expected)
    assert 0 < inside.sum() < inside.size / 2


def test_the_box_itself_as_map_points_inside_and_has_all_its_energy_there(inside):
    assert pointing(inside.astype(float), inside) == 1
    assert energy(inside.astype(float), inside) == 1
    assert pointing(1.0 - inside, inside) == 0
    assert energy(1.0 - inside, inside) == 0


def test_a_constant_map_scores_the_boxes_area(inside):
    assert pointing(np.ones(SIZE), inside) == pytest.approx(inside.mean())
    assert energy(np.ones(SIZE), inside) == pytest.approx(inside.mean())


def test_a_map_without_energy_has_no_share(inside):
    assert np.isnan(energy(np.zeros(SIZE), inside))


def test_one_peak_decides_the_pointing_game(inside):
    heat = np.random.default_rng(0).uniform(0, 1, SIZE)
    for row, column in ((4, 5), (0, 0), (17, 25)):
        peaked = heat.copy()
        peaked[row, column] = 2
        assert pointing(peaked, inside) == inside[row, column]
    assert energy(heat, inside) == pytest.approx(heat[inside].sum() / heat.sum())


def test_the_centre_is_shared_by_the_pixels_around_it():
    left = np.zeros((4, 6), bool)
    left[:, :3] = True
    assert centre(left) == 0.5
    odd = np.zeros((3, 5), bool)
    odd[1, 2] = True
    assert centre(odd) == 1


def _bright_sum(weights):
    """A "network" whose probability is the share of weighted brightness that is left."""
    return lambda images: (images[..., 0] * weights).sum((1, 2)) / weights.sum()


@pytest.fixture
def image():
    return np.ones((*SIZE, 1), np.float32)


def test_curves_are_those_of_a_plain_loop(image):
    rng = np.random.default_rng(1)
    image = rng.uniform(0, 1, (*SIZE, 1)).astype(np.float32)
    weights, heat = rng.uniform(0, 1, SIZE), rng.uniform(0, 1, SIZE)
    ((deletion, insertion),) = erasing_curves(image, [heat], _bright_sum(weights), steps=6)
    order = np.argsort(-heat, axis=None)
    for k in range(7):
        mask = np.zeros(heat.size, bool)
        mask[order[: round(k * heat.size / 6)]] = True
        mask = mask.reshape(SIZE)[..., None]
        for curve, changed in (
            (deletion, np.where(mask, blurred(image), image)),
            (insertion, np.where(mask, image, blurred(image))),
        ):
            assert curve.probabilities[k] == pytest.approx(_bright_sum(weights)(changed[None])[0])
    assert deletion.area == pytest.approx(np.trapezoid(deletion.probabilities, np.linspace(0, 1, 7)))


def test_a_good_map_is_missed_first_and_brought_back_first(monkeypatch):
    """The evidence is one bright patch on black, which the blur spreads thin."""
    image = np.zeros((*SIZE, 1), np.float32)
    image[3:7, 4:9] = 1
    weights = image[..., 0]
    good, bad = erasing_curves(image, [weights, 1 - weights], _bright_sum(weights))
    assert good[0].area < bad[0].area - 0.3
    assert good[1].area > bad[1].area + 0.3


def test_a_constant_map_is_a_random_order():
    """Its insertion area is that of pixels drawn by chance, not of a wipe from top to bottom."""
    ranks = ranking(np.ones((40, 40)))
    first = ranks < 400
    assert np.allclose([first[:20].mean(), first[:, :20].mean(), first[20:].mean()], 0.25, atol=0.05)
    bright = np.full((40, 40, 1), 0, np.float32)
    bright[:20] = 1
    weights = bright[..., 0]
    ((_, insertion),) = erasing_curves(bright, [np.ones((40, 40))], _bright_sum(weights))
    # Of a random order the curve is a straight line between its ends.
    line = np.linspace(insertion.probabilities[0], insertion.probabilities[-1], len(insertion.probabilities))
    assert np.allclose(insertion.probabilities, line, atol=0.05)


def test_the_area_of_a_straight_line():
    assert Curve(np.linspace(0, 1, 5)).area == pytest.approx(0.5)


def test_average_drop_and_increase_are_torch_cams():
    """Its update(): relu(p − p') / (p + 1e-7) and p < p', of the map scaled to 0 … 1, resized and multiplied in."""
    assert drop_and_increase(0.8, 0.2) == (pytest.approx(0.6 / 0.8), 0)
    assert drop_and_increase(0.2, 0.8) == (0, 1)
    assert drop_and_increase(0.5, 0.5) == (0, 0)
    image = np.random.default_rng(0).normal(0, 1, (4, 4, 3)).astype(np.float32)
    found = shown_only(image, np.array([[2.0, 4.0], [3.0, 2.0]]), lambda m: np.kron(m, np.ones((2, 2))))
    scaled = np.kron([[0, 1], [0.5, 0]], np.ones((2, 2)))
    assert np.allclose(found, image * scaled[..., None])
    assert not shown_only(image, np.ones((2, 2)), lambda m: np.kron(m, np.ones((2, 2)))).any()


def test_torch_cams_bilinear_is_the_resizing_used(small_instrumented, small_batch):
    torch = pytest.importorskip("torch")
    import tensorflow as tf

    found = np.random.default_rng(0).uniform(0, 1, (1, 7, 5)).astype(np.float32)
    ours = tf.image.resize(found[..., None], (32, 48), "bilinear").numpy()[..., 0]
    theirs = torch.nn.functional.interpolate(torch.tensor(found)[:, None], (32, 48), mode="bilinear")[:, 0]
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-6)


def test_agreement_is_spearmans():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 5, 4))
    assert agreement(a, b) == pytest.approx(spearmanr(a.ravel(), b.ravel()).statistic)
    assert agreement(a, a) == pytest.approx(1)
    assert agreement(a, -a) == pytest.approx(-1)


def test_a_map_that_does_not_look_at_the_image_is_stable_and_a_random_one_is_not():
    rng = np.random.default_rng(0)
    image, heat = rng.normal(size=(6, 7, 3)).astype(np.float32), rng.normal(size=(6, 7))
    assert mean_agreement(heat, np.stack([heat] * 4)) == pytest.approx(1)
    assert abs(mean_agreement(heat, rng.normal(size=(4, 6, 7)))) < 0.4
    copies = noisy(image)
    assert np.array_equal(copies, noisy(image))
    assert copies.std(axis=0).mean() == pytest.approx(NOISE * np.ptp(image), rel=0.3)
    assert 0.5 < mean_agreement(heat + image.mean(-1), heat + copies.mean(-1)) < 1
