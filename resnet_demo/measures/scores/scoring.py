"""Every score of every wanted map of one batch of photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.measures.classification import softmax
from resnet_demo.measures.scores.boxes import energy, pointing
from resnet_demo.measures.scores.erasing import STEPS, drop_and_increase, erasing_curves, shown_only
from resnet_demo.measures.scores.methods import METHODS, OF_THE_INPUT

SCORES = ("pointing", "energy", "insertion", "deletion", "average_drop", "increase")
CHUNK = 16  # images that go through the network together


@dataclass(frozen=True)
class Wanted:
    """Which methods, at which layers, are scored how; each in the order it is reported."""

    methods: tuple[str, ...]
    layers: tuple[str, ...]
    scores: tuple[str, ...]

    @classmethod
    def parse(cls, text: str | None, model: InstrumentedModel) -> Wanted | None:
        """What `--scores` names: methods, layers and scores with commas between, in any order; None for "none".

        A kind that is not named at all stands for its default: Grad-CAM, the last block of each stage and all blocks
        of the last, every score.

        Raises:
            OptionError: a name that is none of them.
        """
        if text == "none":
            return None
        spec = model.engine.architecture
        known = {layer.name for layer in spec.layers}
        named: dict[str, list[str]] = {"methods": [], "layers": [], "scores": []}
        for name in filter(None, (part.strip() for part in (text or "").split(","))):
            kind = (
                "methods"
                if name in METHODS
                else "scores"
                if name in SCORES
                else "layers"
                if name in known
                else None
            )
            if kind is None:
                raise OptionError(
                    "There is no such method, layer or score. Received: --scores {name}. Accepted: 'none', "
                    "{methods}; {scores}; or a layer such as {layer}.",
                    name=name,
                    methods=", ".join(METHODS),
                    scores=", ".join(SCORES),
                    layer=spec.layers[-1].name,
                )
            named[kind].append(name)
        last = spec.stages[-1].name
        blocks = [b.name for b in spec.blocks if b.stage == last] + [
            next(b.name for b in spec.blocks if b.output == stage.node)
            for stage in spec.stages[:-1]
            if spec.blocks
        ]
        default_layers = blocks or [stage.name for stage in spec.stages]
        return cls(
            tuple(named["methods"]) or ("gradcam",),
            tuple(named["layers"]) or tuple(default_layers),
            tuple(named["scores"]) or SCORES,
        )


Scores = dict[str, dict[str, dict[str, float]]]  # method -> layer -> score -> value


def score(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int],
    inside: Sequence[np.ndarray | None],
    wanted: Wanted,
    steps: int = STEPS,
) -> list[Scores]:
    """Score the maps of N photos, each for a class of its own.

    Args:
        batch: float32 (N, H, W, c), preprocessed. Not modified.
        targets: a class index each.
        inside: for each, which pixels of the input lie in a box, bool (H, W); None where no boxes are known, and
            pointing and energy are left out.
        wanted: what to score.
        steps: of the deletion and insertion curves.
    """
    size = batch.shape[1:3]

    def resized(found: np.ndarray) -> np.ndarray:
        return tf.image.resize(found[..., np.newaxis], size, "bilinear").numpy()[..., 0]

    results: list[Scores] = [{} for _ in targets]
    before = _probabilities(model, batch, targets)
    for method in wanted.methods:
        layers = wanted.layers[:1] if method in OF_THE_INPUT else wanted.layers
        for layer, maps in METHODS[method](model, batch, targets, layers).items():
            heat = resized(maps)
            found: list[dict[str, float]] = [{} for _ in targets]
            for i, mask in enumerate(inside):
                if mask is not None:
                    found[i] |= {"pointing": pointing(heat[i], mask), "energy": energy(heat[i], mask)}
            if {"insertion", "deletion"} & set(wanted.scores):
                for i, target in enumerate(targets):
                    found[i] |= _areas(model, batch[i], heat[i], target, steps)
            if {"average_drop", "increase"} & set(wanted.scores):
                shown = np.stack(
                    [_shown(image, map_, resized) for image, map_ in zip(batch, maps, strict=True)]
                )
                after = _probabilities(model, shown, targets)
                for i in range(len(targets)):
                    both = drop_and_increase(float(before[i]), float(after[i]))
                    found[i] |= dict(zip(("average_drop", "increase"), both, strict=True))
            name = "input" if method in OF_THE_INPUT else layer
            for result, one in zip(results, found, strict=True):
                result.setdefault(method, {})[name] = {s: one[s] for s in wanted.scores if s in one}
    return results


def _areas(
    model: InstrumentedModel, image: np.ndarray, heat: np.ndarray, target: int, steps: int
) -> dict[str, float]:
    deletion, insertion = erasing_curves(
        image, heat, lambda images: _probabilities(model, images, [target] * len(images)), steps
    )
    return {"insertion": insertion.area, "deletion": deletion.area}


def _shown(image: np.ndarray, map_: np.ndarray, resized: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return shown_only(image, map_, lambda scaled: resized(scaled[np.newaxis])[0])


def _probabilities(model: InstrumentedModel, images: np.ndarray, targets: Sequence[int]) -> np.ndarray:
    """The probability of a class each, float64 (M,)."""
    chunks = [model.engine.logits(images[i : i + CHUNK]) for i in range(0, len(images), CHUNK)]
    return softmax(np.concatenate(chunks))[np.arange(len(images)), np.asarray(targets)]
