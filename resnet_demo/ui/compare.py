"""Compare: two classes on one photo, or two photos for one class, block by block and place by place."""

from __future__ import annotations

from typing import Any

import gradio as gr

from resnet_demo.analysis.compare import Comparison, compare_classes, compare_photos
from resnet_demo.analysis.preprocessing import Photo, read_photo
from resnet_demo.analysis.report import analyze
from resnet_demo.errors import ResNetDemoError
from resnet_demo.rendering.lettering import number, signed
from resnet_demo.rendering.markup import Html
from resnet_demo.rendering.waterfall import LedgerItem, waterfall, waterfall_table
from resnet_demo.ui.cards import PICK, card, empty, error_card, formula, place_of_maximum
from resnet_demo.ui.laboratory import in_cells, signed_over_photo
from resnet_demo.ui.page_parts import PageParts, private
from resnet_demo.ui.photo_input import PhotoInput
from resnet_demo.ui.words import Words

GROUPS = {"class_bias": "bias", "stem": "stem", "projection_biases": "projection"}


def difference_view(
    found: Comparison, first: str, second: str, words: Words, selected: str | None = None
) -> Html:
    """Which blocks speak for either, as a waterfall that ends at the difference of the logits."""
    items = [
        LedgerItem(
            words(d.name) if d.name in GROUPS else d.name,
            d.difference,
            GROUPS.get(d.name, "block"),
            None if d.name in GROUPS else d.name,
        )
        for d in found.differences()
    ]
    total = found.logit_difference
    items.append(LedgerItem(words("remainder"), total - sum(i.value for i in items), "remainder"))
    for_first, for_second = found.speaking_for_first(), found.speaking_for_second()
    finding = words(
        "compare_finding",
        first=first,
        second=second,
        difference=signed(total),
        for_first=", ".join(d.name for d in for_first[:2]) or words("no_block"),
        for_second=", ".join(d.name for d in for_second[:2]) or words("no_block"),
    )
    line = words(
        "formula_compare",
        a=number(found.first.logit, 5),
        b=number(found.second.logit, 5),
        difference=signed(total, 5),
        total=signed(sum(i.value for i in items[:-1]), 5),
    )
    return card(
        words("compare_title"),
        waterfall(items, total, words.for_difference(first, second), alt=finding, selected=selected),
        waterfall_table(items, words.for_difference(first, second)),
        formula(words, line),
        finding=finding,
    )


def places_view(photo: Photo, found: Comparison, first: str, second: str, words: Words) -> Html:
    """Which places of one photo speak for either class: all blocks' maps, added up in the cells of the last one."""
    maps = found.maps()
    cells = list(maps.values())[-1].shape
    values = sum(in_cells(m, cells) for m in maps.values())
    finding = words(
        "compare_places_finding",
        first=first,
        second=second,
        where_first=words.where(*place_of_maximum(values)),
        where_second=words.where(*place_of_maximum(-values)),
    )
    return card(
        words("compare_places_title"),
        signed_over_photo(photo, values, finding, words("unit_logit_place"), words),
        finding=finding,
    )


def create_compare_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it."""
    explorer, texts, words = parts.explorer, parts.texts, Words("en")
    if not explorer.engine.architecture.blocks:
        texts.add(gr.HTML(empty(words, "profile_none")), value=lambda w: empty(w, "profile_none"))
        return

    def classes(words: Words) -> list[tuple[str, int]]:
        return [(words.label(label), i) for i, label in enumerate(explorer.labels)]

    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=260):
            other_class = texts.add(
                gr.Dropdown(classes(words), value=None, label=words("other_class")),
                label="other_class",
                choices=classes,
            )
            other_photo = texts.add(
                PhotoInput(
                    type="filepath", sources=["upload", "clipboard"], label=words("other_photo"), height=220
                ),
                label="other_photo",
            )
        with gr.Column(scale=8, min_width=320):
            blocks = gr.HTML(empty(words), elem_classes="re-flush", js_on_load=PICK)
            places = gr.HTML(elem_classes="re-flush")
            photos = gr.HTML(elem_classes="re-flush", js_on_load=PICK)

    def show(
        path: str | None, target: int | None, other: int | None, other_path: str | None, language: str
    ) -> list[Any]:
        words = Words(language)
        if path is None:
            return [empty(words), "", ""]
        try:
            photo = read_photo(path)
            analysis = analyze(explorer, photo, target, top=2)
            chosen = analysis.target.index
            if other is None or other == chosen:
                other = next(p.index for p in analysis.predictions if p.index != chosen)
            first, second = (words.label(explorer.labels[i]) for i in (chosen, other))
            found = compare_classes(explorer, explorer.batch(photo), chosen, other)
            by_photo = ""
            if other_path is not None:
                pair = compare_photos(explorer, explorer.batch(photo, read_photo(other_path)), chosen)
                by_photo = difference_view(
                    pair, words("this_photo", label=first), words("that_photo", label=first), words
                )
        except ResNetDemoError as error:
            return [error_card(error, words), "", ""]
        return [
            difference_view(found, first, second, words),
            places_view(photo, found, first, second, words),
            by_photo,
        ]

    inputs = [parts.photo, parts.target, other_class, other_photo, parts.language]
    outputs = [blocks, places, photos]
    parts.on_tab(tab, show, inputs, outputs)
    other_class.input(show, inputs, outputs, **private())
    other_photo.change(show, inputs, outputs, **private())
