"""Does the map depend on what the network has learned? Networks whose last blocks have forgotten it.

References:
    Adebayo et al. 2018, *Sanity Checks for Saliency Maps*, arXiv:1810.03292 (cascading randomisation).
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import lru_cache

import keras
import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.graph.architecture import BlockSpec
from resnet_demo.graph.flat import FlatGraph


def forgetful(model: InstrumentedModel, blocks: int | None = None) -> InstrumentedModel:
    """The network with the kernels of its head and of its last blocks drawn anew.

    Each kernel's values are drawn from the normal distribution of its own mean and standard deviation, so that only
    what was learned is lost, not the scale; the draw is always the same. The two last used are kept: of a ResNet50 each
    takes 2 s to make, and 250 MB.

    Args:
        model: not modified.
        blocks: how many of the last blocks, from 1 to all; None for every kernel of the network.

    Raises:
        OptionError: there are not so many blocks.
    """
    count = len(model.engine.architecture.blocks)
    if blocks is not None and not 1 <= blocks <= count:
        raise OptionError(
            "So many blocks cannot forget. Received: {blocks}. Accepted: 1 to {count_of_blocks}.",
            blocks=blocks,
            count_of_blocks=count,
        )
    with _making:  # two that want the same have it made once
        return _forgetful(model, blocks)


_making = threading.Lock()


@lru_cache(maxsize=2)
def _forgetful(model: InstrumentedModel, blocks: int | None) -> InstrumentedModel:
    trained = model.network.model
    copy = keras.models.clone_model(trained)
    forgotten = _kernels(model, blocks)
    draw = np.random.default_rng(0)
    for old, new in zip(trained.weights, copy.weights, strict=True):
        values = np.asarray(old)
        if len(values.shape) > 1 and (forgotten is None or id(old) in forgotten):
            values = draw.normal(values.mean(), values.std(), values.shape)
        new.assign(values)
    return InstrumentedModel(replace(model.network, model=copy))


def _kernels(model: InstrumentedModel, blocks: int | None) -> set[int] | None:
    """Of the head and the last blocks, by `id`; None for all there are."""
    if blocks is None:
        return None
    spec, graph = model.engine.architecture, model.engine.graph
    inside = {spec.logits}.union(*(_inside(graph, block) for block in spec.blocks[-blocks:]))
    return {id(v) for name in inside for v in getattr(graph[name].op, "weights", ())}


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
