"""The residual laboratory: what each block is worth, from five sides, on the photo at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.measures import as_it_forms, double_lesion, lesion, logit_attribution
from resnet_demo.measures import gates as gating
from resnet_demo.measures import split as split_gradcam
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.classes import Prediction
from resnet_demo.results.laboratory import COLUMNS, LabTable
from resnet_demo.ui.choosers import NetworkCheckboxGroup
from resnet_demo.ui.lanes import HEAVY, PROBLEM_CLASS
from resnet_demo.ui.language import choices
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.page_parts import PICK, PageParts, panel, picked, pictures_of, private
from resnet_demo.views.cards import empty, error_card
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.pictures import photo_uri
from resnet_demo.views.sections import laboratory as views
from resnet_demo.views.sections.forming import forming_view
from resnet_demo.views.sections.ledger import ledger_map_view, ledger_view
from resnet_demo.views.sections.pairs import pairs_offer, pairs_view
from resnet_demo.views.waterfall import Order

ORDERS: tuple[Order, ...] = ("network", "largest")


@dataclass(frozen=True)
class _Look:
    """What one visit of the laboratory looks at."""

    photo: Photo
    trained: tuple[Prediction, ...]  # every class, as the network ranks them
    target: int
    block: str
    label: str
    words: Words


@dataclass(frozen=True)
class LaboratoryHandlers:
    """What the laboratory answers: what is wrong, then the pictures.

    Each begins with photo, class and layer, and ends with the language.
    """

    shown: NetworkOnShow

    def show(
        self,
        path: str | None,
        target: int | None,
        layer: str,
        order: Order,
        x: str,
        y: str,
        off: list[str],
        scale: float,
        language: str,
    ) -> list[Any]:
        """Everything: ledger, its map, gradients, split, table, scatter, gates, the answer as it forms, pairs."""

        def draw(at: _Look) -> list[Html]:
            lab = self.shown.recorder.lab(at.photo, at.target)
            return [
                *self._sums(lab, at, order),
                views.gradients_view(lab.gradients, lab, at.block, at.words),
                self._split(at),
                views.lab_table_view(lab, at.label, at.block, at.words),
                views.scatter_view(lab, x, y, at.block, at.words),
                self._gates(at, off, scale),
                self._forming(lab, at),
                self._pairs(at),
            ]

        return self._answer(path, target, layer, language, 9, draw)

    def pick_block(
        self, path: str | None, target: int | None, event: gr.EventData, *values: Any
    ) -> list[Any]:
        """Everything for the block that was clicked, and its name."""
        block = picked(event, "block")
        return [*self.show(path, target, block, *values), block]

    # One chooser, one picture: the others stay as they are.

    def only_ledger(
        self, path: str | None, target: int | None, layer: str, order: Order, language: str
    ) -> list[Any]:
        """The ledger in another order."""

        def draw(at: _Look) -> list[Html]:
            found = self.shown.recorder.of(logit_attribution.compute, at.photo, at.target)
            return [ledger_view(found, at.label, order, at.block, at.words)]

        return self._answer(path, target, layer, language, 1, draw)

    def only_scatter(
        self, path: str | None, target: int | None, layer: str, x: str, y: str, language: str
    ) -> list[Any]:
        """The scatter of other columns."""

        def draw(at: _Look) -> list[Html]:
            lab = self.shown.recorder.lab(at.photo, at.target)
            return [views.scatter_view(lab, x, y, at.block, at.words)]

        return self._answer(path, target, layer, language, 1, draw)

    def only_gates(
        self, path: str | None, target: int | None, layer: str, off: list[str], scale: float, language: str
    ) -> list[Any]:
        """The classes with other gates."""
        return self._answer(path, target, layer, language, 1, lambda at: [self._gates(at, off, scale)])

    def only_pairs(self, path: str | None, target: int | None, layer: str, language: str) -> list[Any]:
        """Every two blocks off at once."""
        return self._answer(path, target, layer, language, 1, lambda at: [self._pairs(at, ask=True)])

    def _answer(
        self,
        path: str | None,
        target: int | None,
        layer: str,
        language: str,
        count: int,
        draw: Callable[[_Look], list[Html]],
    ) -> list[Any]:
        """A note or an error, then the `count` pictures that `draw` makes."""
        words, blocks, recorder = Words(language), self.shown.blocks, self.shown.recorder
        if not blocks:
            return [empty(words, "profile_none"), *[Html("")] * count]
        block = layer if layer in blocks else blocks[-1]

        def look(photo: Photo) -> list[Html]:
            chosen = recorder.target(photo, target)
            ranked = recorder.seen(photo).predictions
            return draw(_Look(photo, ranked, chosen.index, block, words.class_of(chosen), words))

        problem, *pictures = pictures_of(path, count, words, look)
        if not problem and block != layer:
            problem = element("p", words("block_of_stem", layer=layer, block=block), class_="re-hint")
        return [problem, *pictures]

    def _sums(self, lab: LabTable, at: _Look, order: Order) -> list[Html]:
        """The ledger and one block's map of it."""
        if lab.logit_attribution is None:
            return [error_card(lab.left_out[logit_attribution.NAME], at.words), Html("")]
        return [
            ledger_view(lab.logit_attribution, at.label, order, at.block, at.words),
            ledger_map_view(photo_uri(at.photo.pixels), lab.logit_attribution, at.block, at.label, at.words),
        ]

    def _forming(self, lab: LabTable, at: _Look) -> Html:
        """The answer as it forms."""
        if lab.as_it_forms is None:
            return error_card(lab.left_out[as_it_forms.NAME], at.words)
        names = [at.words.label(label) for label in self.shown.model.labels]
        blocks = self.shown.recorder.seen(at.photo).blocks
        return forming_view(
            lab.as_it_forms, lab.logit_attribution, blocks, names.__getitem__, at.block, at.words
        )

    def _split(self, at: _Look) -> Html:
        found = self.shown.recorder.of(split_gradcam.compute, at.photo, at.target)
        part = found[self.shown.blocks.index(at.block)]
        return views.split_view(photo_uri(at.photo.pixels), part, at.label, at.words)

    def _gates(self, at: _Look, off: list[str], scale: float) -> Html:
        after = at.trained
        if off:  # with every gate 1 it is the network itself
            gates = tuple(scale if name in off else 1.0 for name in self.shown.blocks)
            after = self.shown.recorder.of(gating.compute, at.photo, gates=gates, top=len(at.trained))
        return views.gates_view(at.trained, off, scale, after, at.words)

    def _pairs(self, at: _Look, ask: bool = False) -> Html:
        """Every two blocks off at once; until it is asked for, or known, what it would tell."""
        recorder = self.shown.recorder
        if len(self.shown.blocks) < 2:
            return Html("")
        found = (recorder.of if ask else recorder.known)(double_lesion.compute, at.photo, at.target)
        if found is None:
            return pairs_offer(at.words)
        return pairs_view(found, recorder.of(lesion.compute, at.photo, at.target), at.label, at.words)


