"""What a measure requires of a network, and why it is left out where that is lacking."""

from __future__ import annotations

from resnet_demo.engine.engine import Engine
from resnet_demo.errors import ArchitectureError

REASONS = {
    "spatial": "Heatmaps and channels are shown of layers with positions. Received: a network that has none. "
    "Accepted: a convolutional network.",
    "residual": "The residual laboratory measures residual blocks. Received: a network without shortcuts. "
    "Accepted: a ResNet.",
    "relu_mask": "Gates are those of a ReLU after the addition. Received: blocks without one. Accepted: a ResNet v1.",
    "linear_head": "The ledger needs a head that is piecewise linear. Received: a head with other layers. "
    "Accepted: pooling, dense, convolution, BatchNorm and ReLU layers.",
}


def lacking(engine: Engine, requires: frozenset[str]) -> ArchitectureError | None:
    """Why a measure that requires this is left out; None where nothing is lacking."""
    return next(
        (
            ArchitectureError(REASONS[name])
            for name in REASONS
            if name in requires - engine.architecture.capabilities
        ),
        None,
    )


def require(engine: Engine, requires: frozenset[str]) -> None:
    """Raise ArchitectureError with the reason where something is lacking."""
    if reason := lacking(engine, requires):
        raise reason
