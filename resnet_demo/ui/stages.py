"""The stages: the most active channels of each, and one channel large over the photo."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from resnet_demo.analysis.feature_maps import (
    CHANNELS_SHOWN,
    FeatureMaps,
    channel_map,
    feature_maps,
    places_of,
)
from resnet_demo.analysis.preprocessing import Photo, read_photo
from resnet_demo.errors import ResNetDemoError
from resnet_demo.rendering.feature_grid import feature_grid, feature_over_photo
from resnet_demo.rendering.lettering import number, percent
from resnet_demo.rendering.markup import Html, join
from resnet_demo.ui.cards import PICK, card, empty, error_card, place_of_maximum
from resnet_demo.ui.page_parts import PageParts, private
from resnet_demo.ui.photo_input import photo_uri
from resnet_demo.ui.words import Words

SCALINGS = ("each", "together")


def grid_view(maps: FeatureMaps, scaling: str, words: Words, selected: int | None = None) -> Html:
    """The channels of one place in a grid."""
    height, width, channels = maps.shape
    finding = words(
        "stage_finding",
        place=maps.name,
        h=height,
        w=width,
        c=channels,
        channel=int(maps.channels[0]),
        mean=number(float(maps.means[maps.channels[0]])),
        silent=percent(float(np.mean(maps.means == 0))),
    )
    grid = feature_grid(
        maps.maps,
        [int(c) for c in maps.channels],
        [float(maps.means[c]) for c in maps.channels],
        ranges_of(maps.maps, scaling),
        words.for_features(),
        label=words("stage_label", place=maps.name),
        selected=selected,
    )
    return card(maps.name, grid, finding=finding, hint=words("stage_hint"))


def ranges_of(maps: np.ndarray, scaling: str) -> list[tuple[float, float]]:
    """Colour ranges of maps (h, w, k): each channel its own, or one for all; they begin at 0 unless values are below."""
    low, high = np.minimum(maps.min(axis=(0, 1)), 0), maps.max(axis=(0, 1))
    if scaling == "together":
        low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def channel_view(photo: Photo, values: np.ndarray, place: str, channel: int, words: Words) -> Html:
    """One channel large over the photo."""
    alt = words("channel_alt", channel=channel, place=place, where=words.where(*place_of_maximum(values)))
    limits = (min(float(values.min()), 0.0), float(values.max()))
    picture = feature_over_photo(photo_uri(photo), values, channel, limits, words.for_features(), alt=alt)
    return card(f"{place} · {channel}", picture, finding=alt)


def create_stages_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab and wire it."""
    explorer, texts, words = parts.explorer, parts.texts, Words("en")
    stages = ["stem", *(s.name for s in explorer.engine.architecture.stages)]
    with gr.Row():
        stage = texts.add(gr.Radio(stages, value=stages[1], label=words("stage"), scale=4), label="stage")
        scaling = texts.add(
            gr.Radio(
                [(words(f"scale_{s}"), s) for s in SCALINGS], value="each", label=words("scaling"), scale=4
            ),
            label="scaling",
            choices=lambda w: [(w(f"scale_{s}"), s) for s in SCALINGS],
        )
        count = texts.add(
            gr.Slider(4, 64, value=CHANNELS_SHOWN, step=4, label=words("channels"), scale=3), label="channels"
        )
    with gr.Row(equal_height=False):
        with gr.Column(scale=7, min_width=320):
            first = gr.HTML(empty(words), elem_classes="re-flush", js_on_load=PICK)
            second = gr.HTML(elem_classes="re-flush", js_on_load=PICK)
        with gr.Column(scale=4, min_width=300):
            large = gr.HTML(elem_classes="re-flush")

    def show(path: str | None, stage: str, scaling: str, count: int, language: str) -> list[Any]:
        words = Words(language)
        if path is None:
            return [empty(words), "", ""]
        try:
            photo = read_photo(path)
            batch = explorer.batch(photo)
            maps = [
                feature_maps(explorer.engine, batch, p.name, int(count))
                for p in places_of(explorer.engine, stage)
            ]
        except ResNetDemoError as error:
            return [error_card(error, words), "", ""]
        last = maps[-1]
        strongest = channel_view(photo, last.maps[..., 0], last.name, int(last.channels[0]), words)
        grids = [grid_view(m, scaling, words) for m in maps]
        return [grids[0], join(grids[1:]), strongest]

    def pick(index: int):
        def show_channel(path: str | None, stage: str, language: str, event: gr.EventData) -> Any:
            words = Words(language)
            try:
                photo = read_photo(path)
                place = places_of(explorer.engine, stage)[index]
                channel = int(event.channel)
                values = channel_map(explorer.engine, explorer.batch(photo), place.name, channel)
            except ResNetDemoError as error:
                return error_card(error, words)
            return channel_view(photo, values, place.name, channel, words)

        return show_channel

    inputs = [parts.photo, stage, scaling, count, parts.language]
    outputs = [first, second, large]
    parts.on_tab(tab, show, inputs, outputs)
    for chooser in (stage, scaling):
        chooser.input(show, inputs, outputs, **private())
    count.release(show, inputs, outputs, **private())
    for index, grid in enumerate((first, second)):
        grid.click(pick(index), [parts.photo, stage, parts.language], large, **private())
