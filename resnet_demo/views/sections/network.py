"""Which weights these are, what they eat and what their outputs mean, and how that is known."""

from __future__ import annotations

import re
from collections.abc import Iterable

from resnet_demo.results.network import NetworkFacts, Sentence
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words


def network_panel(network: NetworkFacts, words: Words, *, unfolded: bool = False) -> Html:
    """Which weights, folded up at first; what looks wrong about them stands below it in any case."""
    weights = network.weights
    height, width, channels = network.input_shape
    takes = [f"{height} × {width} × {channels}", network.formula]
    if channels == 1:
        takes.append(words("takes_grey"))
    known_by, how_known = network.takes
    meant_by, means = network.means
    title = "weights" if weights.classes else "weights_headless"
    if network.outputs == "question":
        title = "weights_question"
    folded = element(
        "details",
        element("summary", words(title, name=words.weights(weights.name), classes=weights.classes)),
        _sentences(network.reasons, words),
        element("h5", words("about_input"), _badge(known_by, words)),
        element("p", " · ".join(takes)),
        _sentences([how_known], words),
        element("p", words("takes_fit", fit=network.fit)) if network.fit else Html(""),
        element("h5", words("outputs_title"), _badge(meant_by, words)),
        element("p", words(f"known_{network.outputs}")),
        _sentences([means], words),
        element("p", words("weights_variant", variant=weights.variant)),
        element("p", f"SHA-256 {weights.sha256}", class_="re-hash"),
        class_="re-weights",
        open="" if unfolded else None,
    )
    return join([folded, warnings_view(network.warnings, words)])


def warnings_view(warnings: Iterable[Sentence], words: Words) -> Html:
    """What looks wrong about the network, a paragraph each; nothing where nothing does."""
    said = [element("p", words(f"why_{key}", **values)) for key, values in warnings]
    return element("div", join(said), class_="re-warning", role="alert") if said else Html("")


def _badge(source: str, words: Words) -> Html:
    """How it is known, in a word."""
    return element("span", words(f"known_{source}"), class_=f"re-source re-source-{source}")


def _sentences(reasons: Iterable[Sentence], words: Words) -> Html:
    said = " ".join(words(f"why_{key}", **values) for key, values in reasons)
    return element("p", without_folders(said))


def without_folders(text: str) -> str:
    """Where a file lies on this machine is for the host's log, not for visitors."""
    return re.sub(r"'[^']*[/\\]([^'/\\]+)'", r"'\1'", text)
