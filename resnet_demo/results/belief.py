"""How far a heatmap can be believed, on one photo; and which layer's heatmap the scores prefer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from resnet_demo.errors import ArchitectureError

LESS_IS_BETTER = frozenset({"deletion", "average_drop", "sanity"})


@dataclass(frozen=True)
class Curve:
    """The target's probability, float64 (steps + 1,), with 0, 1/steps … 1 of the pixels changed."""

    probabilities: np.ndarray

    @property
    def area(self) -> float:
        """The area under the curve, by trapezoids, 0 to 1."""
        return float(np.trapezoid(self.probabilities, dx=1 / (len(self.probabilities) - 1)))


@dataclass(frozen=True)
class Belief:
    """One heatmap of one photo, tested.

    Attributes:
        method, layer: which heatmap.
        target: the class it is for.
        deletion, insertion: the target's probability as its pixels are removed and brought back, most important first.
        centre_deletion, centre_insertion: the same for pixels nearest to the photo's centre first.
        sanity: rank correlation with the map of a network that has forgotten all it learned; NaN where either is
            constant.
        stability: mean rank correlation with the maps of slightly noisy copies of the photo; NaN where either is
            constant, or where that would take more passes than are allowed.
        flat: whether the map is the same everywhere, and ranks nothing.
        passes: how many images went through a network for it, the map on screen not counted.
    """

    method: str
    layer: str
    target: int
    deletion: Curve
    insertion: Curve
    centre_deletion: Curve
    centre_insertion: Curve
    sanity: float
    stability: float
    flat: bool
    passes: int


@dataclass(frozen=True)
class LayerTable:
    """Grad-CAM at several layers, scored.

    Attributes:
        target: the class it is for.
        layers: a layer's name -> score -> value; NaN where it is not defined.
        passes: how many images went through the network for it.
    """

    target: int
    layers: Mapping[str, Mapping[str, float]]
    passes: int


@dataclass(frozen=True)
class MapScores:
    """What the scores say of one photo's Grad-CAM; None where it was not asked.

    Attributes:
        belief: how far the map at the layer on show can be believed.
        layers: which layer's map the scores prefer.
        left_out: what this network cannot be asked of them, by name, and why.
    """

    belief: Belief | None = None
    layers: LayerTable | None = None
    left_out: Mapping[str, ArchitectureError] = field(default_factory=dict)


def best_layers(layers: Mapping[str, Mapping[str, float | None]]) -> dict[str, str]:
    """For each score the layer that it puts first, of equals the first of them; none where it puts all alike.

    Less is better for deletion and average drop, and for sanity what is nearest to 0; else more.
    """
    found: dict[str, str] = {}
    for name in dict.fromkeys(name for values in layers.values() for name in values):
        known = {
            layer: abs(value) if name == "sanity" else value
            for layer, values in layers.items()
            if (value := values.get(name)) is not None and not np.isnan(value)
        }
        if len(known) == 1 or len(set(known.values())) > 1:
            choose = min if name in LESS_IS_BETTER else max
            found[name] = choose(known, key=lambda layer: known[layer])
    return found
