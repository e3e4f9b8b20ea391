"""Two buttons below the heatmap: how far can this be believed, and which layer should I look at?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from resnet_demo.errors import ResNetDemoError
from resnet_demo.photos.decoding import Photo, read_photo
from resnet_demo.ui.lanes import HEAVY
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.page_parts import PICK, PageParts, private
from resnet_demo.ui.telling import teller
from resnet_demo.views.cards import empty, error_card
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.belief import belief_view, layers_view


@dataclass(frozen=True)
class BeliefHandlers:
    """What the buttons answer."""

    shown: NetworkOnShow

    def believe(
        self,
        path: str | None,
        target: int | None,
        layer: str,
        method: str,
        masks: int,
        language: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008, how Gradio asks for a progress bar
    ) -> Html:
        """The heatmap on screen, tested."""

        def draw(photo: Photo, words: Words) -> Html:
            recorder = self.shown.recorder
            chosen = recorder.target(photo, target)
            on_progress = teller(progress, words("belief_running"))
            found = recorder.belief(photo, chosen.index, layer, method, int(masks), on_progress)
            return belief_view(found, words.class_of(chosen), words)

        return _answer(path, language, draw)

    def layers(
        self,
        path: str | None,
        target: int | None,
        layer: str,
        language: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Html:
        """Every layer's heatmap, scored."""

        def draw(photo: Photo, words: Words) -> Html:
            recorder = self.shown.recorder
            chosen = recorder.target(photo, target)
            found = recorder.layers(photo, chosen.index, teller(progress, words("layers_running")))
            return layers_view(found, words.class_of(chosen), layer, words)

        return _answer(path, language, draw)


def _answer(path: str | None, language: str, draw: Callable[[Photo, Words], Html]) -> Html:
    words = Words(language)
    if path is None:
        return empty(words)
    try:
        return draw(read_photo(path), words)
    except ResNetDemoError as error:
        return error_card(error, words)


@dataclass(frozen=True)
class BeliefComponents:
    """Where the answers stand."""

    belief: gr.HTML
    layers: gr.HTML

    def forget(self, heatmap: gr.HTML, classes: gr.HTML) -> None:
        """Take an answer away once what it is about has gone: the heatmap; the photo or the class."""
        for changed, answer in ((heatmap, self.belief), (classes, self.layers)):
            changed.change(
                None, None, answer, js="() => ''", api_visibility="private", show_progress="hidden"
            )


def create_belief_panel(parts: PageParts, method: gr.Radio, masks: gr.Slider) -> BeliefComponents:
    """Lay out the buttons and their answers, and wire them."""
    handlers = BeliefHandlers(parts.shown)
    with gr.Column(elem_classes=["re-asking", "re-order-2"]):
        with gr.Row(elem_classes="re-questions"):
            ask_belief = parts.texts.make(
                gr.Button, {"value": "belief_title"}, elem_id="ask-belief", size="sm"
            )
            ask_layers = parts.texts.make(
                gr.Button, {"value": "layers_title"}, elem_id="ask-layers", size="sm"
            )
        belief = gr.HTML(elem_classes=["re-flush", "re-notice"], elem_id="belief")
        layers = gr.HTML(elem_classes=["re-flush", "re-notice"], elem_id="layers", js_on_load=PICK)
    about = [parts.photo, parts.target, parts.layer]
    ask_belief.click(
        handlers.believe, [*about, method, masks, parts.language], belief, **private(belief, HEAVY)
    )
    ask_layers.click(handlers.layers, [*about, parts.language], layers, **private(layers, HEAVY))
    return BeliefComponents(belief, layers)
