"""The API: named endpoints, each of which works when given the photo alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr
import numpy as np

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import NotAnImageError, OptionError, ResNetDemoError
from resnet_demo.measures import feature_maps as features
from resnet_demo.measures.compare import compare_photos, compare_with_runner_up
from resnet_demo.measures.gradients import gradient_splits
from resnet_demo.measures.lab import ledger_numbers
from resnet_demo.measures.lesion import lesion_all
from resnet_demo.measures.logit_attribution import ledger
from resnet_demo.measures.report import analyze, plain, prediction_numbers
from resnet_demo.measures.split import split_gradcam
from resnet_demo.networks.labels import find_class
from resnet_demo.photos.decoding import Photo, read_photo
from resnet_demo.ui.page_parts import CONCURRENCY
from resnet_demo.ui.photo_input import PhotoInput, shown
from resnet_demo.ui.stages import ranges_of
from resnet_demo.views.colormaps import HEAT, colorize
from resnet_demo.views.pictures import heatmap_rgba, lay_over


def create_api(model: InstrumentedModel) -> None:
    """Add the endpoints to the page being built; their components are not shown."""
    engine = model.engine

    def read(path: str | None) -> Photo:
        if path is None:
            raise NotAnImageError("A photo is needed. Received: none. Accepted: an image file.")
        return read_photo(path)

    def target_of(text: str) -> int | None:
        return find_class(model.labels, text) if text else None

    def classify(photo: str | None, top: float | None) -> list[dict[str, Any]]:
        analysis = analyze(model, read(photo), top=whole_number("top", top))
        return [prediction_numbers(p) for p in analysis.predictions]

    def heatmap(photo: str | None, target: str, at: str) -> tuple[np.ndarray, dict[str, Any]]:
        read_in = read(photo)
        analysis = analyze(model, read_in, target_of(target), at or None)
        cam, picture = analysis.gradcam, shown(read_in)
        overlay = heatmap_rgba(cam.heatmap, picture.shape[:2], 0.0, float(cam.heatmap.max()), HEAT)
        facts = {
            "target": prediction_numbers(analysis.target),
            "layer": cam.layer,
            "gradcam": cam.gradcam.tolist(),
        }
        return lay_over(picture, overlay, 0.8), facts

    def maps_of_stage(
        photo: str | None, stage: str, channels: float | None
    ) -> tuple[list[np.ndarray], dict[str, Any]]:
        layer = features.layers_of(engine, stage)[-1]
        maps = features.feature_maps(
            engine, model.batch(read(photo)), layer.name, whole_number("channels", channels)
        )
        pictures = [
            np.kron(
                colorize(maps.maps[..., i], *limits, HEAT),
                np.ones((max(1, 112 // maps.shape[0]),) * 2 + (1,), np.uint8),
            )
            for i, limits in enumerate(ranges_of(maps.maps, "each"))
        ]
        facts = {
            "layer": maps.layer,
            "shape": list(maps.shape),
            "channels": maps.channels.tolist(),
            "means": [float(maps.means[c]) for c in maps.channels],
        }
        return pictures, facts

    def residual_profile(photo: str | None) -> list[dict[str, Any]]:
        return analyze(model, read(photo)).numbers()["blocks"]

    def whole(photo: str | None, target: str, at: str) -> dict[str, Any]:
        return analyze(model, read(photo), target_of(target), at or None).numbers()

    def lesion(photo: str | None, target: str) -> list[dict[str, Any]]:
        found = lesion_all(model, model.batch(read(photo)), target_of(target))
        return [
            {
                "block": one.block,
                "logit_change": one.logit_change,
                "probability_change": one.probability_change,
                "top1": prediction_numbers(one.top1),
            }
            for one in found
        ]

    def gradients(photo: str | None, target: str) -> list[dict[str, Any]]:
        found = gradient_splits(model, model.batch(read(photo)), target_of(target))
        numbers = (
            "block",
            "shortcut_rms",
            "residual_rms",
            "total_rms",
            "cosine",
            "closed_gates",
            "stopped",
            "error",
        )
        return plain([{name: getattr(one, name) for name in numbers} for one in found])

    def whole_ledger(photo: str | None, target: str) -> dict[str, Any]:
        return ledger_numbers(ledger(model, model.batch(read(photo)), target_of(target)))

    def split(photo: str | None, target: str, at: str) -> dict[str, Any]:
        engine.require_blocks()
        block = at or engine.architecture.blocks[-1].name
        found = split_gradcam(model, model.batch(read(photo)), block, target_of(target))
        parts = {name: getattr(found, name).tolist() for name in ("shortcut", "residual", "total")}
        return {"block": found.block, **parts, "error": found.error}

    def compare(photo: str | None, target: str, other: str, other_photo: str | None = None) -> dict[str, Any]:
        read_in = read(photo)
        if other_photo is not None:
            found = compare_photos(model, model.batch(read_in, read(other_photo)), target_of(target))
        else:
            batch = model.batch(read_in)
            found = compare_with_runner_up(model, batch, target_of(target), target_of(other))
        return {
            "first": {"index": found.first.target, "logit": found.first.logit},
            "second": {"index": found.second.target, "logit": found.second.logit},
            "differences": [{"name": d.name, "difference": d.difference} for d in found.differences()],
        }

    with gr.Row(visible=False):
        photo = PhotoInput(type="filepath", label="photo")
        top = gr.Number(5, label="top", precision=0)
        target = gr.Textbox("", label="target")
        at = gr.Textbox("", label="at")
        other = gr.Textbox("", label="other")
        other_photo = PhotoInput(type="filepath", label="other_photo")
        stage = gr.Textbox("conv2", label="stage")
        count = gr.Number(features.CHANNELS_SHOWN, label="channels", precision=0)
        numbers, picture, pictures = gr.JSON(), gr.Image(format="png"), gr.Gallery(format="png")
        for name, function, inputs, outputs in (
            ("classify", classify, [photo, top], numbers),
            ("gradcam", heatmap, [photo, target, at], [picture, numbers]),
            ("feature_maps", maps_of_stage, [photo, stage, count], [pictures, numbers]),
            ("residual_profile", residual_profile, [photo], numbers),
            ("analyze", whole, [photo, target, at], numbers),
            ("lesion", lesion, [photo, target], numbers),
            ("gradients", gradients, [photo, target], numbers),
            ("ledger", whole_ledger, [photo, target], numbers),
            ("split_gradcam", split, [photo, target, at], numbers),
            ("compare", compare, [photo, target, other, other_photo], numbers),
        ):
            gr.Button().click(
                told(function), inputs, outputs, api_name=name, api_visibility="public", **CONCURRENCY
            )


def whole_number(name: str, value: float | None) -> int:
    """The number a caller gave; OptionError for none, or for one with a fraction."""
    if value is None or value % 1:  # so are NaN and infinity
        raise OptionError(f"`{name}` is a whole number. Received: {value}. Accepted: 1 or more.")
    return int(value)


def told(function: Callable) -> Callable:
    """The function, with our errors told to the caller as their one sentence and no traceback."""

    @wraps(function)  # the parameters' names and defaults are the API's
    def call(*arguments):
        try:
            return function(*arguments)
        except ResNetDemoError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call
