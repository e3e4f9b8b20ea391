"""The networks: what each one costs, beside the paper's table, and one block of each kind drawn from its graph."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import gradio as gr
import keras

from resnet_demo.graph import architecture
from resnet_demo.networks import complexity
from resnet_demo.networks.named import build, standard_networks
from resnet_demo.ui.lanes import BUILDING
from resnet_demo.ui.page_parts import PageParts, private
from resnet_demo.views.block_drawing import DrawnBlock, DrawnLayer
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.networks import drawings_view, networks_table_view, progress_view

TAB = "networks"  # its id


# Which network and which block of it stands for each kind.
DRAWN = {
    "identity": ("resnet50", "conv3_block2"),
    "projection": ("resnet50", "conv3_block1"),
    "basic": ("resnet34", "conv3_block2"),
    "plain": ("resnet34-plain", "conv3_block2"),
}


@cache
def drawn_blocks(network: str) -> dict[str, tuple[str, str, DrawnBlock]]:
    """The blocks that `DRAWN` wants of one network, by their kind, each with its network's name and its own."""
    model = build(network)
    return {kind: (n, name, read_block(model, name)) for kind, (n, name) in DRAWN.items() if n == network}


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


def show_networks(language: str) -> Iterator[tuple[Html, ...]]:
    """First the drawings, network by network, then a row for each network."""
    drawn_networks = list(dict.fromkeys(network for network, _ in DRAWN.values()))
    counted_networks = list(standard_networks())
    count = len(drawn_networks) + len(counted_networks)
    words, done = Words(language), 0
    drawn: dict[str, tuple[str, str, DrawnBlock]] = {}
    rows: list[dict[str, Any]] = []
    pictures = lines = Html("")
    for name in drawn_networks:
        yield progress_view(name, done, count, words), pictures, lines
        drawn |= drawn_blocks(name)
        pictures, done = drawings_view(drawn, words), done + 1
    for name in counted_networks:
        yield progress_view(name, done, count, words), pictures, lines
        rows.append(complexity.row(name) | {"difference": complexity.difference(name)})
        lines, done = networks_table_view(rows, words), done + 1
    yield Html(""), pictures, lines


def show_if_open(open_tab: str, language: str) -> Iterator[tuple[Html, ...]]:
    """As `show_networks`; nothing while another tab is open."""
    if open_tab == TAB:
        yield from show_networks(language)


def create_networks_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it; the networks are built when the tab is first opened."""
    progress = gr.HTML(elem_classes=["re-flush", "re-notice"], elem_id="progress")
    drawings = gr.HTML(elem_classes="re-flush", elem_id="drawings")
    table = gr.HTML(elem_classes="re-flush", elem_id="networks")
    outputs = [progress, drawings, table]
    alone = private(lane=BUILDING)  # what one visitor has had built the next finds built
    opened = tab.select(show_networks, parts.language, outputs, **alone)
    parts.language_followers.append(
        lambda listen: listen(
            show_if_open, [parts.open_tab, parts.language], outputs, cancels=[opened], **alone
        )
    )
