"""The networks: what each one costs, beside the paper's table, and one block of each kind drawn from its graph."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import gradio as gr
import keras

from resnet_demo.graph import architecture
from resnet_demo.networks import complexity
from resnet_demo.ui.page_parts import PageParts, private
from resnet_demo.views.block_drawing import DrawnBlock, DrawnLayer, block_drawing
from resnet_demo.views.cards import card
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words

# One visitor after the other: what one has had built the next finds built, and photos need not wait for it.
BUILDING: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "building"}

# Which network and which block of it stands for each kind.
DRAWN = {
    "identity": ("resnet50", "conv3_block2"),
    "projection": ("resnet50", "conv3_block1"),
    "basic": ("resnet34", "conv3_block2"),
    "plain": ("resnet34-plain", "conv3_block2"),
}


def table_view(rows: list[dict[str, Any]], words: Words) -> Html:
    """The census as a table, with the difference to the paper explained."""
    head = [
        element("th", words(key), scope="col")
        for key in ("network", "layers", "parameters", "multiply_adds", "paper")
    ] + [
        element("th", words(key), scope="col", class_="rx-cell-text")
        for key in ("output_sizes", "difference")
    ]
    body = [
        element(
            "tr",
            element("th", row["name"], scope="row"),
            element("td", str(row["layers"])),
            element("td", f"{row['parameters']:,}"),
            element("td", f"{row['multiply_adds'] / 1e9:.3f} ×10⁹"),
            element(
                "td", f"{row['paper_multiply_adds'] / 1e9:.1f} ×10⁹" if row["paper_multiply_adds"] else "–"
            ),
            element("td", " → ".join(f"{h}×{w}×{c}" for h, w, c in row["stages"]), class_="rx-cell-text"),
            element("td", _difference(row["name"], words), class_="rx-cell-text re-note"),
        )
        for row in rows
    ]
    table = element(
        "table",
        element("thead", element("tr", join(head))),
        element("tbody", join(body)),
        class_="rx-table re-networks",
    )
    return card(
        words("tab_networks"), element("div", table, class_="rx-scroll"), finding=words("networks_intro")
    )


def progress_view(name: str, done: int, count: int, words: Words) -> Html:
    """How many networks are built, and which one is being built."""
    label = words("networks_building", name=name, done=done + 1, count=count)
    return element("label", label, element("progress", max=count, value=done), class_="re-progress")


def _difference(name: str, words: Words) -> str:
    found = complexity.difference(name)
    return words(f"difference_{found[0]}", **found[1]) if found else ""


def drawings_view(drawn: dict[str, DrawnBlock], words: Words) -> Html:
    """Blocks by their kind, as they were read off the built graphs."""
    figures = []
    for kind, block in drawn.items():
        network, name = DRAWN[kind]
        title = words(f"drawing_{kind}")
        alt = words("drawing_alt", kind=title, name=name, network=network, residual=len(block.residual))
        caption = element("figcaption", element("b", title), element("span", f"{network} · {name}"))
        picture = block_drawing(block, words.for_drawing(), alt=alt)
        figures.append(element("figure", caption, picture, class_="re-drawing"))
    return card(words("drawings_title"), element("div", join(figures), class_="re-drawings"))


@cache
def drawn_blocks(network: str) -> dict[str, DrawnBlock]:
    """The blocks that `DRAWN` wants of one network, by their kind."""
    model = complexity.build(network)
    return {kind: read_block(model, name) for kind, (n, name) in DRAWN.items() if n == network}


def read_block(model: keras.Model, name: str) -> DrawnBlock:
    """A block's layers, input to output, as they stand in the built graph; a plain block by its layers' names."""
    graph, spec = architecture.producers(model), architecture.read(model)
    operations = {op.name: op for op in model.operations}
    shortcut: str | None = None
    if spec.blocks:
        block = spec.block(name)
        start, residual, shortcut = block.input, block.residual, block.shortcut
        output, relu_after = block.output, block.has_relu
    else:
        inside = [n for n in graph if n.startswith(f"{name}_")]
        start, output, relu_after = graph[inside[0]][0], inside[-1], True
        residual = graph[output][0]

    def branch(end: str) -> list[DrawnLayer]:
        layers = []
        while end != start:
            layers.append(_drawn(operations[end]))
            end = graph[end][0]
        return [layer for layer in reversed(layers) if layer]

    def shape(layer: str) -> str:
        return " × ".join(map(str, operations[layer].output.shape[1:]))

    return DrawnBlock(
        input_shape=shape(start),
        output_shape=shape(output),
        residual=branch(residual),
        shortcut=branch(shortcut) if shortcut else None,
        relu_after=relu_after,
    )


def _drawn(op: Any) -> DrawnLayer | None:
    """A layer as it is drawn; padding that only keeps a convolution's borders is left out."""
    if isinstance(op, keras.layers.Conv2D):
        return DrawnLayer("conv", op.kernel_size[0], op.filters, op.strides[0])
    if isinstance(op, keras.layers.BatchNormalization):
        return DrawnLayer("bn")
    if isinstance(op, (keras.layers.ReLU, keras.layers.Activation)):
        return DrawnLayer("relu")
    return None


def create_networks_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it; the networks are built when the tab is first opened."""
    progress = gr.HTML(elem_classes=["re-flush", "re-notice"], elem_id="progress")
    drawings = gr.HTML(elem_classes="re-flush", elem_id="drawings")
    table = gr.HTML(elem_classes="re-flush", elem_id="networks")
    drawn_networks = list(dict.fromkeys(network for network, _ in DRAWN.values()))
    counted_networks = list(complexity.standard_networks())
    count = len(drawn_networks) + len(counted_networks)

    def show(language: str) -> Iterator[tuple[Html, ...]]:
        """First the drawings, network by network, then a row for each network."""
        words, done = Words(language), 0
        drawn: dict[str, DrawnBlock] = {}
        rows: list[dict[str, Any]] = []
        pictures = lines = Html("")
        for name in drawn_networks:
            yield progress_view(name, done, count, words), pictures, lines
            drawn |= drawn_blocks(name)
            pictures, done = drawings_view(drawn, words), done + 1
        for name in counted_networks:
            yield progress_view(name, done, count, words), pictures, lines
            rows.append(complexity.row(name))
            lines, done = table_view(rows, words), done + 1
        yield Html(""), pictures, lines

    def show_if_open(open_tab: str, language: str) -> Iterator[tuple[Html, ...]]:
        if open_tab == tab.id:
            yield from show(language)

    outputs = [progress, drawings, table]
    alone = private() | BUILDING
    opened = tab.select(show, parts.language, outputs, **alone)
    parts.language_followers.append(
        lambda listen: listen(
            show_if_open, [parts.open_tab, parts.language], outputs, cancels=[opened], **alone
        )
    )
