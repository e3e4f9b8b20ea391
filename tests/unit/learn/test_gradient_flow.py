"""The gradients are PyTorch's, of the same network written anew; the verdict follows from them."""

import numpy as np
import pytest

from resnet_demo.learn.claims.gradients import check_of
from resnet_demo.learn.gradient_flow import GradientFlow, gradient_flow, gradient_flows


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("kind", ["plain", "residual"])
def test_the_norms_are_those_of_pytorch(torch_norms, kind, batch_norm):
    found = gradient_flow(kind, 14, batch_norm=batch_norm)
    assert len(found.norms) == 13
    np.testing.assert_allclose(found.norms, torch_norms(kind, 14, batch_norm), rtol=1e-3)


def flows(**changes: float) -> list[GradientFlow]:
    """Networks of 8 and 110 layers whose first layer's gradient changes by so much."""
    made = []
    for name, change in changes.items():
        kind, norm = name.split("_")
        made += [
            GradientFlow(kind, norm == "with", depth, (n, 1.0)) for depth, n in ((8, 1.0), (110, change))
        ]
    return made


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"plain_without": 1e-3, "residual_without": 2.0, "plain_with": 1e3, "residual_with": 2.0}, "holds"),
        (
            {"plain_without": 1e-3, "residual_without": 1e4, "plain_with": 1e3, "residual_with": 0.5},
            "holds_only_where",
        ),
        (
            {"plain_without": 0.1, "residual_without": 1e4, "plain_with": 20.0, "residual_with": 0.5},
            "does_not_hold",
        ),
    ],
)
def test_the_verdict_follows_from_the_first_layers_gradients(changes, expected):
    check = check_of(flows(**changes))
    assert check.verdict == expected
    assert {name: check.values[name] for name in changes} == pytest.approx(changes)
    assert (check.values["shallow"], check.values["deep"]) == (8, 110)
    assert check.values["where"] == "learn_gradients_with" or expected != "holds_only_where"


def test_progress_is_told_and_may_end_it():
    class Enough(Exception):
        pass

    reported = []

    def progress(done: int, total: int) -> None:
        reported.append((done, total))
        if done == 1:
            raise Enough

    with pytest.raises(Enough):
        gradient_flows((8,), progress)
    assert reported == [(0, 4), (1, 4)]
