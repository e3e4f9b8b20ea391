"""The pictures of the walk: one file a step, each with `draw(check, words)`."""

from __future__ import annotations

from collections.abc import Callable

from resnet_demo.results.check import Check
from resnet_demo.views.learn import bottleneck, degradation, depths, gradients, projection, shapes
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words

# By the step's key, as in `learn/steps.py`.
DRAWINGS: dict[str, Callable[[Check, Words], Html]] = {
    "degradation": degradation.draw,
    "gradients": gradients.draw,
    "bottleneck": bottleneck.draw,
    "shapes": shapes.draw,
    "projection": projection.draw,
    "depths": depths.draw,
}
