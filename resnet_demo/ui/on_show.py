"""The network that the page shows: what every handler asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from resnet_demo.atlas.bundled import atlas_of
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.graph.architecture import Architecture
from resnet_demo.measures.recorder import Recorder
from resnet_demo.networks.facts import facts_of
from resnet_demo.results.network import NetworkFacts


@dataclass(frozen=True)
class NetworkOnShow:
    """A network with what measures photos with it. Nothing is remembered here: the recorder's network may change."""

    recorder: Recorder
    is_chosen: Callable[[], bool] = lambda: False  # whether this visitor chose it, or how it is fed

    @property
    def model(self) -> InstrumentedModel:
        """The network and its engine."""
        return self.recorder.model

    @property
    def spec(self) -> Architecture:
        """What it consists of."""
        return self.model.engine.architecture

    @property
    def facts(self) -> NetworkFacts:
        """What is known of it."""
        return facts_of(self.model.network, self.spec)

    @property
    def blocks(self) -> list[str]:
        """The names of its residual blocks."""
        return [block.name for block in self.spec.blocks]

    @property
    def stages(self) -> list[str]:
        """The names of its stages."""
        return [stage.name for stage in self.spec.stages]

    @property
    def layers(self) -> list[str]:
        """Where one looks: its blocks, or where it has none its stages."""
        return self.blocks or self.stages

    @property
    def atlas(self) -> dict[str, Any] | None:
        """What is typical of its weights, where that is known."""
        return atlas_of(self.facts.weights.sha256)
