"""Which network answers, and what it is fed: two choosers above the panel that tells of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.errors import ResNetDemoError
from resnet_demo.networks.download import Progress
from resnet_demo.networks.official import TITLES
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.ui.language import Texts
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.visitors import Visitors
from resnet_demo.views.cards import error_card
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.network import network_panel

OFFICIAL = "resnet50"  # what is offered where few classes are known and none is probable
AS_FOUND = ""  # the preprocessing that nobody has chosen
# What the words for each preprocessing are called.
FED = {"caffe": "fed_caffe", "torch": "fed_torch", "tf": "fed_tf", "unit": "fed_unit", "raw": "fed_raw"}


@dataclass(frozen=True)
class NetworkChooser:
    """The components; `on_screen` holds the name of the network whose pictures are shown."""

    network: gr.Dropdown
    preprocessing: gr.Dropdown
    on_screen: gr.Textbox
    problem: gr.HTML
    panel: gr.HTML


def create_network_chooser(visitors: Visitors, shown: NetworkOnShow, texts: Texts) -> NetworkChooser:
    """Lay it out."""
    names = visitors.networks.names
    with gr.Column(elem_classes="re-network"):
        with gr.Row(elem_classes="re-choose"):
            network = texts.make(
                gr.Dropdown,
                {"label": "choose_network", "choices": titles(names)},
                value=names[0],
                elem_id="network",
                min_width=140,
            )
            preprocessing = texts.make(
                gr.Dropdown,
                {"label": "choose_preprocessing", "choices": ways_to_feed},
                value=AS_FOUND,
                elem_id="preprocessing",
                min_width=140,
            )
        problem = gr.HTML(elem_classes="re-flush", elem_id="network-problem")
        on_screen = gr.Textbox(names[0], label="on_screen", visible="hidden")
        panel = texts.make(
            gr.HTML,
            {"value": lambda w: network_panel(shown.facts, w)},
            elem_classes="re-flush",
            elem_id="network-panel",
        )
    return NetworkChooser(network, preprocessing, on_screen, problem, panel)


def titles(names: tuple[str, ...]) -> Callable[[Words], list[tuple[str, str]]]:
    """The networks as a visitor reads them."""

    def listed(words: Words) -> list[tuple[str, str]]:
        known = {name: f"Keras {title} · ImageNet" for name, title in TITLES.items()}
        known["bundled"] = words("weights_bundled")
        return [(known.get(name, name), name) for name in names]

    return listed


def ways_to_feed(words: Words) -> list[tuple[str, str]]:
    """As it was found, or as one of the named preprocessings has it."""
    return [(words("fed_as_found"), AS_FOUND), *((words(FED[name]), name) for name in NAMED)]


def telling(progress: gr.Progress, words: Words) -> Progress:
    """What shows that a network is loaded, and how far its download is."""
    progress(None, desc=words("network_loading"))

    def tell(done: int, total: int | None) -> None:
        megabytes = f"{done / 1e6:.0f}" + (f" / {total / 1e6:.0f}" if total else "")
        downloading = words("network_downloading", megabytes=megabytes)
        progress((done, total) if total else None, desc=downloading, unit="B")

    return tell


@dataclass(frozen=True)
class ChooserHandlers:
    """What a choice answers."""

    visitors: Visitors
    shown: NetworkOnShow
    texts: Texts

    def choose(
        self,
        name: str,
        preprocessing: str,
        before: str,
        language: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008, how Gradio asks for a progress bar
    ) -> list[Any]:
        """Load a network; where that fails, say why, and stay with the one before.

        Returns:
            Network, preprocessing, network on screen, problem, and an update of each of `texts.components`.
        """
        words, problem, fed, networks = Words(language), Html(""), AS_FOUND, self.visitors.networks

        try:
            networks.get(name, telling(progress, words))
        except ResNetDemoError as error:
            problem = error_card(error, words)
            name, fed = before if before in networks.names else networks.default, preprocessing
        with self.visitors.using(name, fed):
            return [name, fed, name, problem, *self.texts.updates(language, reset=True)]

    def feed(self, language: str) -> Html:
        """The panel for another preprocessing."""
        return network_panel(self.shown.facts, Words(language))
