"""The stages: the most active channels of each, and one channel large over the photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.measures import feature_maps
from resnet_demo.measures.feature_maps import CHANNELS_SHOWN, layers_of
from resnet_demo.photos.decoding import Photo
from resnet_demo.ui.choosers import NetworkRadio
from resnet_demo.ui.lanes import PROBLEM_CLASS
from resnet_demo.ui.language import choices
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.page_parts import PICK, PageParts, panel, picked_number, pictures_of, private
from resnet_demo.views.cards import empty
from resnet_demo.views.markup import Html, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.pictures import photo_uri
from resnet_demo.views.sections.stages import channel_of, channel_view, grid_view

SCALINGS = ("each", "together")


@dataclass(frozen=True)
class StagesHandlers:
    """What the stages answer: what is wrong, the first layer's grid, the others', and one channel large."""

    shown: NetworkOnShow

    def show(
        self,
        path: str | None,
        stage: str,
        scaling: str,
        count: int,
        language: str,
        chosen: tuple[int, int] | None = None,
    ) -> list[Html]:
        """`chosen`: which layer of the stage and which of its channels is shown large; else the last's strongest."""
        words = Words(language)

        def draw(photo: Photo) -> list[Html]:
            layers = layers_of(self.shown.model.engine, stage)
            maps = [self.shown.recorder.feature_maps(photo, p.name, int(count)) for p in layers]
            index, channel = chosen or (len(maps) - 1, int(maps[-1].channels[0]))
            layer = layers[index].name
            values = channel_of(maps[index], channel)
            if values is None:  # one of a grid that was shown before
                values = self.shown.recorder.of(
                    feature_maps.compute_channel, photo, at=layer, channel=channel
                )
            grids = [
                grid_view(m, scaling, words, channel if i == index else None) for i, m in enumerate(maps)
            ]
            large = channel_view(photo_uri(photo.pixels), values, layer, channel, words)
            return [grids[0], join(grids[1:]), large]

        return pictures_of(path, 3, words, draw)

    def pick_first(
        self, path: str | None, stage: str, scaling: str, count: int, language: str, event: gr.EventData
    ) -> list[Any]:
        """As `show`, with the channel large that was clicked in the first grid."""
        return self.show(path, stage, scaling, count, language, (0, picked_number(event, "channel")))

    def pick_second(
        self, path: str | None, stage: str, scaling: str, count: int, language: str, event: gr.EventData
    ) -> list[Any]:
        """As `show`, with the channel large that was clicked in the second grid."""
        return self.show(path, stage, scaling, count, language, (1, picked_number(event, "channel")))


def create_stages_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it."""
    problem = parts.texts.begin(
        gr.HTML, {"value": empty}, elem_classes=["re-flush", "re-notice", PROBLEM_CLASS]
    )
    choosers = _choosers(parts)
    with gr.Row(elem_classes="re-columns"):
        with gr.Column(scale=7, min_width=300):
            with panel(2):
                first = gr.HTML(elem_classes="re-flush", elem_id="grid", js_on_load=PICK)
            with panel(3):
                second = gr.HTML(elem_classes="re-flush", js_on_load=PICK)
        with gr.Column(scale=4, min_width=300), panel(1):
            large = gr.HTML(elem_classes="re-flush", elem_id="channel")
    handlers = StagesHandlers(parts.shown)
    stage, scaling, count = choosers
    inputs = [parts.photo, stage, scaling, count, parts.language]
    outputs = [problem, first, second, large]
    parts.on_tab(tab, handlers.show, inputs, outputs, problem)
    for listen in (stage.input, scaling.input, count.release):
        listen(handlers.show, inputs, outputs, **private())
    first.click(handlers.pick_first, inputs, outputs, **private())
    second.click(handlers.pick_second, inputs, outputs, **private())


def _choosers(parts: PageParts) -> tuple[gr.Radio, gr.Radio, gr.Slider]:
    """Which stage, on which scale, and how many of its channels."""
    shown = parts.shown
    with gr.Row(elem_classes="re-choosers"):
        stage = parts.texts.of_network(
            NetworkRadio,
            {"label": "stage", "choices": lambda _: [(n, n) for n in ("stem", *shown.stages)]},
            lambda: shown.stages[0],
            elem_id="stage",
            scale=7,
        )
        scaling = parts.texts.make(
            gr.Radio,
            {"label": "scaling", "choices": choices("scale", SCALINGS)},
            value="each",
            scale=4,
        )
        count = parts.texts.make(
            gr.Slider,
            {"label": "channels"},
            minimum=4,
            maximum=64,
            value=CHANNELS_SHOWN,
            step=4,
            elem_id="channels",
            scale=3,
        )
    return stage, scaling, count
