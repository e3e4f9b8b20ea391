"""Step 2: gradients vanish or explode in deep plain networks, and shortcuts prevent it. Measured at initialisation.

References:
    He et al. 2015, arXiv:1512.03385, section 4.1.
    Yang et al. 2019, arXiv:1902.08129: why they explode in plain networks with BatchNorm.
    Zhang et al. 2019, arXiv:1901.09321: why in residual networks without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from resnet_demo.learn.check import verdict
from resnet_demo.learn.gradient_flow import GradientFlow, gradient_flows
from resnet_demo.learn.subject import Subject
from resnet_demo.results.check import Check

HEALTHY = 100.0  # from the shallowest network to the deepest the first layer's gradient may change so much, either way


def compute(at: Subject) -> Check:
    """Measure all four kinds of network at each depth: seconds."""
    return check_of(gradient_flows(progress=at.progress))


def check_of(flows: Sequence[GradientFlow]) -> Check:
    """The check of networks of all four kinds, each of at least two depths.

    Returns:
        `values`: by how much the norm of the first layer's gradient changes from the shallowest network to the
        deepest. It holds where the plain network's is not healthy and the residual one's is.
    """
    first = {(f.kind, f.batch_norm, f.depth): f.norms[0] for f in flows}
    depths = sorted({f.depth for f in flows})

    def change(kind: str, batch_norm: bool) -> float:
        return first[kind, batch_norm, depths[-1]] / first[kind, batch_norm, depths[0]]

    def healthy(factor: float) -> bool:
        return 1 / HEALTHY <= factor <= HEALTHY

    def holds(batch_norm: bool) -> bool:
        return not healthy(change("plain", batch_norm)) and healthy(change("residual", batch_norm))

    return Check(
        "gradients",
        verdict(holds(False) and holds(True), holds(False) or holds(True)),
        {
            "shallow": depths[0],
            "deep": depths[-1],
            "where": "learn_gradients_with" if holds(True) else "learn_gradients_without",
            **{
                f"{kind}_{'with' if norm else 'without'}": change(kind, norm)
                for kind in ("plain", "residual")
                for norm in (False, True)
            },
        },
        {"flows": [asdict(flow) for flow in flows]},
    )
