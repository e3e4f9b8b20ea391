"""Compare: two classes on one photo, two photos for one class, or two networks on one photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.errors import ResNetDemoError
from resnet_demo.measures.recorder import Recorder
from resnet_demo.measures.two_networks import compare_networks
from resnet_demo.photos.decoding import Photo, read_photo
from resnet_demo.results.comparison import Comparison
from resnet_demo.ui.choosers import NetworkDropdown
from resnet_demo.ui.lanes import HEAVY, LOADING, PROBLEM_CLASS
from resnet_demo.ui.network_chooser import telling, titles
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.page_parts import PICK, PageParts, every_class, panel, picked, pictures_of, private
from resnet_demo.ui.photo_input import PhotoInput
from resnet_demo.ui.visitors import Visitors
from resnet_demo.views.cards import card, empty, error_card
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words
from resnet_demo.views.pictures import photo_uri
from resnet_demo.views.sections.compare import both_photos_view, difference_view, positions_view
from resnet_demo.views.sections.two_networks import side_by_side_view, summary_view


@dataclass(frozen=True)
class CompareHandlers:
    """What the comparison answers: what is wrong, then by class, by position, by photo, and both photos."""

    shown: NetworkOnShow
    visitors: Visitors

    def show(
        self, path: str | None, target: int | None, other: int | None, other_path: str | None, language: str
    ) -> list[Any]:
        """Two classes, and two photos."""
        words = Words(language)
        if not self.shown.blocks:
            return [empty(words, "profile_none"), *[Html("")] * 4]

        def draw(photo: Photo) -> list[Html]:
            found, first, second = self._two_classes(photo, target, other, words)
            return [
                difference_view(words("compare_title"), found, first, second, words, pickable=True),
                positions_view(photo_uri(photo.pixels), found, first, second, words),
                *self._two_photos(photo, other_path, found.first.target, first, words),
            ]

        return pictures_of(path, 4, words, draw)

    def load(
        self,
        other: str | None,
        language: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008, how Gradio asks for a progress bar
    ) -> Html:
        """Bring the other network into memory, so that the comparison need not wait for it."""
        words = Words(language)
        try:
            if other:
                self.visitors.networks.get(other, telling(progress, words))
        except ResNetDemoError as error:
            return card(words("networks_title"), error_card(error, words))
        return Html("")

    def networks(self, path: str | None, target: int | None, other: str | None, language: str) -> list[Html]:
        """Two networks on the photo: what either says, and their pictures side by side."""
        words = Words(language)
        if path is None:
            return [Html(""), Html("")]
        if not other:
            return [card(words("networks_title"), finding=words("networks_none")), Html("")]
        try:
            photo = read_photo(path)
            networks = self.visitors.networks
            second = Recorder(networks.get(other), self.shown.recorder.records)
            found = compare_networks(self.shown.recorder, second, photo, target)
        except ResNetDemoError as error:
            return [card(words("networks_title"), error_card(error, words)), Html("")]
        return [summary_view(found, words), side_by_side_view(photo_uri(photo.pixels), found, words)]

    def everything(
        self,
        path: str | None,
        target: int | None,
        other: int | None,
        other_path: str | None,
        network: str | None,
        language: str,
    ) -> list[Any]:
        """All three questions."""
        asked = self.show(path, target, other, other_path, language)
        return [*asked, *self.networks(path, target, network, language)]

    def pick_block(
        self, path: str | None, target: int | None, other: int | None, language: str, event: gr.EventData
    ) -> Html:
        """Which positions speak for either class in the block that was clicked."""
        words = Words(language)
        if path is None:
            return empty(words)
        try:
            photo = read_photo(path)
            found, first, second = self._two_classes(photo, target, other, words)
        except ResNetDemoError as error:
            return error_card(error, words)
        return positions_view(photo_uri(photo.pixels), found, first, second, words, picked(event, "block"))

    def _two_classes(
        self, photo: Photo, target: int | None, other: int | None, words: Words
    ) -> tuple[Comparison, str, str]:
        found = self.shown.recorder.compare_classes(photo, target, other)
        labels = self.shown.model.labels
        first, second = (words.label(labels[side.target]) for side in (found.first, found.second))
        return found, first, second

    def _two_photos(
        self, photo: Photo, other_path: str | None, target: int, label: str, words: Words
    ) -> list[Html]:
        """The blocks' part in the difference, and the positions on either photo."""
        title = words("both_photos_title")
        if other_path is None:
            return [Html(""), card(title, finding=words("compare_photos_none", label=label))]
        try:
            other = read_photo(other_path)
            found = self.shown.recorder.compare_photos(photo, other, target)
        except ResNetDemoError as error:
            return [Html(""), card(title, error_card(error, words))]
        this, that = words("this_photo", label=label), words("that_photo", label=label)
        photos = (photo_uri(photo.pixels), photo_uri(other.pixels))
        return [
            difference_view(words("compare_photos_title"), found, this, that, words),
            both_photos_view(photos, found, label, words),
        ]


