"""The pictures of the walk: one file a step, each with `draw(check, words)`."""

from __future__ import annotations

from collections.abc import Callable

from resnet_demo.results.check import Check
from resnet_demo.views.learn import degradation, gradients
from resnet_demo.views.markup import Html

# By the step's key, as in `learn/steps.py`. `words` gives the words under a key: `words("learn_sum_title")`.
DRAWINGS: dict[str, Callable[[Check, Callable[..., str]], Html]] = {
    "degradation": degradation.draw,
    "gradients": gradients.draw,
}
