"""The overview: classes, heatmap, the profile of all blocks, and one block opened."""

from __future__ import annotations

import time
from typing import Any

import gradio as gr
import numpy as np

from resnet_demo.atlas.bundled import atlas_of, unusual
from resnet_demo.errors import BusyError, ResNetDemoError
from resnet_demo.graph.architecture import Architecture
from resnet_demo.measures import attribution
from resnet_demo.photos.decoding import Photo, read_photo
from resnet_demo.results import findings
from resnet_demo.results.analysis import Analysis
from resnet_demo.results.blocks import BlockProfile
from resnet_demo.results.heatmaps import GradCam
from resnet_demo.ui.language import choices
from resnet_demo.ui.limits import limits
from resnet_demo.ui.page_parts import PICK, PageParts, panel, picked, picked_number, private
from resnet_demo.ui.photo_input import photo_uri
from resnet_demo.ui.weights_panel import warnings_view
from resnet_demo.views.block_maps import MapTile, block_maps, with_common_range
from resnet_demo.views.cards import (
    addition,
    card,
    empty,
    error_card,
    figure_of,
    formula,
)
from resnet_demo.views.chart import table
from resnet_demo.views.colormaps import HEAT, SHARE, colorbar
from resnet_demo.views.compare_slider import compare_slider
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.network_strip import StripStage, network_strip
from resnet_demo.views.number_format import chance, number, percent
from resnet_demo.views.pictures import encode_overlay
from resnet_demo.views.predictions import PredictionBar, prediction_bars
from resnet_demo.views.profile import ProfileBar, profile, profile_table

MEASURES = ("mean_magnitude", "rms", "std")
METHODS = ("gradcam", *attribution.METHODS)
UNSURE = 0.5  # a top class below this probability is introduced with "perhaps"
FEW_CLASSES = 20  # a network of no more is asked about much that it has never seen


# What is shown: records in, HTML out.


def welcome(spec: Architecture, words: Words) -> Html:
    """What stands there before there is a photo: what to do, and the network that waits for it."""
    start = element(
        "header", element("h2", words("empty_title")), element("p", words("empty_text")), class_="re-headline"
    )
    if not spec.blocks:
        return start
    finding = words(
        "network_finding",
        input=" × ".join(map(str, spec.input_shape)),
        stages=len(spec.stages),
        blocks=len(spec.blocks),
        classes=spec.classes,
    )
    stages = [
        StripStage(s.name, " × ".join(map(str, s.shape)), [b.kind for b in spec.blocks if b.stage == s.name])
        for s in spec.stages
    ]
    strip = network_strip(stages, words.for_strip(), alt=finding)
    return join([start, card(words("network_title"), strip, finding=finding)])


def headline(analysis: Analysis, words: Words) -> Html:
    """The title line: what the network sees, and how the photo was read."""
    top = analysis.predictions[0]
    key = (
        "headline_unsure" if top.probability < UNSURE else "headline"
    )  # NaN, where there is none, is no doubt
    image = analysis.image
    facts = words("read_as", **{k: getattr(image, k) for k in ("name", "width", "height", "format")})
    return element(
        "header",
        element("h2", words(key, label=words.class_of(top), percent=chance(top.probability))),
        element("p", " ".join([facts, *(words(f"note_{note}") for note in image.notes)]), class_="re-hint"),
        warnings_view(analysis.warnings, words),
        class_="re-headline",
    )


def classes_view(analysis: Analysis, words: Words) -> Html:
    """The top classes with bars; the explained one is marked, and added below if it is not among them."""
    ranked = analysis.predictions
    if analysis.target not in ranked:
        ranked = (*ranked, analysis.target)
    rows = [PredictionBar(p.index, words.class_of(p), p.label.wnid, p.probability, p.logit) for p in ranked]
    bars = prediction_bars(
        rows, words.for_predictions(), label=words("classes_label"), target=analysis.target.index
    )
    kind = analysis.network["outputs"]["kind"]
    hint = words("classes_hint")
    if kind != "softmax":
        hint += " " + words(f"known_{kind}")
    if analysis.weights.classes <= FEW_CLASSES:
        hint += " " + words("classes_few", classes=analysis.weights.classes)
    return card(words("classes_title"), bars, hint=hint)