def create_compare_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it."""
    handlers = CompareHandlers(parts.shown, parts.visitors)
    problem = parts.texts.begin(
        gr.HTML, {"value": empty}, elem_classes=["re-flush", "re-notice", PROBLEM_CLASS]
    )
    with gr.Row(elem_classes="re-columns"):
        with gr.Column(scale=6, min_width=300):
            with panel(1):
                other_class = parts.texts.of_network(
                    NetworkDropdown,
                    {"label": "other_class", "choices": every_class(parts.shown)},
                    lambda: None,
                    elem_id="other-class",
                )
                blocks = gr.HTML(elem_classes="re-flush", elem_id="by-class", js_on_load=PICK)
            with panel(4):
                photos = gr.HTML(elem_classes="re-flush", elem_id="by-photo")
        with gr.Column(scale=5, min_width=300):
            with panel(2):
                positions = gr.HTML(elem_classes="re-flush", elem_id="by-position")
            with panel(3):
                other_photo = parts.texts.make(
                    PhotoInput,
                    {"label": "other_photo", "placeholder": "drop_photo"},
                    type="filepath",
                    sources=["upload", "clipboard"],
                    height=220,
                    elem_id="other-photo",
                )
                both = gr.HTML(elem_classes="re-flush", elem_id="both-photos")
    network, *two = _lay_out_networks(parts)
    inputs = [parts.photo, parts.target, other_class, other_photo, parts.language]
    outputs = [problem, blocks, positions, photos, both]
    everything = [*inputs[:-1], network, parts.language]
    parts.on_tab(tab, handlers.everything, everything, [*outputs, *two], problem, HEAVY)
    other_class.input(handlers.show, inputs, outputs, **private(lane=HEAVY))
    other_photo.change(handlers.show, inputs, outputs, **private(lane=HEAVY))
    chosen = [parts.photo, parts.target, other_class, parts.language]
    blocks.click(handlers.pick_block, chosen, positions, **private(lane=HEAVY))
    loaded = network.input(handlers.load, [network, parts.language], two[0], **private(two[0], LOADING))
    of_both = [parts.photo, parts.target, network, parts.language]
    loaded.then(handlers.networks, of_both, two, **private(two[0], HEAVY))


def _lay_out_networks(parts: PageParts) -> tuple[gr.Dropdown, gr.HTML, gr.HTML]:
    """The third question, below the two others: another network, what either says, and their pictures."""
    with panel(5):
        network = parts.texts.make(
            gr.Dropdown,
            {"label": "other_network", "choices": titles(parts.visitors.networks.names)},
            value=None,
            elem_id="other-network",
        )
        summary = gr.HTML(elem_classes="re-flush", elem_id="two-networks")
    return network, summary, gr.HTML(elem_classes="re-flush", elem_id="networks-pairs")
