"""Degradation: do deeper plain networks get worse, and not by overfitting? Trained here, plain and residual twins.

References:
    He et al. 2015, arXiv:1512.03385, Fig. 1, 4 and 6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, pstdev
from typing import Any

import keras
import numpy as np

from resnet_demo.errors import OptionError
from resnet_demo.learn.twins import twin

DATA = "scikit-learn's digits: 1,797 handwritten digits of 8×8 pixels (UCI, Alpaydin and Kaynak), upscaled to 16×16"
DEPTHS, SEEDS, EPOCHS = (8, 20, 44), (0, 1, 2), 20
TRAINED_ON = 1437  # of the 1,797 digits; the others test
BATCH, RATE = 128, 0.1

Progress = Callable[[int, int, str], None]  # epochs done, epochs in all, what is being trained


@dataclass(frozen=True)
class Run:
    """One network trained from one seed; errors are shares from 0 to 1, one an epoch, the network not in training.

    Attributes:
        kind: "plain" or "residual".
        depth: layers with weights.
        seed: of its weights and of the order of the digits.
        loss: training loss, mean of the epoch.
        train_error, test_error: after each epoch.
    """

    kind: str
    depth: int
    seed: int
    loss: tuple[float, ...]
    train_error: tuple[float, ...]
    test_error: tuple[float, ...]


def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pictures float32 (N, 16, 16, 1) from 0 to 1 and classes int (N,): to train on, then to test on."""
    from sklearn.datasets import load_digits

    found = load_digits()
    pictures = (
        np.repeat(np.repeat(found.images, 2, axis=1), 2, axis=2)[..., np.newaxis].astype(np.float32) / 16
    )
    order = np.random.default_rng(0).permutation(len(pictures))
    first, last = order[:TRAINED_ON], order[TRAINED_ON:]
    return pictures[first], found.target[first], pictures[last], found.target[last]


class _Watch(keras.callbacks.Callback):
    """Notes the errors after each epoch, tells how far it is, and stops where it is asked to."""

    def __init__(self, data: tuple[np.ndarray, ...], after_epoch: Callable[[], bool]) -> None:
        super().__init__()
        self.data, self.after_epoch = data, after_epoch
        self.train_error: list[float] = []
        self.test_error: list[float] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        del epoch, logs
        pictures, classes, others, other_classes = self.data
        for errors, x, y in (
            (self.train_error, pictures, classes),
            (self.test_error, others, other_classes),
        ):
            logits = self.model.predict(x, batch_size=512, verbose=0)
            errors.append(float((logits.argmax(axis=1) != y).mean()))
        if not self.after_epoch():
            self.model.stop_training = True


def train(
    kind: str, depth: int, seed: int, epochs: int = EPOCHS, after_epoch: Callable[[], bool] = lambda: True
) -> Run:
    """Train one network: SGD with momentum 0.9, the rate falling from 0.1 to 0 along a cosine, no augmentation.

    Args:
        kind: "plain" or "residual".
        after_epoch: called after each epoch; False ends the training.

    Raises:
        OptionError: another kind, or a depth that is not 6n + 2.
    """
    if kind not in ("plain", "residual"):
        raise OptionError(
            "There are two twins. Received: {kind!r}. Accepted: 'plain', 'residual'.",
            kind=kind,
        )
    data = digits()
    keras.utils.set_random_seed(seed)
    model = twin(depth, residual=kind == "residual", seed=seed)
    steps = epochs * -(-TRAINED_ON // BATCH)
    model.compile(
        keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(RATE, steps), momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    watch = _Watch(data, after_epoch)
    history = model.fit(data[0], data[1], BATCH, epochs, verbose=0, callbacks=[watch])
    return Run(
        kind, depth, seed, tuple(history.history["loss"]), tuple(watch.train_error), tuple(watch.test_error)
    )


def experiment(
    depths: Sequence[int] = DEPTHS,
    seeds: Sequence[int] = SEEDS,
    epochs: int = EPOCHS,
    progress: Progress = lambda *_: None,
    go_on: Callable[[], bool] = lambda: True,
) -> Iterator[Run]:
    """Train both twins of each depth from each seed, and hand out each run when it is done.

    Args:
        progress: called after each epoch.
        go_on: asked after each epoch; False ends the experiment.
    """
    plan = [(kind, depth, seed) for seed in seeds for depth in depths for kind in ("plain", "residual")]
    done = 0
    for kind, depth, seed in plan:

        def after_epoch(name: str = f"{kind} {depth}, seed {seed}") -> bool:
            nonlocal done
            done += 1
            progress(done, len(plan) * epochs, name)
            return go_on()

        run = train(kind, depth, seed, epochs, after_epoch)
        if not go_on():
            return
        yield run


def summary(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Last errors of each kind and depth over the seeds: mean and standard deviation."""
    groups: dict[tuple[str, int], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.kind, run.depth), []).append(run)
    return [
        {
            "kind": kind,
            "depth": depth,
            "seeds": len(group),
            **{
                f"{name}_{statistic}": function([getattr(run, name)[-1] for run in group])
                for name in ("train_error", "test_error")
                for statistic, function in (("mean", mean), ("std", pstdev))
            },
        }
        for (kind, depth), group in sorted(groups.items())
    ]


def judge(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Whether the deepest plain network has a higher training error than the shallowest, and the residual one not.

    A difference counts where it is larger than the spread over the seeds of both networks together.

    Returns:
        `plain_degrades`, `residual_degrades`, and `holds`: "holds", "holds_only_where" or "does_not_hold".
    """

    def degrades(kind: str) -> bool:
        own = sorted((row for row in rows if row["kind"] == kind), key=lambda row: row["depth"])
        shallow, deep = own[0], own[-1]
        spread = shallow["train_error_std"] + deep["train_error_std"]
        return bool(deep["train_error_mean"] - shallow["train_error_mean"] > spread)

    plain, residual = degrades("plain"), degrades("residual")
    holds = "does_not_hold" if not plain else "holds_only_where" if residual else "holds"
    return {"plain_degrades": plain, "residual_degrades": residual, "holds": holds}
