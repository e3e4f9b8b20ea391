"""The heatmaps that are scored: every method, at any layer, for a batch of photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from resnet_demo.engine.backward import run_with_gradients
from resnet_demo.engine.engine import Engine
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures import attribution, logit_attribution, split
from resnet_demo.measures.gradcam import channel_weights, weighted_sum

Maps = dict[str, np.ndarray]  # a layer's name -> float32 (N, h, w), never negative


def _gradcam(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int],
    layers: Sequence[str],
    *,
    softmax: bool = False,
) -> Maps:
    nodes = tuple(model.engine.architecture.layer(name).node for name in layers)
    of = model.targets(targets, len(batch))
    found = model.engine.run(_gradcam_pass, batch, of, nodes=nodes, softmax=softmax)
    return dict(zip(layers, found, strict=True))


def _gradcam_probability(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int], layers: Sequence[str]
) -> Maps:
    """Grad-CAM of the class's probability, up to a factor a photo, which no score sees: what torch-cam's metric draws.

    It differs from the logit's where the outputs are a softmax, in which a class gains by what speaks against others.
    """
    return _gradcam(model, batch, targets, layers, softmax=model.activation == "softmax")


def _gradcam_pass(
    engine: Engine, batch: tf.Tensor, target: tf.Tensor, nodes: tuple[str, ...], softmax: bool
) -> list[tf.Tensor]:
    values, gradients = run_with_gradients(engine, batch, target, nodes, softmax=softmax)
    return [tf.nn.relu(weighted_sum(channel_weights(gradients[node]), values[node])) for node in nodes]


def _split(part: str) -> Callable[..., Maps]:
    """One part of the split Grad-CAM, where it speaks for the class."""

    def maps(
        model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int], layers: Sequence[str]
    ) -> Maps:
        found = split.compute(model, batch, targets)
        return _of_blocks(
            model, layers, [[np.maximum(getattr(block, part), 0) for block in photo] for photo in found]
        )

    return maps


def _logit_attribution(
    model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int], layers: Sequence[str]
) -> Maps:
    """What the block's residual branch adds to the logit, where it adds."""
    found = logit_attribution.compute(model, batch, targets)
    return _of_blocks(model, layers, [[np.maximum(e.map, 0) for e in photo.entries] for photo in found])


def _of_blocks(
    model: InstrumentedModel, layers: Sequence[str], found: Sequence[Sequence[np.ndarray]]
) -> Maps:
    index = {block.name: i for i, block in enumerate(model.engine.architecture.blocks)}
    return {name: np.stack([photo[index[name]] for photo in found]) for name in layers if name in index}


def _by_package(method: str) -> Callable[..., Maps]:
    """One of tf-keras-vis' methods, photo by photo; options are those of `attribution.compute`."""

    def maps(
        model: InstrumentedModel,
        batch: np.ndarray,
        targets: Sequence[int],
        layers: Sequence[str],
        **options: Any,
    ) -> Maps:
        return {
            name: np.stack(
                [
                    np.maximum(found.gradcam, 0)
                    for found in attribution.compute(model, batch, targets, method=method, at=name, **options)
                ]
            )
            for name in layers
        }

    return maps


# A method's name -> its maps of a batch (N, h, w, c), for a class each, at the layers asked for.
SCORED_METHODS: dict[str, Callable[..., Maps]] = {
    "gradcam": _gradcam,
    "gradcam_probability": _gradcam_probability,
    "gradcam_shortcut": _split("shortcut"),
    "gradcam_residual": _split("residual"),
    "gradcam++": _by_package("gradcam++"),
    "scorecam": _by_package("faster-scorecam"),
    "smoothgrad": _by_package("saliency"),
    "ledger": _logit_attribution,
}
# Its map is of the photo's pixels, wherever one looks.
OF_THE_INPUT = frozenset({"smoothgrad"})