@dataclass(frozen=True)
class _Components:
    """Where the pictures stand, and the choosers beside them."""

    problem: gr.HTML
    ledger: gr.HTML
    ledger_map: gr.HTML
    gradients: gr.HTML
    split: gr.HTML
    table: gr.HTML
    scatter: gr.HTML
    gates: gr.HTML
    forming: gr.HTML
    pairs: gr.HTML
    show_pairs: gr.Button
    order: gr.Radio
    across: gr.Dropdown
    up: gr.Dropdown
    off: gr.CheckboxGroup
    scale: gr.Slider

    @property
    def pictures(self) -> list[Any]:
        return [
            self.ledger,
            self.ledger_map,
            self.gradients,
            self.split,
            self.table,
            self.scatter,
            self.gates,
            self.forming,
            self.pairs,
        ]


def create_laboratory_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it."""
    _wire(parts, tab, _lay_out(parts))


def _lay_out(parts: PageParts) -> _Components:
    problem = parts.texts.begin(
        gr.HTML, {"value": empty}, elem_classes=["re-flush", "re-notice", PROBLEM_CLASS]
    )
    with gr.Row(elem_classes="re-columns"):
        with gr.Column(scale=6, min_width=300):
            with panel(1):
                ledger = _picture("ledger")
                order = parts.texts.make(
                    gr.Radio,
                    {"label": "order", "choices": choices("order", ORDERS)},
                    value="network",
                    elem_id="order",
                )
            with panel(3):
                gradients = _picture("gradients")
            with panel(5):
                scatter = _picture("scatter")
                with gr.Row():
                    across, up = _column(parts, "across", "ratio"), _column(parts, "up", "lesion")
        with gr.Column(scale=5, min_width=300):
            with panel(2):
                ledger_map = _picture("ledger-map")
            with panel(4):
                split = _picture("split")
            with panel(6):
                gates = _picture("gated")
                off = parts.texts.of_network(
                    NetworkCheckboxGroup,
                    {"label": "gates_off", "choices": lambda _: [(n, n) for n in parts.shown.blocks]},
                    list,
                    elem_id="gates",
                )
                scale = parts.texts.make(
                    gr.Slider,
                    {"label": "gates_scale"},
                    minimum=0,
                    maximum=1,
                    value=0,
                    step=0.05,
                    elem_id="gate",
                )
    forming, table, pairs, show_pairs = _lay_out_below(parts)
    return _Components(
        problem,
        ledger,
        ledger_map,
        gradients,
        split,
        table,
        scatter,
        gates,
        forming,
        pairs,
        show_pairs,
        order,
        across,
        up,
        off,
        scale,
    )


def _lay_out_below(parts: PageParts) -> tuple[gr.HTML, gr.HTML, gr.HTML, gr.Button]:
    """What is as wide as the page: the answer as it forms, the table, and the pairs with their button."""
    with panel(7):
        forming = _picture("lab-forming")
    with panel(8):
        table = _picture("lab-table")
    with panel(9):
        pairs = _picture("lab-pairs")
        show_pairs = parts.texts.make(gr.Button, {"value": "pairs_show"}, elem_id="pairs-show")
    return forming, table, pairs, show_pairs


def _picture(elem_id: str) -> gr.HTML:
    return gr.HTML(elem_classes="re-flush", elem_id=elem_id, js_on_load=PICK)


def _column(parts: PageParts, name: str, value: str) -> gr.Dropdown:
    return parts.texts.make(
        gr.Dropdown,
        {"label": name, "choices": choices("column", COLUMNS)},
        value=value,
        elem_id=name,
        min_width=120,
    )


def _wire(parts: PageParts, tab: gr.Tab, at: _Components) -> None:
    handlers, language = LaboratoryHandlers(parts.shown), parts.language
    settings = [at.order, at.across, at.up, at.off, at.scale, language]
    chosen, outputs = [parts.photo, parts.target, parts.layer], [at.problem, *at.pictures]
    parts.on_tab(tab, handlers.show, [*chosen, *settings], outputs, at.problem, HEAVY)
    for picture in (at.ledger, at.gradients, at.table, at.scatter, at.forming):
        picture.click(
            handlers.pick_block,
            [parts.photo, parts.target, *settings],
            [*outputs, parts.layer],
            **private(picture, HEAVY),
        )
    for listeners, only, inputs, picture in (
        ([at.show_pairs.click], handlers.only_pairs, [], at.pairs),
        ([at.order.input], handlers.only_ledger, [at.order], at.ledger),
        ([at.across.input, at.up.input], handlers.only_scatter, [at.across, at.up], at.scatter),
        ([at.off.input, at.scale.release], handlers.only_gates, [at.off, at.scale], at.gates),
    ):
        for listen in listeners:
            listen(only, [*chosen, *inputs, language], [at.problem, picture], **private(picture, HEAVY))
