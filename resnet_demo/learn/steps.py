"""The walk, in one tuple: which steps there are, what each needs, and what checks its claim.

A step is added here, its picture in `views/learn/`, its words in `views/messages/` under `learn_<key>_…`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from resnet_demo.learn.claims import (
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
from resnet_demo.learn.claims import sum as sum_
from resnet_demo.learn.subject import Subject
from resnet_demo.results.check import Check


@dataclass(frozen=True)
class Step:
    """One step; its number is its place in `STEPS`.

    Attributes:
        key: what its words and its picture are called by.
        compute: the check.
        needs: "photo", which comes with the network, its class and a batch; "network" alone; or None. It is checked
            again for another one.
        requires: what of the network, of `Architecture.capabilities`. What else it may lack, `compute` says by an
            ArchitectureError.
        of_block: whether the answer depends on the block at hand.
        costly: takes longer than a second, and so waits to be asked.
    """

    key: str
    compute: Callable[[Subject], Check]
    needs: Literal["photo", "network"] | None = None
    requires: frozenset[str] = frozenset()
    of_block: bool = False
    costly: bool = False


OF_A_CLASS = frozenset({"classes", "residual"})

STEPS: tuple[Step, ...] = (
    Step("degradation", degradation.compute),
    Step("gradients", gradients.compute, costly=True),
    Step("sum", sum_.compute, "photo", frozenset({"residual"}), of_block=True),
    Step("identity", identity.compute, "photo", OF_A_CLASS, of_block=True),
    Step("gradient_split", gradient_split.compute, "photo", OF_A_CLASS, costly=True),
    Step("bottleneck", bottleneck.compute),
    Step("shapes", shapes.compute, costly=True),
    Step("projection", projection.compute, "network", frozenset({"residual"})),
    Step("paths", paths.compute, "photo", OF_A_CLASS, costly=True),
    Step("depths", depths.compute, costly=True),
)
