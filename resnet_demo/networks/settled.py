"""What a network eats, and how that is known: settled once, when it is loaded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import keras
import numpy as np

from resnet_demo.graph.flat import FlatGraph
from resnet_demo.networks import memory
from resnet_demo.networks.preprocessing import NAMED, Preprocessing
from resnet_demo.networks.reasons import Reason

# "model": layers inside it · "told": by the user · "metadata": in the file or beside it · "memory": the first
# BatchNorm · "assumed": what is usual for such weights.
Source = Literal["model", "told", "metadata", "memory", "assumed"]

CHOSEN = "chosen"  # the origin of what a visitor or a caller chooses, who needs no words to know who that was

CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)


@dataclass(frozen=True)
class Statement:
    """What someone says that a network eats, and who: "--preprocessing", "preprocessor_config.json".

    `origin` is "" for weights of ours and Keras' official ones.
    """

    preprocessing: Preprocessing
    origin: str


@dataclass(frozen=True)
class Settled:
    """What a network eats, and how that is known.

    Attributes:
        value: the preprocessing that is used.
        source: how it is known.
        origin: who says so: an option, a file, or the layers.
        fit: how far each candidate, `value` among them, is from what the weights remember (see `fits`), on the example
            photos; empty where they remember nothing.
        unused: what the user says and the network's own layers make superfluous.
    """

    value: Preprocessing
    source: Source
    origin: str = ""
    fit: Mapping[str, float] = field(default_factory=dict, hash=False)
    unused: Statement | None = None

    @property
    def is_known(self) -> bool:
        """Whether these are weights of ours or Keras' official ones, of which all is known."""
        return self.source == "metadata" and not self.origin

    @property
    def reason(self) -> Reason:
        """How it is known, in a sentence."""
        how = CHOSEN if self.origin == CHOSEN else self.source
        return Reason(
            "takes_known" if self.is_known else f"takes_{how}",
            {"origin": self.origin, "formula": self.value.formula(), "fit": fit_in_words(self.fit)},
        )

    def warnings(self, photo_fit: Mapping[str, float] | None = None) -> tuple[Reason, ...]:
        """What must be said: the weights remember otherwise, or what the user says is not used.

        Args:
            photo_fit: the same as `fit` on the user's photo, if it `hears_a_photo`.
        """
        found = []
        if self.unused:
            values = {
                "origin": self.unused.origin,
                "preprocessing": self.unused.preprocessing.name,
                "layers": self.origin,
            }
            found.append(
                Reason("takes_chosen_twice" if self.unused.origin == CHOSEN else "takes_twice", values)
            )
        otherwise = self.contradictions(self.fit)
        if not otherwise and photo_fit and self.hears_a_photo:
            otherwise = self.contradictions(photo_fit)
        return (*found, *otherwise)

    @property
    def key(self) -> str:
        """Its key in a fit."""
        return "model" if self.source == "model" else self.value.name

    @property
    def hears_a_photo(self) -> bool:
        """Whether one photo alone could contradict: only where the examples do not bear out what is used."""
        return self.fit.get(self.key, math.inf) > memory.CLEAR

    def contradictions(self, fit: Mapping[str, float]) -> tuple[Reason, ...]:
        """That the weights remember otherwise by this fit, with both numbers; nothing where they do not."""
        chosen = self.key
        best = memory.contradicts(fit, chosen) if fit else None
        if best is None:
            return ()
        values = {
            "chosen": chosen,
            "chosen_fit": f"{fit[chosen]:.3g}",
            "best": best,
            "best_fit": f"{fit[best]:.3g}",
        }
        return (Reason("takes_otherwise_inside" if chosen == "model" else "takes_otherwise", values),)

    def override(self, statement: Statement) -> Settled:
        """The same network fed as someone says; what its own layers do stays, and that is said."""
        if self.source == "model":
            return replace(self, unused=statement)
        return replace(
            self, value=statement.preprocessing, source="told", origin=statement.origin, unused=None
        )

    def numbers(self, photo_fit: Mapping[str, float] | None = None) -> dict[str, Any]:
        """All of it as plain JSON types, with the fit of the user's photo where there is one."""
        return {
            "value": self.value.numbers(),
            "source": self.source,
            "origin": self.origin,
            "fit": dict(self.fit),
            **({} if photo_fit is None else {"photo_fit": dict(photo_fit)}),
            "warnings": [str(warning) for warning in self.warnings(photo_fit)],
        }


