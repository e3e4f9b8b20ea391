"""The residual laboratory: what each block is worth, from five sides, on the photo at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.measures import gates as gating
from resnet_demo.measures import logit_attribution
from resnet_demo.measures import split as split_gradcam
from resnet_demo.photos.decoding import Photo
from resnet_demo.results.analysis import Overview
from resnet_demo.results.laboratory import COLUMNS
from resnet_demo.ui import laboratory_views as views
from resnet_demo.ui.lanes import HEAVY
from resnet_demo.ui.language import choices
from resnet_demo.ui.page_parts import PICK, PageParts, panel, picked, pictures_of, private
from resnet_demo.views.cards import empty, error_card
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.waterfall import Order

ORDERS: tuple[Order, ...] = ("network", "largest")


@dataclass(frozen=True)
class _Look:
    """What one visit of the laboratory looks at."""

    photo: Photo
    seen: Overview
    target: int
    block: str
    label: str


def create_laboratory_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it."""
    model, recorder, texts = parts.model, parts.recorder, parts.texts
    blocks = [b.name for b in model.engine.architecture.blocks]
    if not blocks:
        texts.make(gr.HTML, {"value": lambda w: empty(w, "profile_none")})
        return

    def column(name: str, value: str) -> gr.Dropdown:
        return texts.make(
            gr.Dropdown,
            {"label": name, "choices": choices("column", COLUMNS)},
            value=value,
            elem_id=name,
            min_width=120,
        )

    problem = gr.HTML(empty(Words("en")), elem_classes=["re-flush", "re-notice"])
    with gr.Row(elem_classes="re-columns"):
        with gr.Column(scale=6, min_width=300):
            with panel(1):
                waterfall = gr.HTML(elem_classes="re-flush", elem_id="ledger", js_on_load=PICK)
                order = texts.make(
                    gr.Radio,
                    {"label": "order", "choices": choices("order", ORDERS)},
                    value="network",
                    elem_id="order",
                )
            with panel(3):
                gradients = gr.HTML(elem_classes="re-flush", elem_id="gradients", js_on_load=PICK)
            with panel(5):
                scatter = gr.HTML(elem_classes="re-flush", elem_id="scatter", js_on_load=PICK)
                with gr.Row():
                    across, up = column("across", "ratio"), column("up", "lesion")
        with gr.Column(scale=5, min_width=300):
            with panel(2):
                where = gr.HTML(elem_classes="re-flush", elem_id="ledger-map")
            with panel(4):
                split = gr.HTML(elem_classes="re-flush", elem_id="split")
            with panel(6):
                gates = gr.HTML(elem_classes="re-flush", elem_id="gated")
                off = texts.make(gr.CheckboxGroup, {"label": "gates_off"}, choices=blocks, elem_id="gates")
                scale = texts.make(
                    gr.Slider,
                    {"label": "gates_scale"},
                    minimum=0,
                    maximum=1,
                    value=0,
                    step=0.05,
                    elem_id="gate",
                )
    with panel(7):
        rows = gr.HTML(elem_classes="re-flush", elem_id="lab-table", js_on_load=PICK)

    def look(photo: Photo, target: int | None, layer: str, words: Words) -> _Look:
        chosen = recorder.target(photo, target)
        block = layer if layer in blocks else blocks[-1]
        return _Look(photo, recorder.seen(photo), chosen.index, block, words.class_of(chosen))

    def answer(shown: Callable[..., list[Html]], count: int) -> Callable[..., list[Any]]:
        """What `shown(words, look, …)` gives for `count` pictures, after a note or an error for `problem`."""

        def show(path: str | None, target: int | None, layer: str, *values: Any) -> list[Any]:
            words = Words(values[-1])

            def draw(photo: Photo) -> list[Html]:
                return shown(words, look(photo, target, layer, words), *values[:-1])

            problem, *pictures = pictures_of(path, count, words, draw)
            if not problem and layer not in blocks:
                note = words("block_of_stem", layer=layer, block=blocks[-1])
                problem = element("p", note, class_="re-hint")
            return [problem, *pictures]

        return show

    def everything(
        words: Words, at: _Look, order: Order, x: str, y: str, off: list[str], scale: float
    ) -> list[Html]:
        lab = recorder.lab(at.photo, at.target)
        parted = recorder.of(split_gradcam.compute, at.photo, at.target)[blocks.index(at.block)]
        if lab.ledger is None:
            sums = [error_card(lab.left_out[logit_attribution.NAME], words), Html("")]
        else:
            sums = [
                views.ledger_view(lab.ledger, at.label, order, at.block, words),
                views.ledger_map_view(at.photo, lab.ledger, at.block, at.label, words),
            ]
        return [
            *sums,
            views.gradients_view(lab.gradients, lab, at.block, words),
            views.split_view(at.photo, parted, at.label, words),
            views.table_view(lab, at.label, at.block, words),
            views.scatter_view(lab, x, y, at.block, words),
            *only_gates(words, at, off, scale),
        ]

    # One chooser, one picture: the others stay as they are.

    def only_ledger(words: Words, at: _Look, order: Order) -> list[Html]:
        found = recorder.of(logit_attribution.compute, at.photo, at.target)
        return [views.ledger_view(found, at.label, order, at.block, words)]

    def only_scatter(words: Words, at: _Look, x: str, y: str) -> list[Html]:
        return [views.scatter_view(recorder.lab(at.photo, at.target), x, y, at.block, words)]

    def only_gates(words: Words, at: _Look, off: list[str], scale: float) -> list[Html]:
        after = at.seen.predictions
        if off:  # with every gate 1 it is the network itself
            values = tuple(scale if name in off else 1.0 for name in blocks)
            after = recorder.of(gating.compute, at.photo, gates=values, top=len(model.labels))
        return [views.gates_view(at.seen.predictions, off, scale, after, words)]

    pictures = [waterfall, where, gradients, split, rows, scatter, gates]
    settings = [order, across, up, off, scale, parts.language]
    show = answer(everything, len(pictures))

    def pick_block(path: str | None, target: int | None, event: gr.EventData, *values: Any) -> list[Any]:
        block = picked(event, "block")
        return [*show(path, target, block, *values), block]

    chosen = [parts.photo, parts.target, parts.layer]
    parts.on_tab(tab, show, [*chosen, *settings], [problem, *pictures], problem, HEAVY)
    for picture in (waterfall, gradients, rows, scatter):
        picture.click(
            pick_block,
            [parts.photo, parts.target, *settings],
            [problem, *pictures, parts.layer],
            **private(picture, HEAVY),
        )
    for listeners, only, inputs, picture in (
        ([order.input], only_ledger, [order], waterfall),
        ([across.input, up.input], only_scatter, [across, up], scatter),
        ([off.input, scale.release], only_gates, [off, scale], gates),
    ):
        for listen in listeners:
            listen(
                answer(only, 1),
                [*chosen, *inputs, parts.language],
                [problem, picture],
                **private(picture, HEAVY),
            )
