"""The API: five named endpoints, each of which works when given the photo alone."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from resnet_demo.analysis import feature_maps as features
from resnet_demo.analysis.gradcam import gradcam
from resnet_demo.analysis.preprocessing import read_photo
from resnet_demo.analysis.report import Explorer, analyze, prediction_numbers
from resnet_demo.errors import NotAnImageError, ResNetDemoError
from resnet_demo.network.labels import find_class
from resnet_demo.rendering.colormaps import HEAT, colorize
from resnet_demo.rendering.pictures import heatmap_rgba, lay_over
from resnet_demo.ui.page_parts import CONCURRENCY
from resnet_demo.ui.photo_input import PhotoInput, shown
from resnet_demo.ui.stages import ranges_of


def create_api(explorer: Explorer) -> None:
    """Add the endpoints to the page being built; their components are not shown."""
    engine = explorer.engine

    def read(path: str | None):
        if path is None:
            raise NotAnImageError("A photo is needed. Received: none. Accepted: an image file.")
        return read_photo(path)

    def target_of(text: str) -> int | None:
        return find_class(explorer.labels, text) if text else None

    def classify(path: str | None, top: float) -> list[dict[str, Any]]:
        analysis = analyze(explorer, read(path), top=int(top))
        return [prediction_numbers(p) for p in analysis.predictions]

    def heatmap(path: str | None, target: str, at: str) -> tuple[np.ndarray, dict[str, Any]]:
        photo = read(path)
        analysis = analyze(explorer, photo, target_of(target), at or None)
        cam, picture = analysis.gradcam, shown(photo)
        overlay = heatmap_rgba(cam.heatmap, picture.shape[:2], 0.0, float(cam.heatmap.max()), HEAT)
        facts = {"target": prediction_numbers(analysis.target), "layer": cam.layer, "gradcam": cam.gradcam.tolist()}
        return lay_over(picture, overlay, 0.8), facts

    def channels(path: str | None, stage: str, count: float) -> tuple[list[np.ndarray], dict[str, Any]]:
        place = features.places_of(engine, stage)[-1]
        maps = features.feature_maps(engine, explorer.batch(read(path)), place.name, int(count))
        pictures = [
            np.kron(colorize(maps.maps[..., i], *limits, HEAT), np.ones((max(1, 112 // maps.shape[0]),) * 2 + (1,), np.uint8))
            for i, limits in enumerate(ranges_of(maps.maps, "each"))
        ]
        facts = {
            "layer": maps.layer,
            "shape": list(maps.shape),
            "channels": maps.channels.tolist(),
            "means": [float(maps.means[c]) for c in maps.channels],
        }
        return pictures, facts

    def residual_profile(path: str | None) -> list[dict[str, Any]]:
        return analyze(explorer, read(path)).numbers()["blocks"]

    def whole(path: str | None, target: str, at: str) -> dict[str, Any]:
        return analyze(explorer, read(path), target_of(target), at or None).numbers()

    with gr.Row(visible=False):
        photo = PhotoInput(type="filepath", label="photo")
        top = gr.Number(5, label="top", precision=0)
        target = gr.Textbox("", label="target")
        at = gr.Textbox("", label="at")
        stage = gr.Textbox("conv2", label="stage")
        count = gr.Number(features.CHANNELS_SHOWN, label="channels", precision=0)
        numbers, picture, pictures = gr.JSON(), gr.Image(format="png"), gr.Gallery(format="png")
        for name, function, inputs, outputs in (
            ("classify", classify, [photo, top], numbers),
            ("gradcam", heatmap, [photo, target, at], [picture, numbers]),
            ("feature_maps", channels, [photo, stage, count], [pictures, numbers]),
            ("residual_profile", residual_profile, [photo], numbers),
            ("analyze", whole, [photo, target, at], numbers),
        ):
            gr.Button().click(told(function), inputs, outputs, api_name=name, api_visibility="public", **CONCURRENCY)


def told(function):
    """The function, with our errors told to the caller as their one sentence and no traceback."""

    def call(*arguments):
        try:
            return function(*arguments)
        except ResNetDemoError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call
