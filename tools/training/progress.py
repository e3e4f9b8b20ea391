"""How long a run is to be, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What must stay the same from a run's beginning to its end."""

    depth: int = 50
    batch: int = 64
    seed: int = 0
    minutes: float = 112.0
    max_steps: int | None = None  # the budget where there is one, in place of the minutes


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    step: int = 0  # updates done
    phase: int = 0
    phase_step: int = 0  # updates done in this phase
    elapsed: float = 0.0  # seconds, evaluation included, time between a stop and a resume not

    def share(self, settings: Settings) -> float:
        """How much of the budget is used up: 1 or more at the end."""
        if settings.max_steps is not None:
            return self.step / settings.max_steps
        return self.elapsed / (60 * settings.minutes)
