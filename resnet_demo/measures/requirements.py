"""What a measure requires of a network, and why it is left out where that is lacking."""

from __future__ import annotations

from resnet_demo.engine.engine import Engine
from resnet_demo.errors import ArchitectureError
from resnet_demo.graph.capabilities import CAPABILITIES

REASONS = {  # by `Lack.key`
    "no_classes": "What explains a class needs a network that scores classes. Received: one that ends in {shape}. "
    "Accepted: a network with a dense layer or an output activation at its end.",
    "no_blocks": "The residual laboratory measures residual blocks. Received: a network without shortcuts. "
    "Accepted: a ResNet, or another network of residual additions.",
    "mask_bends": "The ledger walks down along layers that are piecewise linear. "
    "Received: {layer!r} ({kind}), outside the residual branches. "
    "Accepted: ReLU, pooling, convolution and BatchNorm layers.",
    "head_bends": "The ledger needs a head that is piecewise linear. Received: {layer!r} ({kind}) in the head. "
    "Accepted: pooling, dense, convolution, BatchNorm and ReLU layers.",
}


def lacking(engine: Engine, requires: frozenset[str]) -> ArchitectureError | None:
    """Why a measure that requires this is left out; None where nothing is lacking."""
    lacks = engine.architecture.lacks
    missing = next((lacks[name] for name in CAPABILITIES if name in requires and name in lacks), None)
    return None if missing is None else ArchitectureError(REASONS[missing.key], **missing.values)


def require(engine: Engine, requires: frozenset[str]) -> None:
    """Raise ArchitectureError with the reason where something is lacking."""
    if reason := lacking(engine, requires):
        raise reason
