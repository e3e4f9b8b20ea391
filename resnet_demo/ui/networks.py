"""The networks: what each one costs, beside the paper's table, and one block of each kind drawn from its graph."""

from __future__ import annotations

from typing import Any

import gradio as gr
import keras

from resnet_demo.network import architecture, census
from resnet_demo.rendering.block_drawing import DrawnBlock, DrawnLayer, block_drawing
from resnet_demo.rendering.markup import Html, element, join
from resnet_demo.ui.cards import card, empty
from resnet_demo.ui.page_parts import PageParts, private
from resnet_demo.ui.words import Words

# Which network and which block of it stands for each kind.
DRAWN = {
    "identity": ("resnet50", "conv3_block2"),
    "projection": ("resnet50", "conv3_block1"),
    "basic": ("resnet34", "conv3_block2"),
    "plain": ("resnet34-plain", "conv3_block2"),
}


def table_view(rows: list[dict[str, Any]], words: Words) -> Html:
    """The census as a table; figures in 10⁹ and 10⁶, the difference to the paper explained below each."""
    head = [
        words(k)
        for k in ("network", "layers", "parameters", "multiply_adds", "paper", "output_sizes", "difference")
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
            element("td", row["note"], class_="rx-cell-text re-note"),
        )
        for row in rows
    ]
    table = element(
        "table",
        element("thead", element("tr", join([element("th", cell, scope="col") for cell in head]))),
        element("tbody", join(body)),
        class_="rx-table re-networks",
    )
    return card(
        words("tab_networks"), element("div", table, class_="rx-scroll"), finding=words("networks_intro")
    )


def drawings_view(words: Words) -> Html:
    """One block of each kind, read off the built graphs."""
    figures = []
    for kind, (network, block) in DRAWN.items():
        drawn = read_block(census.build(network), block)
        title = words(f"drawing_{kind}")
        alt = words("drawing_alt", kind=title, name=block, network=network, residual=len(drawn.residual))
        picture = block_drawing(drawn, words.for_drawing(), alt=alt)
        caption = element("figcaption", element("b", title), element("span", f"{network} · {block}"))
        figures.append(element("figure", caption, picture, class_="re-drawing"))
    return card(words("drawings_title"), element("div", join(figures), class_="re-drawings"))


def read_block(model: keras.Model, name: str) -> DrawnBlock:
    """A block's layers, input to output, as they stand in the built graph; a plain block by its layers' names."""
    graph, spec = architecture.producers(model), architecture.read(model)
    operations = {op.name: op for op in model.operations}
    if spec.blocks:
        block = spec.block(name)
        start, ends = block.input, (block.residual, block.shortcut)
        output, relu_after = block.output, block.has_relu
    else:
        inside = [n for n in graph if n.startswith(f"{name}_")]
        start, output, relu_after = graph[inside[0]][0], inside[-1], True
        ends = (graph[output][0], None)

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
        residual=branch(ends[0]),
        shortcut=branch(ends[1]) if ends[1] else None,
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
    words = Words("en")
    table = gr.HTML(empty(words, "networks_wait"), elem_classes="re-flush")
    drawings = gr.HTML(elem_classes="re-flush")

    def show(language: str, progress: gr.Progress = gr.Progress()) -> list[Any]:  # noqa: B008
        words = Words(language)
        names = list(census.standard_networks())
        rows = []
        for done, name in enumerate(names):
            progress((done, len(names)), desc=words("networks_building", name=name))
            rows.append(census.row(name))
        return [table_view(rows, words), drawings_view(words)]

    tab.select(show, parts.language, [table, drawings], **(private() | {"show_progress": "full"}))
