"""What the reader of a training sees: how far it is, then the verdict, or why there is none."""

import pytest

from resnet_demo.errors import BusyError
from resnet_demo.learn.degradation import Run
from resnet_demo.ui import learn_training
from resnet_demo.ui.learn_training import train


def run_of(kind: str, depth: int, error: float) -> Run:
    return Run(kind, depth, 0, (1.0, 0.5), (0.9, error), (0.9, error + 0.01))


@pytest.mark.parametrize(("plain", "verdict"), [(0.25, "✓ holds"), (0.0, "✕ does not hold")])
def test_the_verdict_is_that_of_what_was_trained(monkeypatch, plain, verdict):
    runs = [
        run_of(kind, depth, error)
        for kind, depth, error in (
            ("plain", 8, 0.0),
            ("residual", 8, 0.0),
            ("plain", 44, plain),
            ("residual", 44, 0.0),
        )
    ]
    monkeypatch.setattr(
        learn_training, "train_apart", lambda: iter([(0, 8, []), (4, 8, runs[:2]), (8, 8, runs)])
    )
    *progress, last = train("en")
    assert ['value="0"' in progress[0], "Epoch 4 of 8" in progress[1]] == [True, True]
    assert verdict in last
    assert f"{plain:.1%} ± 0.0%" in last
    assert "python -m resnet_demo degradation --depths 8 44 --seeds 1 --epochs 8" in last
    assert last.count('<svg class="rx-chart"') == 2


def test_a_training_that_fell_over_is_told_in_the_pages_language(monkeypatch):
    def fails():
        yield 0, 8, []
        raise BusyError(
            "The training ended before its time. Received: {done} of {total} epochs. Accepted: the same once more, "
            "when the server has less to do.",
            done=3,
            total=8,
        )

    monkeypatch.setattr(learn_training, "train_apart", fails)
    assert "训练提前结束了。收到：8 轮中的 3 轮" in list(train("zh"))[-1]


def test_whoever_stops_looking_ends_it(monkeypatch):
    ended = []

    def goes_on():
        try:
            while True:
                yield 1, 8, []
        finally:
            ended.append(True)

    monkeypatch.setattr(learn_training, "train_apart", goes_on)
    running = train("en")
    next(running)
    running.close()
    assert ended
