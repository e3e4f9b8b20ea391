"""The experiment trains what it says, can be stopped, and its verdict follows from its numbers."""

import json

import numpy as np
import pytest

from resnet_demo.cli import main
from resnet_demo.errors import OptionError
from resnet_demo.learn import degradation
from resnet_demo.learn.degradation import Run, digits, experiment, judge, summary, train

pytestmark = pytest.mark.slow


def test_the_digits_are_parted_once_and_for_all():
    pictures, classes, others, other_classes = digits()
    assert pictures.shape == (1437, 16, 16, 1)
    assert others.shape == (360, 16, 16, 1)
    assert set(classes) == set(other_classes) == set(range(10))
    assert (pictures.min(), pictures.max()) == (0, 1)
    again = digits()
    np.testing.assert_array_equal(again[0], pictures)
    whole = np.concatenate([pictures, others]).reshape(1797, -1)
    from sklearn.datasets import load_digits

    assert np.allclose(np.sort(whole.sum(1)), np.sort(load_digits().data.sum(1) / 16 * 4))


def test_a_short_training_learns_and_is_the_same_again():
    first, again = (train("residual", 8, 1, epochs=3) for _ in range(2))
    assert first == again
    assert first.loss[-1] < first.loss[0]
    assert first.train_error[-1] < 0.5
    assert len(first.train_error) == len(first.test_error) == 3


def test_it_stops_when_it_is_told_to():
    reported, asked = [], iter([True, True, False, False, False, False])
    runs = list(
        experiment(
            [8], [0], 2, progress=lambda *done: reported.append(done), go_on=lambda: next(asked, False)
        )
    )
    assert len(runs) < 2
    assert reported[0] == (1, 4, "plain 8, seed 0")
    assert len(reported) <= 2


def run_of(kind, depth, seed, error) -> Run:
    return Run(kind, depth, seed, (1.0,), (0.9, error), (0.9, error + 0.01))


@pytest.mark.parametrize(
    ("plain", "residual", "expected"),
    [
        ([(0.0, 0.01), (0.2, 0.3)], [(0.0, 0.0), (0.0, 0.0)], "holds"),
        ([(0.0, 0.01), (0.2, 0.3)], [(0.0, 0.0), (0.1, 0.1)], "holds_only_where"),
        ([(0.0, 0.01), (0.0, 0.01)], [(0.0, 0.0), (0.0, 0.0)], "does_not_hold"),
        ([(0.1, 0.2), (0.0, 0.5)], [(0.0, 0.0), (0.0, 0.0)], "does_not_hold"),  # within the spread
    ],
)
def test_the_verdict_follows_from_the_errors(plain, residual, expected):
    runs = [
        run_of(kind, depth, seed, error)
        for kind, errors in (("plain", plain), ("residual", residual))
        for depth, pair in zip((8, 44), errors, strict=True)
        for seed, error in enumerate(pair)
    ]
    rows = summary(runs)
    assert judge(rows)["holds"] == expected
    (row,) = [r for r in rows if (r["kind"], r["depth"]) == ("plain", 44)]
    assert row["train_error_mean"] == pytest.approx(np.mean(plain[1]))
    assert row["train_error_std"] == pytest.approx(np.std(plain[1]))


def test_the_command_writes_its_curves_and_says_what_came_out(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        degradation,
        "train",
        lambda kind, depth, seed, *_: run_of(kind, depth, seed, depth / 100 * (kind == "plain")),
    )
    out = tmp_path / "found.json"
    status = main(["degradation", "--depths", "8", "20", "--seeds", "2", "--epochs", "2", "--out", str(out)])
    shown = capsys.readouterr().out
    assert status == 0
    assert "plain" in shown
    assert "20.0% ± 0.0%" in shown
    assert "The tutorials' claim holds here" in shown
    found = json.loads(out.read_text("utf-8"))
    assert found["command"] == "python -m resnet_demo degradation --depths 8 20 --seeds 2 --epochs 2"
    assert found["verdict"]["holds"] == "holds"
    assert len(found["runs"]) == 8
    assert found["runs"][0]["train_error"] == [0.9, 0.08]


@pytest.mark.parametrize("options", [["--depths", "9"], ["--seeds", "0"], ["--epochs", "0"]])
def test_impossible_options_get_a_sentence(options, capsys):
    assert main(["degradation", *options]) == 1
    assert "Received" in capsys.readouterr().err


def test_a_third_kind_is_refused():
    with pytest.raises(OptionError, match="'plain', 'residual'"):
        train("other", 8, 0)


def test_the_bundled_record_is_whole_and_its_summary_follows_from_its_curves():
    from resnet_demo.learn.record import bundled, runs_of

    found = bundled()
    runs = runs_of(found)
    assert found["command"] == "python -m resnet_demo degradation --depths 8 20 44 --seeds 3 --epochs 20"
    assert found["data"] == degradation.DATA
    assert {(r.kind, r.depth, r.seed) for r in runs} == {
        (kind, depth, seed) for kind in ("plain", "residual") for depth in (8, 20, 44) for seed in range(3)
    }
    rows = summary(runs)
    assert found["verdict"] == judge(rows)
    for one, other in zip(found["summary"], rows, strict=True):
        assert one == pytest.approx(other, abs=1e-4)
