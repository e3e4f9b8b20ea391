"""The stages: the most active channels of each, and one channel large over the photo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

from resnet_demo.measures import feature_maps
from resnet_demo.measures.feature_maps import CHANNELS_SHOWN, layers_of
from resnet_demo.photos.decoding import Photo
from resnet_demo.results import findings
from resnet_demo.results.heatmaps import FeatureMaps
from resnet_demo.ui.language import choices
from resnet_demo.ui.page_parts import PICK, PageParts, panel, picked_number, pictures_of, private
from resnet_demo.ui.photo_input import photo_uri
from resnet_demo.views.cards import card, empty
from resnet_demo.views.feature_grid import feature_grid, feature_over_photo
from resnet_demo.views.markup import Html, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number, percent

SCALINGS = ("each", "together")


def grid_view(maps: FeatureMaps, scaling: str, words: Words, selected: int | None = None) -> Html:
    """The channels of one layer in a grid."""
    height, width, channels = maps.shape
    strongest, mean, silent = findings.strongest_channel(maps)
    finding = words(
        "stage_finding",
        layer=maps.name,
        h=height,
        w=width,
        c=channels,
        channel=strongest,
        mean=number(mean),
        silent=percent(silent),
    )
    grid = feature_grid(
        maps.maps,
        [int(c) for c in maps.channels],
        [float(maps.means[c]) for c in maps.channels],
        ranges_of(maps.maps, scaling),
        words.for_features(),
        label=words("stage_label", layer=maps.name),
        selected=selected,
    )
    return card(maps.name, grid, finding=finding, hint=words("stage_hint"))


def ranges_of(maps: np.ndarray, scaling: str) -> list[tuple[float, float]]:
    """Colour ranges of maps (h, w, k), from 0 or what lies below: each channel its own, or one for all."""
    low, high = np.minimum(maps.min(axis=(0, 1)), 0), maps.max(axis=(0, 1))
    if scaling == "together":
        low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def channel_of(maps: FeatureMaps, channel: int) -> np.ndarray | None:
    """One channel's map, (h, w), if it is among those shown."""
    shown = maps.channels.tolist()
    return maps.maps[..., shown.index(channel)] if channel in shown else None


def channel_view(photo: Photo, values: np.ndarray, layer: str, channel: int, words: Words) -> Html:
    """One channel large over the photo."""
    alt = words(
        "channel_alt", channel=channel, layer=layer, where=words.where(*findings.position_of_maximum(values))
    )
    limits = (min(float(values.min()), 0.0), float(values.max()))
    picture = feature_over_photo(photo_uri(photo), values, channel, limits, words.for_features(), alt=alt)
    return card(f"{layer} · {channel}", picture, finding=alt)


def create_stages_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it."""
    model, recorder, texts, words = parts.model, parts.recorder, parts.texts, Words("en")
    stages = ["stem", *(s.name for s in model.engine.architecture.stages)]
    problem = gr.HTML(empty(words), elem_classes=["re-flush", "re-notice"])
    with gr.Row(elem_classes="re-choosers"):
        stage = texts.make(
            gr.Radio, {"label": "stage"}, choices=stages, value=stages[1], elem_id="stage", scale=7
        )
        scaling = texts.make(
            gr.Radio,
            {"label": "scaling", "choices": choices("scale", SCALINGS)},
            value="each",
            scale=4,
        )
        count = texts.make(
            gr.Slider,
            {"label": "channels"},
            minimum=4,
            maximum=64,
            value=CHANNELS_SHOWN,
            step=4,
            elem_id="channels",
            scale=3,
        )
    with gr.Row(elem_classes="re-columns"):
        with gr.Column(scale=7, min_width=300):
            with panel(2):
                first = gr.HTML(elem_classes="re-flush", elem_id="grid", js_on_load=PICK)
            with panel(3):
                second = gr.HTML(elem_classes="re-flush", js_on_load=PICK)
        with gr.Column(scale=4, min_width=300), panel(1):
            large = gr.HTML(elem_classes="re-flush", elem_id="channel")

    def show(
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
            layers = layers_of(model.engine, stage)
            maps = [recorder.feature_maps(photo, p.name, int(count)) for p in layers]
            index, channel = chosen or (len(maps) - 1, int(maps[-1].channels[0]))
            layer = layers[index].name
            values = channel_of(maps[index], channel)
            if values is None:  # one of a grid that was shown before
                values = recorder.of(feature_maps.compute_channel, photo, at=layer, channel=channel)
            grids = [
                grid_view(m, scaling, words, channel if i == index else None) for i, m in enumerate(maps)
            ]
            return [grids[0], join(grids[1:]), channel_view(photo, values, layer, channel, words)]

        return pictures_of(path, 3, words, draw)

    def pick(index: int) -> Callable:
        def show_channel(
            path: str | None, stage: str, scaling: str, count: int, language: str, event: gr.EventData
        ) -> list[Any]:
            return show(path, stage, scaling, count, language, (index, picked_number(event, "channel")))

        return show_channel

    inputs = [parts.photo, stage, scaling, count, parts.language]
    outputs = [problem, first, second, large]
    parts.on_tab(tab, show, inputs, outputs, problem)
    for chooser in (stage, scaling):
        chooser.input(show, inputs, outputs, **private())
    count.release(show, inputs, outputs, **private())
    for index, grid in enumerate((first, second)):
        grid.click(pick(index), inputs, outputs, **private())