def heatmap_view(
    photo: Photo, cam: GradCam, label: str, layer: str, words: Words, method: str = "gradcam"
) -> Html:
    """The photo under its heatmap, with the slider and the opacity control."""
    heat = cam.heatmap
    peak = float(heat.max())
    told, nothing = ("cam_finding", "cam_nothing")
    if method == "saliency":  # a map of the pixels, not of a layer
        told, nothing = ("saliency_finding", "saliency_nothing")
    if peak > 0:
        finding = words(
            told,
            label=label,
            layer=layer,
            where=words.where(*findings.position_of_maximum(heat)),
            share=percent(findings.area_of_half(heat)),
        )
    else:
        finding = words(nothing, label=label, layer=layer)
    picture = compare_slider(
        photo_uri(photo),
        encode_overlay(heat, heat.shape, 0.0, peak, HEAT),
        words.for_compare(),
        alt=finding,
        colorbar=colorbar(HEAT, 0.0, peak, unit=words(f"unit_{method}"), label=words(f"method_{method}")),
    )
    return card(words("cam_title"), picture, finding=finding)


def profile_view(blocks: tuple[BlockProfile, ...], measure: str, selected: str | None, words: Words) -> Html:
    """The signature picture: shortcut beside residual branch for every block."""
    if not blocks:
        return card(words("profile_title"), empty(words, "profile_none"))
    unit = words(f"measure_{measure}")
    bars = [
        ProfileBar(
            b.name,
            b.stage,
            b.kind,
            getattr(b.shortcut, measure),
            getattr(b.residual, measure),
            b.closed_gates,
        )
        for b in blocks
    ]
    found = findings.profile(blocks)
    finding = words(
        "profile_finding",
        largest=found.largest.name,
        high=figure_of(found.largest.ratio),
        smallest=found.smallest.name,
        low=figure_of(found.smallest.ratio),
    )
    notes = {b.stage: " × ".join(map(str, b.shape)) for b in blocks}
    picture = profile(
        bars, words.for_profile(), measure=unit, alt=finding, stage_notes=notes, selected=selected
    )
    numbers = profile_table(bars, words.for_profile(), measure=unit)
    return card(words("profile_title"), picture, numbers, finding=finding, hint=words("profile_hint"))


def block_view(
    block: BlockProfile, spec: Architecture, words: Words, atlas: dict[str, Any] | None = None
) -> Html:
    """One block opened: its finding, its maps, its numbers, and its sums with this photo's numbers in them.

    Args:
        atlas: what is typical of these weights, where that is known.
    """
    finding = words(
        "block_finding",
        ratio=figure_of(block.ratio),
        novelty=percent(block.novelty) if np.isfinite(block.novelty) else "–",
        closed=percent(block.closed_gates),
    )
    if block.change is not None and np.isfinite(block.change):
        finding += " " + words("block_change", change=figure_of(block.change))
    title = f"{block.name} · {words(block.kind)} · {' × '.join(map(str, block.shape))}"
    caveats = [words("caveat_magnitude")]
    if block.kind == "projection":
        caveats.insert(0, words("caveat_projection"))
    elif spec.block(block.name).shortcut in spec.rectified:
        caveats.insert(0, words("caveat_identity"))
    return card(
        title,
        _block_pictures(block, words),
        _block_table(block, words),
        _typical(block, atlas, words) if atlas else "",
        _block_formulas(block, words),
        element("ul", join([element("li", text) for text in caveats]), class_="re-caveats"),
        element(
            "button",
            words("to_laboratory", block=block.name),
            type="button",
            class_="re-button",
            data_block=block.name,
        ),
        finding=finding,
    )


