"""The panel that tells which weights these are, what they eat and what their outputs mean, and how that is known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.networks.settled import fit_in_words
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words


def weights_panel(model: InstrumentedModel, words: Words) -> Html:
    """Which weights, folded up; what looks wrong about them stands below it in any case."""
    network = model.network
    weights, eats, outputs = network.provenance, network.preprocessing, network.outputs
    height, width, channels = model.engine.architecture.input_shape
    eaten = [f"{height} × {width} × {channels}", eats.value.formula()]
    if channels == 1:
        eaten.append(words("eats_grey"))
    folded = element(
        "details",
        element("summary", words("weights", name=words.weights(weights.name), classes=weights.classes)),
        _sentences(((r.key, r.values) for r in weights.reasons), words),
        element("h5", words("about_input"), _badge(eats.source, words)),
        element("p", " · ".join(eaten)),
        _sentences([(eats.reason.key, eats.reason.values)], words),
        element("p", words("eats_fit", fit=fit_in_words(eats.fit))) if eats.fit else Html(""),
        element("h5", words("outputs_title"), _badge(outputs.source, words)),
        element("p", words(f"known_{outputs.kind}")),
        _sentences([(outputs.reason.key, outputs.reason.values)], words),
        element("p", words("weights_variant", variant=weights.variant)),
        element("p", f"SHA-256 {weights.sha256}", class_="re-hash"),
        class_="re-weights",
    )
    warnings = warnings_view(((r.key, r.values) for r in network.warnings()), words)
    return join([folded, warnings])


def warnings_view(warnings: Iterable[tuple[str, dict[str, Any]]], words: Words) -> Html:
    """What looks wrong about the network, a paragraph each; nothing where nothing does."""
    said = [element("p", words(f"why_{key}", **values)) for key, values in warnings]
    return element("div", join(said), class_="re-warning", role="alert") if said else Html("")


def _badge(source: str, words: Words) -> Html:
    """How it is known, in a word."""
    return element("span", words(f"known_{source}"), class_=f"re-source re-source-{source}")


def _sentences(reasons: Iterable[tuple[str, dict[str, Any]]], words: Words) -> Html:
    said = " ".join(words(f"why_{key}", **values) for key, values in reasons)
    return element("p", without_folders(said))


def without_folders(text: str) -> str:
    """Where a file lies on this machine is for the host's log, not for visitors."""
    return re.sub(r"'[^']*[/\\]([^'/\\]+)'", r"'\1'", text)
