"""How far one heatmap of one photo can be believed, and which layer to look at: in a bounded number of passes.

References:
    Petsiuk et al. 2018, arXiv:1806.07421 (deletion, insertion); Adebayo et al. 2018, arXiv:1810.03292 (sanity).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError
from resnet_demo.measures.requirements import require
from resnet_demo.measures.scores.agreement import DRAWS, agreement, mean_agreement, noisy
from resnet_demo.measures.scores.erasing import erasing_curves, from_centre, passes_of
from resnet_demo.measures.scores.methods import SCORED_METHODS, Maps
from resnet_demo.measures.scores.sanity import forgetful
from resnet_demo.measures.scores.scoring import Wanted, probabilities_of, score, usual_layers
from resnet_demo.results.belief import Belief, LayerTable
from resnet_demo.results.heatmaps import GradCam

REQUIRES = frozenset({"classes", "spatial"})
CURVE_STEPS = 8
MOST_PASSES = 40
LAYER_STEPS, MOST_LAYERS = 5, 8
LAYER_SCORES = ("insertion", "deletion", "average_drop", "increase")

# The page's name of a method -> the scores' name, options that make it cheap, how many images one map then takes.
# (What tf-keras-vis draws by a gradient goes forward twice.)
_AGAIN: dict[str, tuple[str, dict[str, Any], int]] = {
    "gradcam": ("gradcam", {}, 1),
    "gradcam++": ("gradcam++", {}, 2),
    "faster-scorecam": ("scorecam", {"channels": 8}, 1 + 8),
    "saliency": ("smoothgrad", {"samples": 4}, 2 * 4),
}

Progress = Callable[[int, int], None]  # told how many images the network has seen, and of how many


def believe(
    model: InstrumentedModel,
    image: np.ndarray,
    target: int,
    shown: GradCam,
    *,
    method: str = "gradcam",
    at: str,
    progress: Progress | None = None,
) -> Belief:
    """Test the heatmap on screen, in at most `MOST_PASSES` forward passes.

    The maps of a network that has forgotten, and of noisy copies, are drawn by the same method; SmoothGrad then takes 4
    samples and Faster-ScoreCAM 8 channels, and neither is drawn of noisy copies.

    Args:
        image: float32 (h, w, c), preprocessed. Not modified.
        target: the class the map is for.
        shown: the map.
        method: how it was drawn, "gradcam" or one of `attribution.METHODS`.
        at: at which layer.
        progress: told after each batch of passes.

    Raises:
        ArchitectureError: the network gives no probabilities.
    """
    _require_probabilities(model)
    name, cheaply, each = _AGAIN[method]
    draws = DRAWS if not cheaply else 0
    passes = _Passes(passes_of(2, CURVE_STEPS) + each * (1 + draws), progress)

    def probability(images: np.ndarray) -> np.ndarray:
        found = probabilities_of(model, images, [target] * len(images))
        passes.add(len(images))
        return found

    def maps(network: InstrumentedModel, batch: np.ndarray) -> np.ndarray:
        found: Maps = SCORED_METHODS[name](network, batch, [target] * len(batch), (at,), **cheaply)
        passes.add(each * len(batch))
        return found[at]

    (deletion, insertion), centre = erasing_curves(
        image, [shown.heatmap, from_centre(shown.heatmap.shape)], probability, CURVE_STEPS
    )
    return Belief(
        method,
        at,
        target,
        deletion,
        insertion,
        *centre,
        sanity=agreement(shown.gradcam, maps(forgetful(model), image[np.newaxis])[0]),
        stability=mean_agreement(shown.gradcam, maps(model, noisy(image))) if draws else float("nan"),
        flat=not np.ptp(shown.gradcam),
        passes=passes.done,
    )


def score_layers(
    model: InstrumentedModel, image: np.ndarray, target: int, *, progress: Progress | None = None
) -> LayerTable:
    """Grad-CAM at `usual_layers`, at most `MOST_LAYERS` of them, by every score that needs no boxes.

    Args:
        image: float32 (h, w, c), preprocessed. Not modified.
        target: the class the maps are for.
        progress: told after each batch of passes: for L layers there are 9 L + 4.

    Raises:
        ArchitectureError: the network gives no probabilities.
    """
    _require_probabilities(model)
    layers = usual_layers(model.engine.architecture)[:MOST_LAYERS]
    passes = _Passes(1 + passes_of(len(layers), LAYER_STEPS) + 1 + len(layers), progress)
    wanted = Wanted(("gradcam",), layers, LAYER_SCORES)
    (found,) = score(model, image[np.newaxis], [target], [None], wanted, LAYER_STEPS, passes.add)
    return LayerTable(target, found["gradcam"], passes.done)


class _Passes:
    """Counts images the network has seen."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def add(self, images: int) -> None:
        self.done += images
        if self.progress is not None:
            self.progress(self.done, self.total)


def _require_probabilities(model: InstrumentedModel) -> None:
    require(model.engine, REQUIRES)
    if model.activation == "none":
        raise ArchitectureError(
            "How far a heatmap can be believed is told by the class's probability. Received: a network whose outputs "
            "are taken for no probabilities. Accepted: softmax or sigmoid, which --activation says."
        )
