"""Every score of every wanted map of one batch of photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.graph.architecture import Architecture
from resnet_demo.measures.classification import probabilities
from resnet_demo.measures.scores.agreement import agreement, mean_agreement, noisy
from resnet_demo.measures.scores.boxes import energy, pointing
from resnet_demo.measures.scores.erasing import (
    CURVE_STEPS,
    drop_and_increase,
    erasing_curves,
    shown_only,
)
from resnet_demo.measures.scores.methods import OF_THE_INPUT, SCORED_METHODS, Maps
from resnet_demo.measures.scores.sanity import forgetful

CHUNK = 20  # images that go through the network together


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
                if name in SCORED_METHODS
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
                    methods=", ".join(SCORED_METHODS),
                    scores=", ".join(SCORES),
                    layer=spec.layers[-1].name,
                )
            named[kind].append(name)
        return cls(
            tuple(named["methods"]) or ("gradcam",),
            tuple(named["layers"]) or usual_layers(spec),
            tuple(named["scores"]) or SCORES,
        )


def usual_layers(spec: Architecture) -> tuple[str, ...]:
    """Where one looks first: every block of the last stage, then the last block of each other stage, deepest first.

    Of a network without blocks, its stages.
    """
    if not spec.blocks:
        return tuple(stage.name for stage in spec.stages)
    last = spec.stages[-1].name
    ends = {stage.node: stage for stage in spec.stages}
    return tuple(b.name for b in reversed(spec.blocks) if b.stage == last or b.output in ends)


Seen = Callable[[int], None]
Scores = dict[str, dict[str, dict[str, float]]]  # method -> layer -> score -> value
OfLayer = dict[str, list[dict[str, float]]]  # layer -> for each photo: score -> value


def score(
    model: InstrumentedModel,
    batch: np.ndarray,
    targets: Sequence[int],
    inside: Sequence[np.ndarray | None],
    wanted: Wanted,
    steps: int = CURVE_STEPS,
    seen: Seen = lambda _: None,
) -> list[Scores]:
    """Score the maps of N photos, each for a class of its own.

    Args:
        batch: float32 (N, H, W, c), preprocessed. Not modified.
        targets: a class index each.
        inside: for each, which pixels of the input lie in a box, bool (H, W); None where no boxes are known, and
            pointing and energy are left out.
        wanted: what to score.
        steps: of the deletion and insertion curves.
        seen: told how many images the network has seen more.
    """
    results: list[Scores] = [{} for _ in targets]
    for method in wanted.methods:
        layers = wanted.layers[:1] if method in OF_THE_INPUT else wanted.layers
        maps = SCORED_METHODS[method](model, batch, targets, layers)
        seen(len(batch))
        scored = _Scored(model, batch, targets, inside, steps, method, maps, seen)
        kinds = [kind(scored) for names, kind in KINDS.items() if set(names) & set(wanted.scores)]
        for layer in maps:
            name = "input" if method in OF_THE_INPUT else layer
            for i, result in enumerate(results):
                values = {key: value for kind in kinds for key, value in kind[layer][i].items()}
                result.setdefault(method, {})[name] = {s: values[s] for s in wanted.scores if s in values}
    return results


@dataclass(frozen=True)
class _Scored:
    """N photos and one method's maps of them; the rest as `score` is given it."""

    model: InstrumentedModel
    batch: np.ndarray
    targets: Sequence[int]
    inside: Sequence[np.ndarray | None]
    steps: int
    method: str
    maps: Maps
    seen: Seen

    def probabilities(self, images: np.ndarray, targets: Sequence[int]) -> np.ndarray:
        """As `probabilities_of`, and told."""
        found = probabilities_of(self.model, images, targets)
        self.seen(len(images))
        return found

    def resized(self, found: np.ndarray) -> np.ndarray:
        """Maps (n, h, w) at the input's size, (n, H, W)."""
        size = self.batch.shape[1:3]
        large: np.ndarray = tf.image.resize(found[..., np.newaxis], size, "bilinear").numpy()[..., 0]
        return large

    def again(self, model: InstrumentedModel, batch: np.ndarray, targets: Sequence[int]) -> Maps:
        """The same maps of another network, or of other photos."""
        found = SCORED_METHODS[self.method](model, batch, targets, tuple(self.maps))
        self.seen(len(batch))
        return found


def _in_boxes(of: _Scored) -> OfLayer:
    return {
        layer: [
            {} if mask is None else {"pointing": pointing(heat, mask), "energy": energy(heat, mask)}
            for heat, mask in zip(of.resized(maps), of.inside, strict=True)
        ]
        for layer, maps in of.maps.items()
    }


def _erased(of: _Scored) -> OfLayer:
    found: OfLayer = {layer: [] for layer in of.maps}
    heats = {layer: of.resized(maps) for layer, maps in of.maps.items()}
    for i, target in enumerate(of.targets):
        curves = erasing_curves(
            of.batch[i],
            [heat[i] for heat in heats.values()],
            lambda images, target=target: of.probabilities(images, [target] * len(images)),  # type: ignore[misc]
            of.steps,
        )
        for layer, (deletion, insertion) in zip(heats, curves, strict=True):
            found[layer].append({"insertion": insertion.area, "deletion": deletion.area})
    return found


def _shown(of: _Scored) -> OfLayer:
    found: OfLayer = {}
    before = of.probabilities(of.batch, of.targets)
    for layer, maps in of.maps.items():
        shown = [
            shown_only(image, map_, lambda scaled: of.resized(scaled[np.newaxis])[0])
            for image, map_ in zip(of.batch, maps, strict=True)
        ]
        after = of.probabilities(np.stack(shown), of.targets)
        both = [drop_and_increase(float(p), float(q)) for p, q in zip(before, after, strict=True)]
        found[layer] = [{"average_drop": drop, "increase": increase} for drop, increase in both]
    return found


def _sane(of: _Scored, name: str, blocks: int | None) -> OfLayer:
    if blocks is not None and not of.model.engine.architecture.blocks:
        return {layer: [{} for _ in of.targets] for layer in of.maps}
    others = of.again(forgetful(of.model, blocks), of.batch, of.targets)
    return {
        layer: [{name: agreement(*pair)} for pair in zip(maps, others[layer], strict=True)]
        for layer, maps in of.maps.items()
    }


def _stable(of: _Scored) -> OfLayer:
    found: OfLayer = {layer: [] for layer in of.maps}
    for i, (image, target) in enumerate(zip(of.batch, of.targets, strict=True)):
        copies = noisy(image)
        others = of.again(of.model, copies, [target] * len(copies))
        for layer, maps in of.maps.items():
            found[layer].append({"stability": mean_agreement(maps[i], others[layer])})
    return found


# What is computed together.
KINDS: dict[tuple[str, ...], Callable[[_Scored], OfLayer]] = {
    ("pointing", "energy"): _in_boxes,
    ("insertion", "deletion"): _erased,
    ("average_drop", "increase"): _shown,
    ("sanity_last",): lambda of: _sane(of, "sanity_last", 1),
    ("sanity",): lambda of: _sane(of, "sanity", None),
    ("stability",): _stable,
}
SCORES = tuple(name for names in KINDS for name in names)


def probabilities_of(model: InstrumentedModel, images: np.ndarray, targets: Sequence[int]) -> np.ndarray:
    """The probability of a class each, float64 (M,); NaN where the network's outputs are none."""
    chunks = [model.engine.logits(images[i : i + CHUNK]) for i in range(0, len(images), CHUNK)]
    every = probabilities(np.concatenate(chunks), model.activation)
    found: np.ndarray = every[np.arange(len(images)), np.asarray(targets)]
    return found
