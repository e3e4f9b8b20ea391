"""The pictures of the walk: one file a step, each with `draw(check, words)`."""

from __future__ import annotations

from collections.abc import Callable

from resnet_demo.results.check import Check
from resnet_demo.views.learn import (
    bottleneck,
    degradation,
    depths,
    gradient_split,
    gradients,
    identity,
    paths,
    projection,
    shapes,
)
from resnet_demo.views.learn import sum as sum_
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words

# By the step's key, as in `learn/steps.py`.
DRAWINGS: dict[str, Callable[[Check, Words], Html]] = {
    "degradation": degradation.draw,
    "gradients": gradients.draw,
    "sum": sum_.draw,
    "identity": identity.draw,
    "gradient_split": gradient_split.draw,
    "bottleneck": bottleneck.draw,
    "shapes": shapes.draw,
    "projection": projection.draw,
    "paths": paths.draw,
    "depths": depths.draw,
}
