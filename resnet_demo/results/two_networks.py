"""What two networks make of one photo, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from resnet_demo.errors import ArchitectureError
from resnet_demo.results.analysis import Analysis
from resnet_demo.results.classes import Label, Prediction
from resnet_demo.results.laboratory import LogitAttribution


@dataclass(frozen=True)
class NetworkSide:
    """One of the two.

    Attributes:
        analysis: of the photo, with every class ranked, for the class that is explained.
        layer: the block, or the layer, at whose output the heatmap is.
        logit_attribution: of that class; None where the network has none.
        left_out: why not.
    """

    analysis: Analysis
    layer: str
    logit_attribution: LogitAttribution | None
    left_out: ArchitectureError | None = None

    @property
    def name(self) -> str:
        """What the network is called."""
        return self.analysis.weights.name

    def by_stage(self) -> dict[str, float]:
        """The logit's parts, the blocks' of a stage together: what the ledger adds up to, whatever its length."""
        if self.logit_attribution is None:
            return {}
        stage_of = {block.name: block.stage for block in self.analysis.blocks}
        parts = {"class_bias": self.logit_attribution.class_bias, "stem": self.logit_attribution.stem}
        for entry in self.logit_attribution.entries:
            stage = stage_of[entry.block]
            parts[stage] = parts.get(stage, 0.0) + entry.contribution
        return parts | {"projection_biases": self.logit_attribution.projection_biases}


@dataclass(frozen=True)
class TwoNetworks:
    """Both; `same_class`: whether both are explained for a class of one name, else each for its own top class."""

    first: NetworkSide
    second: NetworkSide
    same_class: bool

    def shared(self) -> tuple[tuple[Prediction, Prediction], ...]:
        """The classes that both know, each with what either says, those first that either is surest of."""
        others = {key: p for p in self.second.analysis.predictions for key in keys_of(p.label)}
        pairs = [
            (mine, next(others[key] for key in keys_of(mine.label) if key in others))
            for mine in self.first.analysis.predictions
            if not others.keys().isdisjoint(keys_of(mine.label))
        ]
        return tuple(sorted(pairs, key=lambda pair: -max(p.probability for p in pair)))


def keys_of(label: Label) -> tuple[str, ...]:
    """By what a class is known in another network: its WordNet id, and its English name in small letters."""
    return tuple(key for key in (label.wnid, label.english.casefold().replace("_", " ")) if key)
