"""The overview: classes, heatmap, the profile of all blocks, and one block opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.assets import EXAMPLES
from resnet_demo.errors import ArchitectureError, ResNetDemoError
from resnet_demo.measures import as_it_forms, attribution, logit_attribution, overview
from resnet_demo.measures.requirements import lacking
from resnet_demo.photos.decoding import Photo, read_photo
from resnet_demo.results.analysis import Analysis
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.blocks_table import MAGNITUDES
from resnet_demo.ui.belief import BeliefComponents, create_belief_panel
from resnet_demo.ui.examples import finished
from resnet_demo.ui.lanes import HEAVY
from resnet_demo.ui.language import choices
from resnet_demo.ui.links import address_of
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.page_parts import PICK, PageParts, panel, picked, picked_number, private
from resnet_demo.ui.telling import teller
from resnet_demo.views.cards import error_card
from resnet_demo.views.markup import Html, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.pictures import photo_uri
from resnet_demo.views.sections.block import block_view
from resnet_demo.views.sections.forming import forming_offer, forming_view
from resnet_demo.views.sections.overview import (
    classes_view,
    classless_headline,
    headline,
    heatmap_view,
    knows_none,
    link_view,
    official_offer,
    profile_view,
)
from resnet_demo.views.sections.river import river_view
from resnet_demo.views.sections.welcome import welcome

HEATMAP_METHODS = ("gradcam", *attribution.METHODS)
NOTHING = Html("")


@dataclass(frozen=True)
class OverviewHandlers:
    """What the overview answers; the settings are method, masks, drawing, magnitude and language."""

    shown: NetworkOnShow

    def welcome(self, words: Words) -> Html:
        """What stands there before there is a photo."""
        example, picture, titles = finished()
        return welcome(self.shown.facts, example, titles[words.language], picture, words)

    def open_example(self, event: gr.EventData) -> list[Any]:
        """The finished example as the photo, and the block that was clicked, if it was one of this network's."""
        example, _, _ = finished()
        block = event._data.get("block") if isinstance(event._data, dict) else None
        return [str(EXAMPLES / example.file), block if block in self.shown.blocks else gr.skip()]

    def show(
        self,
        path: str | None,
        target: int | None,
        layer: str,
        method: str,
        masks: int,
        branches: str,
        measure: str,
        language: str,
        *,
        progress: gr.Progress | None = None,
    ) -> tuple[list[Any], int | None]:
        """The pictures, and the class they explain."""
        words = Words(language)
        if path is None:
            return [self.welcome(words), *[NOTHING] * 5], None
        try:
            photo = read_photo(path)
            if lacking(self.shown.model.engine, overview.REQUIRES):
                return self._without_classes(photo, branches, measure, layer, words), None
            analysis = self.shown.recorder.analysis(photo, target, layer)
            on_progress = teller(progress, words("running", method=words(f"method_{method}")))
            cam = self.shown.recorder.heatmap(
                photo, analysis.target.index, layer, method, int(masks), on_progress
            )
        except ResNetDemoError as error:
            return [error_card(error, words), *[NOTHING] * 5], None
        label = words.class_of(analysis.target)
        address = address_of(self.shown, path, analysis, layer, language)
        return [
            join(
                [
                    headline(analysis, words),
                    official_offer(words) if knows_none(analysis) else "",
                    link_view(address, words) if address else "",
                ]
            ),
            classes_view(analysis, words),
            heatmap_view(photo_uri(photo.pixels), cam, label, layer, words, method),
            self._branches(photo, analysis, branches, measure, layer, words),
            self._opened(analysis.blocks, layer, words),
            self._forming(photo, analysis, layer, words),
        ], analysis.target.index

    def _without_classes(
        self, photo: Photo, branches: str, measure: str, layer: str, words: Words
    ) -> list[Any]:
        """What can be shown of a network that has no classes: its blocks."""
        drawn = self._blocks_alone(photo, branches, measure, layer, words)
        opened = self._opened(self.shown.recorder.blocks(photo), layer, words)
        return [classless_headline(photo.name, words), NOTHING, NOTHING, drawn, opened, NOTHING]

    def _blocks_alone(self, photo: Photo, branches: str, measure: str, layer: str, words: Words) -> Html:
        """What each block adds, without a class that it could be added to."""
        blocks = self.shown.recorder.blocks(photo)
        bars = branches == "bars"
        return profile_view(blocks, measure, layer, words) if bars else river_view(blocks, layer, words)

    def _opened(self, blocks: tuple[BlockProfile, ...], layer: str, words: Words) -> Html:
        """The block at the layer; nothing where there is none."""
        block = next((b for b in blocks if b.name == layer), None)
        if block is None:
            return NOTHING
        rectified = block.name in self.shown.facts.rectified
        return block_view(block, words, rectified=rectified, atlas=self.shown.atlas)

    def _branches(
        self, photo: Photo, analysis: Analysis, branches: str, measure: str, layer: str, words: Words
    ) -> Html:
        """What each block adds, drawn as chosen: "river", "ledger" or "bars"."""
        if branches == "bars":
            return profile_view(analysis.blocks, measure, layer, words)
        if branches == "river":
            return river_view(analysis.blocks, layer, words)
        try:
            found = self.shown.recorder.of(logit_attribution.compute, photo, analysis.target.index)
        except ArchitectureError as error:  # a network that has no ledger
            return join([error_card(error, words), river_view(analysis.blocks, layer, words)])
        return river_view(analysis.blocks, layer, words, found)

    def _forming(
        self, photo: Photo, analysis: Analysis, layer: str, words: Words, *, ask: bool = False
    ) -> Html:
        """How the answer formed, where that is known or asked for; else what would be told."""
        if lacking(self.shown.model.engine, as_it_forms.REQUIRES):
            return NOTHING
        recorder, target = self.shown.recorder, analysis.target.index
        find = recorder.of if ask else recorder.known
        found = find(as_it_forms.compute, photo, target)
        if found is None:
            return forming_offer(words)
        try:
            ledger = find(logit_attribution.compute, photo, target)
        except ArchitectureError:  # a head that cannot be taken apart
            ledger = None
        names = [words.label(label) for label in self.shown.model.labels]
        return forming_view(found, ledger, analysis.blocks, names.__getitem__, layer, words)

    def show_forming(self, path: str | None, target: int | None, layer: str, language: str) -> Html:
        """How the answer formed, asked for: one growing pass."""
        words = Words(language)
        try:
            photo = read_photo(path) if path else None
            analysis = self.shown.recorder.analysis(photo, target, layer) if photo else None
            return self._forming(photo, analysis, layer, words, ask=True) if photo and analysis else NOTHING
        except ResNetDemoError as error:
            return error_card(error, words)

    def show_new_photo(
        self, path: str | None, linked: str, layer: str, masks: int, branches: str, *settings: Any
    ) -> list[Any]:
        """The pictures of another photo, for its top class, with nothing that takes another pass.

        Args:
            linked: the index of the class that an address asks for; "" for the top class.
        """
        branches = "river" if branches == "ledger" else branches
        wanted = int(linked) if linked.isdecimal() else None
        pictures, target = self.show(path, wanted, layer, "gradcam", masks, branches, *settings)
        return [*pictures, target, "gradcam", branches, ""]

    def show_again(
        self,
        path: str | None,
        target: int | None,
        layer: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008, how Gradio asks for a progress bar
        *settings: Any,
    ) -> list[Any]:
        """The pictures after something was chosen."""
        return self.show(path, target, layer, *settings, progress=progress)[0]

    def pick_block(
        self,
        path: str | None,
        target: int | None,
        event: gr.EventData,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
        *settings: Any,
    ) -> list[Any]:
        """The pictures with the block that was clicked opened, and its name."""
        block = picked(event, "block")
        return [*self.show(path, target, block, *settings, progress=progress)[0], block]

    def pick_class(
        self,
        path: str | None,
        layer: str,
        event: gr.EventData,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
        *settings: Any,
    ) -> list[Any]:
        """The pictures for the class that was clicked, and its index."""
        chosen = picked_number(event, "class")
        return [*self.show(path, chosen, layer, *settings, progress=progress)[0], chosen]

    def only_branches(
        self, path: str | None, target: int | None, layer: str, branches: str, measure: str, language: str
    ) -> Html:
        """What each block adds alone, drawn otherwise or by another magnitude."""
        words = Words(language)
        if path is None:
            return NOTHING
        try:
            photo = read_photo(path)
            if lacking(self.shown.model.engine, overview.REQUIRES):
                return self._blocks_alone(photo, branches, measure, layer, words)
            analysis = self.shown.recorder.analysis(photo, target, layer)
            return self._branches(photo, analysis, branches, measure, layer, words)
        except ResNetDemoError as error:
            return error_card(error, words)