def fit_in_words(fit: Mapping[str, float]) -> str:
    """The three candidates that fit best: "torch 0.0181, tf 0.472, unit 1.07"."""
    best = sorted(fit.items(), key=lambda item: item[1])[:3]
    return ", ".join(f"{name} {value:.3g}" for name, value in best)


def settle(
    graph: FlatGraph,
    usual: Preprocessing,
    override: Statement | None = None,
    described: Statement | None = None,
) -> Settled:
    """Settle what a network eats, in this order: the model's own layers, the user, metadata, memory, usage.

    Args:
        graph: the network.
        usual: what is usual for weights of its layout.
        override: what the user says.
        described: what the file says, or one beside it.
    """
    layers = own_layers(graph)
    if layers:
        named = ", ".join(graph[layer].op.name for layer in layers)
        chosen = Settled(NAMED["raw"], "model", named, unused=override)
    elif override:
        chosen = Settled(override.preprocessing, "told", override.origin)
    elif described:
        chosen = Settled(described.preprocessing, "metadata", described.origin)
    else:
        chosen = Settled(usual, "assumed")
    height, width, channels = graph.inputs[0].shape
    fit = fits(graph, chosen, memory.example_windows((height, width), channels))
    # Beyond doubt only: statistics of no photos may be far from everything, and nearer to one than to the other.
    if chosen.source == "assumed" and fit and (name := memory.clear(fit)):
        chosen = Settled(NAMED[name], "memory")
    return replace(chosen, fit=fit)


def fits(graph: FlatGraph, settled: Settled, pixels: np.ndarray) -> dict[str, float]:
    """How far every named preprocessing, and the one in use, is from what the weights remember, on these photos.

    Args:
        pixels: uint8 (N, h, w, channels), RGB or grey.

    Returns:
        name → divergence, best first ("model": the network's own layers); empty where nothing is remembered.
    """
    remembered = memory.memory_of(graph)
    if remembered is None:
        return {}
    own = own_layers(graph) if settled.source == "model" else ()
    others = () if settled.value.name in NAMED else (settled.value,)
    return remembered.fits(pixels, (*NAMED.values(), *others), own)


def own_layers(graph: FlatGraph) -> tuple[str, ...]:
    """The nodes by which a network preprocesses: those before its first convolution that change colours.

    Told by running them: one colour goes in, and another comes out at the convolution. A BatchNorm there was trained
    and is no preprocessing; nor are paddings and resizings, which keep a colour.
    """
    before = []
    for node in graph:
        if isinstance(node.op, CONVOLUTIONS):
            break
        before.append(node)
    else:
        return ()
    photo = before[0]
    values = {photo.name: np.broadcast_to(_colour(photo.shape[-1]), (1, *photo.shape)).astype(np.float32)}
    found = []
    for node in before[1:]:
        values[node.name] = node.call(values)
        if isinstance(node.op, keras.layers.BatchNormalization):
            return ()
        if any(not _same_colour(values[name], values[node.name]) for name in node.inputs):
            found.append(node.name)
    if _same_colour(np.sort(values[photo.name]), np.sort(values[before[-1].name])):
        return ()  # the channels' order at most: that is not the scale
    return tuple(found)


def _colour(channels: int) -> np.ndarray:
    return np.array([200.0, 90.0, 30.0] if channels == 3 else [200.0] * channels, np.float32)


def _same_colour(first: Any, second: Any) -> bool:
    """Whether two maps, (N, h, w, C), are the same in their middle, where no padding reaches."""
    middles = [
        np.asarray(m)[0, m.shape[1] // 2, m.shape[2] // 2] for m in (first, second) if len(m.shape) == 4
    ]
    return len(middles) < 2 or bool(np.allclose(middles[0], middles[1], atol=1e-3))
