"""The API: named endpoints, each of which works when given the photo alone.

An endpoint's docstring is what other programs are told of it. What each input takes is told by its component and by
`page.checks`, and checked before the request waits (`ui/arguments.py`).
"""

from __future__ import annotations

import io
from typing import Any

import gradio as gr
import numpy as np
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from PIL import Image

from resnet_demo.measures import as_it_forms, logit_attribution, split
from resnet_demo.measures import feature_maps as features
from resnet_demo.measures import gradients as gradient_splits
from resnet_demo.measures import lesion as lesioned
from resnet_demo.measures.recorder import Recorder
from resnet_demo.measures.requirements import require
from resnet_demo.networks.labels import find_class
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results import json_form
from resnet_demo.ui.gate import GatedBlocks
from resnet_demo.ui.lanes import HEAVY, LIGHT
from resnet_demo.ui.limits import limits
from resnet_demo.ui.photo_input import PhotoInput, shown
from resnet_demo.ui.stages import ranges_of
from resnet_demo.views.colormaps import HEAT, colorize
from resnet_demo.views.pictures import heatmap_rgba, lay_over


def create_api(recorder: Recorder, page: GatedBlocks) -> None:
    """Add the endpoints to the page being built; their components are not shown."""
    model, engine = recorder.model, recorder.model.engine

    def target_of(text: str | None) -> int | None:
        return find_class(model.labels, text) if text else None

    def classify(photo: str, top: int) -> list[dict[str, Any]]:
        """Rank the classes that the network sees in a photo.

        Args:
            photo: the picture, as the server's /upload answered.
            top: how many classes, most probable first.

        Returns:
            A list of classes: index, WordNet id, label, probability, logit.
        """
        analysis = recorder.analysis(read_photo(photo), top=top)
        return [json_form.prediction(p) for p in analysis.predictions]

    def heatmap(photo: str, target: str | None, at: str | None) -> tuple[str, dict[str, Any]]:
        """Show where in a photo the network found its evidence for a class (Grad-CAM).

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.
            at: where to look: a residual block (conv4_block2), a stage (conv3), conv1, pool1; empty for the last block.

        Returns:
            The photo under its heatmap, and the map's numbers at the layer's own size, in units of the logit.
        """
        read_in = read_photo(photo)
        analysis = recorder.analysis(read_in, target_of(target), at or None)
        cam, picture = analysis.gradcam, shown(read_in)
        overlay = heatmap_rgba(cam.heatmap, picture.shape[:2], 0.0, float(cam.heatmap.max()), HEAT)
        return _png(lay_over(picture, overlay, 0.8)), json_form.heatmap(analysis.target, cam)

    def maps_of_stage(
        photo: str, stage: str | None, channels: int
    ) -> tuple[list[np.ndarray], dict[str, Any]]:
        """Show the most active channels of one stage of the network on a photo.

        Args:
            photo: the picture, as the server's /upload answered.
            stage: conv2 to conv5, a block, stem, conv1 or pool1.
            channels: how many channels, strongest first.

        Returns:
            A picture for each channel, and each channel's number and mean activation.
        """
        layer = features.layers_of(engine, stage or "conv2")[-1]
        maps = recorder.feature_maps(read_photo(photo), layer.name, channels)
        pictures = [
            np.kron(
                colorize(maps.maps[..., i], *limits, HEAT),
                np.ones((max(1, 112 // maps.shape[0]),) * 2 + (1,), np.uint8),
            )
            for i, limits in enumerate(ranges_of(maps.maps, "each"))
        ]
        return pictures, json_form.channels(maps)

    def residual_profile(photo: str) -> list[dict[str, Any]]:
        """Measure, for each residual block, its shortcut branch beside its residual branch on a photo.

        Args:
            photo: the picture, as the server's /upload answered.

        Returns:
            A list of blocks: magnitudes of shortcut, residual branch, sum and output; ratio, cosine, energy shares.
        """
        return json_form.blocks(recorder.seen(read_photo(photo)).blocks)

    def whole(photo: str, target: str | None, at: str | None) -> dict[str, Any]:
        """Measure everything on a photo at once: classes, heatmap, stages and the profile of every residual block.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.
            at: where to look: a residual block (conv4_block2), a stage (conv3), conv1, pool1; empty for the last block.

        Returns:
            All numbers, in the form of analysis.json.
        """
        return recorder.analysis(read_photo(photo), target_of(target), at or None).numbers()

    def lesion(photo: str, target: str | None) -> list[dict[str, Any]]:
        """Switch the residual branch of each block off, one at a time, and measure what a class loses.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.

        Returns:
            A list of blocks: change of the class's logit and probability, and the new top class.
        """
        return json_form.lesions(recorder.of(lesioned.compute, read_photo(photo), target_of(target)))

    def gradients(photo: str, target: str | None) -> list[dict[str, Any]]:
        """Split the gradient that reaches each block's input between shortcut and residual branch.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.

        Returns:
            A list of blocks: root mean squares of both parts and of the whole, their cosine, the share of closed gates.
        """
        return json_form.gradients(recorder.of(gradient_splits.compute, read_photo(photo), target_of(target)))

    def whole_ledger(photo: str, target: str | None) -> dict[str, Any]:
        """Take a class's logit apart: what each residual block, the stem and the biases add to it.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.

        Returns:
            The logit, and its parts, which add up to it.
        """
        return json_form.ledger(recorder.of(logit_attribution.compute, read_photo(photo), target_of(target)))

    def forming(photo: str, target: str | None) -> list[dict[str, Any]]:
        """Tell what the network would say of a class if only its first blocks spoke, for none of them to all.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.

        Returns:
            A list by the number of blocks: the class's logit and probability, and the top class's index.
        """
        return json_form.as_it_forms(recorder.of(as_it_forms.compute, read_photo(photo), target_of(target)))

    def parted(photo: str, target: str | None, at: str | None) -> dict[str, Any]:
        """Split a Grad-CAM heatmap between the shortcut and the residual branch of one block.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.
            at: the residual block, conv5_block3 say; empty for the last.

        Returns:
            Both parts and their total, at the block's own size, in units of the logit.
        """
        require(engine, split.REQUIRES)
        spec = engine.architecture
        block = spec.block(at) if at else spec.blocks[-1]
        found = recorder.of(split.compute, read_photo(photo), target_of(target))
        return json_form.split_gradcam(found[spec.blocks.index(block)])

    def compare(
        photo: str, target: str | None, other: str | None, other_photo: str | None = None
    ) -> dict[str, Any]:
        """Compare two classes on one photo, or one class on two photos, block by block.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.
            other: the class to compare with; empty for the most probable other one.
            other_photo: a second photo; with one, `other` has no use.

        Returns:
            Both logits, and the part of each block in their difference.
        """
        read_in = read_photo(photo)
        if other_photo is not None:
            found = recorder.compare_photos(read_in, read_photo(other_photo), target_of(target))
        else:
            found = recorder.compare_classes(read_in, target_of(target), target_of(other))
        return json_form.comparison(found)

    with gr.Row(visible=False):
        photo = PhotoInput(type="filepath", label="photo")
        top = gr.Number(5, label="top", precision=0, minimum=1, maximum=limits().classes)
        target = gr.Textbox("", label="target")
        at = gr.Textbox("", label="at")
        other = gr.Textbox("", label="other")
        other_photo = PhotoInput(type="filepath", label="other_photo")
        stage = gr.Textbox("conv2", label="stage")
        count = gr.Number(
            features.CHANNELS_SHOWN, label="channels", precision=0, minimum=1, maximum=limits().channels
        )
        numbers, picture, pictures = gr.JSON(), gr.Image(type="filepath"), gr.Gallery(format="png")
        for lane, name, function, inputs, outputs in (
            (LIGHT, "classify", classify, [photo, top], numbers),
            (LIGHT, "gradcam", heatmap, [photo, target, at], [picture, numbers]),
            (LIGHT, "feature_maps", maps_of_stage, [photo, stage, count], [pictures, numbers]),
            (LIGHT, "residual_profile", residual_profile, [photo], numbers),
            (LIGHT, "analyze", whole, [photo, target, at], numbers),
            (HEAVY, "lesion", lesion, [photo, target], numbers),
            (HEAVY, "gradients", gradients, [photo, target], numbers),
            (HEAVY, "ledger", whole_ledger, [photo, target], numbers),
            (HEAVY, "as_it_forms", forming, [photo, target], numbers),
            (HEAVY, "split_gradcam", parted, [photo, target, at], numbers),
            (HEAVY, "compare", compare, [photo, target, other, other_photo], numbers),
        ):
            gr.Button().click(function, inputs, outputs, api_name=name, api_visibility="public", **lane)
    for text in (target, other):
        page.checks[text._id] = target_of
    page.checks[at._id] = engine.architecture.layer
    page.checks[stage._id] = lambda name: features.layers_of(engine, name)


def _png(pixels: np.ndarray) -> str:
    """The path of a new file in the upload folder, of pixels uint8 (h, w, 3).

    Gradio would compress it five times as long, to save a fifth of its bytes.
    """
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return save_bytes_to_cache(file.getvalue(), "heatmap.png", get_upload_folder())