@dataclass(frozen=True)
class _Components:
    """Where the pictures stand, and the choosers beside them."""

    top: gr.HTML
    classes: gr.HTML
    chart: gr.HTML
    branches: gr.Radio
    measure: gr.Radio
    heatmap: gr.HTML
    method: gr.Radio
    masks: gr.Slider
    opened: gr.HTML
    forming: gr.HTML
    show: gr.Button
    belief: BeliefComponents

    @property
    def pictures(self) -> list[Any]:
        return [self.top, self.classes, self.heatmap, self.chart, self.opened, self.forming]


def create_overview_tab(parts: PageParts) -> None:
    """Lay out the overview and wire it."""
    top = parts.texts.begin(
        gr.HTML,
        {"value": OverviewHandlers(parts.shown).welcome},
        elem_classes="re-flush",
        elem_id="headline",
        js_on_load=PICK,
    )
    with gr.Row(elem_classes="re-columns"):
        with gr.Column(scale=5, min_width=300), panel(1):
            classes = _picture()
        with gr.Column(scale=6, min_width=300):
            with panel(2):
                heatmap = gr.HTML(elem_classes="re-flush")
                method = _radio(parts, "method", choices("method", HEATMAP_METHODS))
                masks = parts.texts.make(
                    gr.Slider,
                    {"label": "masks"},
                    minimum=8,
                    maximum=attribution.MOST_CHANNELS,
                    value=attribution.CHANNELS,
                    step=8,
                    elem_id="masks",
                )
            belief = create_belief_panel(parts, method, masks)
    with panel(3):
        chart = _picture()
        with gr.Row():
            branches = _radio(parts, "branches", _drawings)
            measure = _radio(parts, "measure", choices("measure", MAGNITUDES))
    with panel(4):
        opened = _picture("block")
    with panel(5):
        forming = _picture("forming")
        show = parts.texts.make(gr.Button, {"value": "forming_show"}, elem_id="forming-show")
    _wire(
        parts,
        _Components(
            top, classes, chart, branches, measure, heatmap, method, masks, opened, forming, show, belief
        ),
    )


