"""Does the map depend on what the network has learned? Networks whose last blocks have forgotten it.

References:
    Adebayo et al. 2018, *Sanity Checks for Saliency Maps*, arXiv:1810.03292 (cascading randomisation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import keras
import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.graph.flat import FlatGraph, flatten
from resnet_demo.measures.scores.agreement import agreement


@lru_cache(maxsize=1)  # one holds its weights twice over, about 200 MB for a ResNet50
def forgetful(model: InstrumentedModel, blocks: int) -> InstrumentedModel:
    """The network with the kernels of its head and of its last blocks drawn anew.

    Each kernel's values are drawn from the normal distribution of its own mean and standard deviation, so that only
    what was learned is lost, not the scale; the draw is always the same.

    Args:
        model: not modified.
        blocks: how many of the last blocks, from 1 to all.

    Raises:
        OptionError: there are not so many blocks.
    """
    spec = model.engine.architecture
    if not 1 <= blocks <= len(spec.blocks):
        raise OptionError(
            "So many blocks cannot forget. Received: {blocks}. Accepted: 1 to {count_of_blocks}.",
            blocks=blocks,
            count_of_blocks=len(spec.blocks),
        )
    trained = model.network.model
    copy = keras.models.clone_model(trained)
    copy.set_weights(trained.get_weights())
    graph = flatten(trained)
    inside = {spec.logits}.union(*(_inside(graph, block) for block in spec.blocks[-blocks:]))
    forgotten = {id(v) for name in inside for v in getattr(graph[name].op, "weights", ()) if len(v.shape) > 1}
    draw = np.random.default_rng(0)
    for old, new in zip(trained.weights, copy.weights, strict=True):
        if id(old) in forgotten:
            values = np.asarray(old)
            new.assign(draw.normal(values.mean(), values.std(), values.shape))
    return InstrumentedModel(replace(model.network, model=copy))


def _inside(graph: FlatGraph, block: BlockSpec) -> set[str]:
    """What lies between a block's input and its sum, on both branches."""
    found: set[str] = set()
    todo = [block.sum]
    while todo:
        name = todo.pop()
        if name not in found and name != block.input:
            found.add(name)
            todo.extend(graph[name].inputs)
    return found


def sanity(
    model: InstrumentedModel,
    heatmap: np.ndarray,
    maps: Callable[[InstrumentedModel], np.ndarray],
    levels: tuple[int, ...],
) -> dict[int, float]:
    """Agreement of a map with those of networks whose last blocks have forgotten: near 0 where it depends on them.

    Args:
        heatmap: (h, w), the trained network's.
        maps: the same map of another network.
        levels: how many of the last blocks have forgotten, for each answer.
    """
    return {level: agreement(heatmap, maps(forgetful(model, level))) for level in levels}