def _typical(block: BlockProfile, atlas: dict[str, Any], words: Words) -> Html:
    """This photo's numbers beside those of the atlas: what nine photos of ten have, and whether it is one of them."""
    known = next(one for one in atlas["blocks"] if one["name"] == block.name)
    rows = []
    for name, title in (
        ("ratio", "column_ratio"),
        ("novelty", "column_novelty"),
        ("closed_gates", "closed_gates"),
    ):
        value, shares = getattr(block, name), known[name]["quantiles"]
        rows.append(
            [
                words(title),
                figure_of(value),
                f"{figure_of(shares['0.05'])} – {figure_of(shares['0.95'])}",
                words("unusual" if unusual(value, known[name]) else "usual") if np.isfinite(value) else "–",
            ]
        )
    head = [words(key) for key in ("quantity", "typical_yours", "typical_range", "typical_verdict")]
    return element(
        "div",
        element("h4", words("typical_title")),
        table(head, rows),
        element("p", words("typical_note", images=atlas["images"]), class_="re-hint"),
        class_="re-typical",
    )


def _block_pictures(block: BlockProfile, words: Words) -> Html:
    def tile(symbol: str, what: str, values: np.ndarray) -> MapTile:
        alt = words(
            "map_alt",
            what=words(f"map_{what}"),
            block=block.name,
            low=figure_of(float(values.min())),
            high=figure_of(float(values.max())),
            where=words.where(*findings.position_of_maximum(values)),
        )
        return MapTile(
            symbol, words(f"map_{what}"), values, 0.0, float(values.max()), HEAT, words("unit_rms"), alt
        )

    share_alt = words(
        "share_alt",
        block=block.name,
        mean=percent(float(block.share_map.mean())),
        where=words.where(*findings.position_of_maximum(block.share_map)),
    )
    tiles = with_common_range(
        [
            tile("S", "shortcut", block.shortcut_map),
            tile("F", "residual", block.residual_map),
            tile("y", "sum", block.sum_map),
            tile("x⁺", "output", block.output_map),
        ]
    )
    share = MapTile(
        "F²/(S²+F²)", words("map_share"), block.share_map, 0.0, 1.0, SHARE, words("unit_share"), share_alt
    )
    return block_maps([*tiles, share], label=words("maps_label", block=block.name))


def _block_table(block: BlockProfile, words: Words) -> Html:
    return table(
        [words("quantity"), *(words(f"measure_{m}") for m in MEASURES)],
        [
            [f"{symbol} {words(what)}", *(figure_of(getattr(getattr(block, what), m)) for m in MEASURES)]
            for symbol, what in (("S", "shortcut"), ("F", "residual"), ("y", "sum"), ("x⁺", "output"))
        ],
    )


def _block_formulas(block: BlockProfile, words: Words) -> Html:
    energy = block.energy
    total = energy.shortcut + energy.residual + energy.cross
    lines = [
        words(
            "formula_energy",
            sum=addition([energy.shortcut, energy.residual, energy.cross], total, digits=5),
        ),
        words(
            "formula_ratio",
            f=number(block.residual.rms, 5),
            s=number(block.shortcut.rms, 5),
            ratio=figure_of(block.ratio),
        ),
        words("formula_cosine", cosine=figure_of(block.cosine), novelty=figure_of(block.novelty)),
    ]
    return formula(words, *lines)


# Where it is shown: layout and wiring.


