"""The atlas: what is typical of this network, and how the photo on screen compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.errors import ResNetDemoError
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.ui.choosers import NetworkDropdown
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.page_parts import PageParts, panel, private
from resnet_demo.views.cards import error_card
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.atlas import (
    QUANTITY_TITLES,
    agreement_view,
    lesions_view,
    no_atlas_view,
    scores_view,
    typical_view,
    unusual_view,
)

EVERYTHING = -1  # the choice of no class
NOTHING = Html("")


@dataclass(frozen=True)
class AtlasHandlers:
    """What the tab answers, out of the atlas alone; of a photo that was shown nothing is measured again."""

    shown: NetworkOnShow

    def show(self, path: str | None, of_class: int, quantity: str, language: str) -> list[Html]:
        """The typical profile, the photo's unusual blocks, agreement, lesions and layers' scores."""
        words, atlas = Words(language), self.shown.atlas
        if atlas is None:
            return [no_atlas_view(words.weights(self.shown.facts.weights.name), words), *[NOTHING] * 4]
        try:
            blocks = self.shown.recorder.seen(read_photo(path)).blocks if path else ()
        except ResNetDemoError as error:
            return [error_card(error, words), *[NOTHING] * 4]
        return [
            self._typical(atlas, of_class, quantity, blocks, words),
            unusual_view(atlas, blocks, words) if blocks else NOTHING,
            agreement_view(atlas, words) if atlas["correlations"] else NOTHING,
            lesions_view(atlas, words) if atlas["lesions"] else NOTHING,
            scores_view(atlas, words) if "gradcam" in atlas["scores"] else NOTHING,
        ]

    def _typical(
        self,
        atlas: dict[str, Any],
        of_class: int,
        quantity: str,
        blocks: tuple[BlockProfile, ...],
        words: Words,
    ) -> Html:
        known = [one["index"] for one in atlas["classes"]]
        chosen = of_class if of_class in known else None
        label = words("atlas_everything") if chosen is None else words.label(self.shown.model.labels[chosen])
        measured = quantity if quantity in atlas["blocks"][0] else "ratio"
        return typical_view(atlas, chosen, label, measured, blocks, words)

    def only_typical(self, path: str | None, of_class: int, quantity: str, language: str) -> Html:
        """The typical profile alone, of another class or quantity."""
        return self.show(path, of_class, quantity, language)[0]

    def classes(self, words: Words) -> list[tuple[str, int]]:
        """The classes there are photos of, after all together."""
        atlas = self.shown.atlas
        known = [one["index"] for one in atlas["classes"]] if atlas else []
        labels = self.shown.model.labels
        return [(words("atlas_everything"), EVERYTHING), *((words.label(labels[i]), i) for i in known)]

    def quantities(self, words: Words) -> list[tuple[str, str]]:
        """What the atlas knows of each block."""
        known = self.shown.atlas["blocks"][0] if self.shown.atlas else {"ratio": None}
        return [(words(key), name) for name, key in QUANTITY_TITLES.items() if name in known]


def create_atlas_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it."""
    handlers = AtlasHandlers(parts.shown)
    with gr.Row(elem_classes="re-columns"):
        with gr.Column(scale=6, min_width=300):
            with panel(1):
                typical = gr.HTML(elem_classes="re-flush", elem_id="atlas-typical")
                with gr.Row():
                    of_class = parts.texts.of_network(
                        NetworkDropdown,
                        {"label": "atlas_class", "choices": handlers.classes},
                        lambda: EVERYTHING,
                        elem_id="atlas-class",
                        min_width=120,
                    )
                    quantity = parts.texts.of_network(
                        NetworkDropdown,
                        {"label": "quantity", "choices": handlers.quantities},
                        lambda: "ratio",
                        elem_id="atlas-quantity",
                        min_width=120,
                    )
            with panel(4):
                lesions = gr.HTML(elem_classes="re-flush", elem_id="atlas-lesions")
        with gr.Column(scale=5, min_width=300):
            with panel(2):
                unusual = gr.HTML(elem_classes="re-flush", elem_id="atlas-unusual")
            with panel(3):
                agreement = gr.HTML(elem_classes="re-flush", elem_id="atlas-agreement")
    with panel(5):
        scores = gr.HTML(elem_classes="re-flush", elem_id="atlas-scores")
    inputs = [parts.photo, of_class, quantity, parts.language]
    parts.on_tab(tab, handlers.show, inputs, [typical, unusual, agreement, lesions, scores], typical)
    for chooser in (of_class, quantity):
        chooser.input(handlers.only_typical, inputs, typical, **private(typical))