def _picture(elem_id: str | None = None) -> gr.HTML:
    return gr.HTML(elem_classes="re-flush", elem_id=elem_id, js_on_load=PICK)


def _radio(parts: PageParts, name: str, offered: Callable[[Words], list[tuple[str, str]]]) -> gr.Radio:
    """A choice of which the first is made."""
    (_, first), *_ = offered(Words("en"))
    return parts.texts.make(gr.Radio, {"label": name, "choices": offered}, value=first, elem_id=name)


def _drawings(words: Words) -> list[tuple[str, str]]:
    """How what each block adds can be drawn."""
    return [
        (words("branches_river"), "river"),
        (words("branches_ledger"), "ledger"),
        (words("branches_bars"), "bars"),
    ]


def _wire(parts: PageParts, at: _Components) -> None:
    handlers, parts.headline = OverviewHandlers(parts.shown), at.top
    photo, target, layer, language = parts.photo, parts.target, parts.layer, parts.language
    settings = [at.method, at.masks, at.branches, at.measure, language]
    parts.show_new = lambda listen: listen(
        handlers.show_new_photo,
        [photo, parts.linked, layer, *settings[1:]],
        [*at.pictures, target, at.method, at.branches, parts.linked],
        **private(at.top),
    )
    at.top.click(handlers.open_example, None, [photo, layer], **private())
    again = [photo, target, layer, *settings]
    parts.show_again = lambda listen: listen(handlers.show_again, again, at.pictures, **private(at.top))
    for listen in (at.method.input, at.masks.release):
        listen(handlers.show_again, again, at.pictures, **private(at.heatmap))
    for picture in (at.chart, at.forming):
        picture.click(
            handlers.pick_block, [photo, target, *settings], [*at.pictures, layer], **private(at.top)
        )
    at.belief.layers.click(
        handlers.pick_block, [photo, target, *settings], [*at.pictures, layer], **private(at.heatmap)
    )
    at.belief.forget(at.heatmap, at.classes)
    at.classes.click(
        handlers.pick_class, [photo, layer, *settings], [*at.pictures, target], **private(at.top)
    )
    for chooser in (at.branches, at.measure):
        chooser.input(
            handlers.only_branches,
            [photo, target, layer, at.branches, at.measure, language],
            at.chart,
            **private(at.chart),
        )
    at.show.click(
        handlers.show_forming, [photo, target, layer, language], at.forming, **private(at.forming, HEAVY)
    )
    at.opened.click(
        lambda: gr.Tabs(selected="lab"), None, parts.tabs, api_visibility="private", show_progress="hidden"
    )