def create_overview_tab(parts: PageParts) -> None:
    """Lay out the overview and wire it."""
    model, recorder, texts, words = parts.model, parts.recorder, parts.texts, Words("en")
    atlas = atlas_of(model.network.provenance.sha256)
    photo, target, layer, language = parts.photo, parts.target, parts.layer, parts.language

    top = gr.HTML(welcome(model.engine.architecture, words), elem_classes="re-flush", elem_id="headline")
    with gr.Row(elem_classes="re-columns"):
        with gr.Column(scale=5, min_width=300):
            with panel(1):
                classes = gr.HTML(elem_classes="re-flush", js_on_load=PICK)
            with panel(3):
                chart = gr.HTML(elem_classes="re-flush", js_on_load=PICK)
                measure = texts.make(
                    gr.Radio,
                    {"label": "measure", "choices": choices("measure", MEASURES)},
                    value=MEASURES[0],
                    elem_id="measure",
                )
        with gr.Column(scale=6, min_width=300):
            with panel(2):
                heatmap = gr.HTML(elem_classes="re-flush")
                method = texts.make(
                    gr.Radio,
                    {"label": "method", "choices": choices("method", METHODS)},
                    value="gradcam",
                    elem_id="method",
                )
                masks = texts.make(
                    gr.Slider,
                    {"label": "masks"},
                    minimum=8,
                    maximum=attribution.MOST_CHANNELS,
                    value=attribution.CHANNELS,
                    step=8,
                    elem_id="masks",
                )
            with panel(4):
                opened = gr.HTML(elem_classes="re-flush", elem_id="block", js_on_load=PICK)

    def show(
        path: str | None,
        target: int | None,
        layer: str,
        method: str,
        masks: int,
        measure: str,
        language: str,
        *,
        progress: gr.Progress | None = None,
    ) -> tuple[list[Any], int | None]:
        """The pictures, and the class they explain."""
        words = Words(language)

        latest = time.monotonic() + limits().run_seconds

        def tell(done: int, total: int) -> None:
            if time.monotonic() > latest:
                raise BusyError(
                    "This takes too long. Received: {done} of {total} passes in {run_seconds} s. Accepted: "
                    "fewer masks, or the same when the server has less to do.",
                    done=done,
                    total=total,
                    run_seconds=limits().run_seconds,
                )
            if progress is not None:
                progress((done, total), desc=words("running", method=words(f"method_{method}")))

        if path is None:
            return [welcome(model.engine.architecture, words), "", "", "", ""], None
        try:
            photo = read_photo(path)
            analysis = recorder.analysis(photo, target, layer)
            index, cam = analysis.target.index, analysis.gradcam
            if method != "gradcam":
                cam = recorder.of(
                    attribution.compute,
                    photo,
                    index,
                    tell,
                    method=method,
                    **({"at": layer} if method != "saliency" else {}),
                    **({"channels": int(masks)} if method == "faster-scorecam" else {}),
                )
        except ResNetDemoError as error:
            return [error_card(error, words), "", "", "", ""], None
        name = words.class_of(analysis.target)
        block = next((b for b in analysis.blocks if b.name == layer), None)
        return [
            headline(analysis, words),
            classes_view(analysis, words),
            heatmap_view(photo, cam, name, layer, words, method),
            profile_view(analysis.blocks, measure, layer, words),
            block_view(block, model.engine.architecture, words, atlas) if block else "",
        ], index

    def show_new_photo(path: str | None, layer: str, *settings: Any) -> list[Any]:
        pictures, target = show(path, None, layer, "gradcam", *settings)
        return [*pictures, target, "gradcam"]

    def show_again(
        path: str | None,
        target: int | None,
        layer: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008, how Gradio asks for a progress bar
        *settings: Any,
    ) -> list[Any]:
        return show(path, target, layer, *settings, progress=progress)[0]

    def pick_block(
        path: str | None,
        target: int | None,
        event: gr.EventData,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
        *settings: Any,
    ) -> list[Any]:
        block = picked(event, "block")
        return [*show(path, target, block, *settings, progress=progress)[0], block]

    def pick_class(
        path: str | None,
        layer: str,
        event: gr.EventData,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
        *settings: Any,
    ) -> list[Any]:
        chosen = picked_number(event, "class")
        return [*show(path, chosen, layer, *settings, progress=progress)[0], chosen]

    def only_profile(path: str | None, layer: str, measure: str, language: str) -> Html:
        words = Words(language)
        try:
            blocks = recorder.seen(read_photo(path)).blocks if path else ()
        except ResNetDemoError as error:
            return error_card(error, words)
        return profile_view(blocks, measure, layer, words) if blocks else Html("")

    pictures = [top, classes, heatmap, chart, opened]
    settings = [method, masks, measure, language]
    parts.new_photo = photo.change(
        show_new_photo, [photo, layer, *settings[1:]], [*pictures, target, method], **private(top)
    )
    again = [photo, target, layer, *settings]
    parts.show_again = lambda listen: listen(show_again, again, pictures, **private(top))
    for listen in (method.input, masks.release):
        listen(show_again, again, pictures, **private(heatmap))
    chart.click(pick_block, [photo, target, *settings], [*pictures, layer], **private(top))
    classes.click(pick_class, [photo, layer, *settings], [*pictures, target], **private(top))
    measure.input(only_profile, [photo, layer, measure, language], chart, **private(chart))
    opened.click(
        lambda: gr.Tabs(selected="lab"), None, parts.tabs, api_visibility="private", show_progress="hidden"
    )
