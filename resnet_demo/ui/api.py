"""The API: named endpoints, each of which works when given the photo alone.

An endpoint's docstring is what other programs are told of it. What each input takes is told by its component and by
`page.checks`, and checked before the request waits (`ui/arguments.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import gradio as gr

from resnet_demo.engine.engine import Engine
from resnet_demo.measures import feature_maps as features
from resnet_demo.measures import lab, split
from resnet_demo.measures.recorder import Recorder
from resnet_demo.measures.requirements import require
from resnet_demo.networks.labels import find_class
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results import json_form
from resnet_demo.results.forms import FORMS
from resnet_demo.ui.answer_files import as_file, as_gallery
from resnet_demo.ui.gate import GatedBlocks
from resnet_demo.ui.lanes import HEAVY, LIGHT
from resnet_demo.ui.limits import limits
from resnet_demo.ui.photo_input import PhotoInput
from resnet_demo.ui.visitors import Visitors
from resnet_demo.views.colormaps import HEAT
from resnet_demo.views.pictures import encode_bytes, heatmap_rgba, lay_over, map_png, shown
from resnet_demo.views.sections.stages import ranges_of


@dataclass(frozen=True)
class Endpoint:
    """One endpoint: its name, the lane it runs in, and what goes in and comes out, by the names of `_components`."""

    name: str
    lane: dict[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...] = ("numbers",)


def endpoints() -> tuple[Endpoint, ...]:
    """All there are: each measure of the laboratory has one, and those that take more, or are drawn, their own."""
    return (
        Endpoint("classify", LIGHT, ("photo", "top")),
        Endpoint("gradcam", LIGHT, ("photo", "target", "at"), ("picture", "numbers")),
        Endpoint("feature_maps", LIGHT, ("photo", "stage", "channels"), ("pictures", "numbers")),
        Endpoint("residual_profile", LIGHT, ("photo",)),
        Endpoint("analyze", LIGHT, ("photo", "target", "at")),
        *(Endpoint(measure.NAME, HEAVY, ("photo", "target")) for measure in lab.OFFERED),
        Endpoint("belief", HEAVY, ("photo", "target", "at")),
        Endpoint("split_gradcam", HEAVY, ("photo", "target", "at")),
        Endpoint("compare", HEAVY, ("photo", "target", "other", "other_photo")),
    )


# The docstring of a measure's endpoint.
MEASURE_DOC = """{does}

Args:
    photo: the picture, as the server's /upload answered.
    target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.

Returns:
    {gives}
"""


@dataclass(frozen=True)
class Answers:
    """What the endpoints answer."""

    recorder: Recorder

    @property
    def _engine(self) -> Engine:
        return self.recorder.model.engine

    def of(self, name: str) -> Callable[..., Any]:
        """What the endpoint of this name answers."""
        measured = {measure.NAME: measure for measure in lab.OFFERED}
        return self.measured(measured[name]) if name in measured else getattr(self, name)

    def target(self, text: str | None) -> int | None:
        """The class that is meant; None for the top one."""
        return find_class(self.recorder.model.labels, text) if text else None

    def classify(self, photo: str, top: int) -> list[dict[str, Any]]:
        """Rank the classes that the network sees in a photo.

        Args:
            photo: the picture, as the server's /upload answered.
            top: how many classes, most probable first.

        Returns:
            A list of classes: index, WordNet id, label, probability, logit.
        """
        return [json_form.prediction(p) for p in self.recorder.classes(read_photo(photo), top)]

    def gradcam(
        self, photo: str, target: str | None, at: str | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show where in a photo the network found its evidence for a class (Grad-CAM).

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.
            at: where to look: a residual block (conv4_block2), a stage (conv3), conv1, pool1; empty for the last block.

        Returns:
            The photo under its heatmap, and the map's numbers at the layer's own size, in units of the logit.
        """
        read_in = read_photo(photo)
        found = self.recorder.overview(read_in, self.target(target), at or None)
        cam, picture = found.gradcam, shown(read_in.pixels)
        overlay = heatmap_rgba(cam.heatmap, picture.shape[:2], 0.0, float(cam.heatmap.max()), HEAT)
        drawn = encode_bytes(lay_over(picture, overlay, 0.8), "jpeg")
        return as_file(drawn, "heatmap.jpg"), json_form.heatmap(found.target, cam)

    def belief(self, photo: str, target: str | None, at: str | None) -> dict[str, Any]:
        """Test how far a Grad-CAM heatmap can be believed, in at most 40 forward passes.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.
            at: where to look: a residual block (conv4_block2), a stage (conv3), conv1, pool1; empty for the last block.

        Returns:
            Deletion and insertion curves and areas, beside those of the photo's centre; sanity and stability.
        """
        read_in, spec = read_photo(photo), self._engine.architecture
        index = self.recorder.target(read_in, self.target(target)).index
        return json_form.belief(self.recorder.belief(read_in, index, at or spec.layers[-1].name))

    def feature_maps(
        self, photo: str, stage: str | None, channels: int
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Show the most active channels of one stage of the network on a photo.

        Args:
            photo: the picture, as the server's /upload answered.
            stage: conv2 to conv5, a block, stem, conv1 or pool1.
            channels: how many channels, strongest first.

        Returns:
            A picture for each channel, and each channel's number and mean activation.
        """
        layer = features.layers_of(self._engine, stage or "conv2")[-1]
        maps = self.recorder.feature_maps(read_photo(photo), layer.name, channels)
        enlarged = max(1, 112 // maps.maps.shape[0])
        pictures = [
            map_png(maps.maps[..., i], *limits, HEAT, enlarged)
            for i, limits in enumerate(ranges_of(maps.maps, "each"))
        ]
        return as_gallery(pictures, "channel.png"), json_form.channels(maps)

    def residual_profile(self, photo: str) -> list[dict[str, Any]]:
        """Measure, for each residual block, its shortcut branch beside its residual branch on a photo.

        Args:
            photo: the picture, as the server's /upload answered.

        Returns:
            A list of blocks: magnitudes of shortcut, residual branch, sum and output; ratio, cosine, energy shares.
        """
        return json_form.blocks(self.recorder.blocks(read_photo(photo)))

    def analyze(self, photo: str, target: str | None, at: str | None) -> dict[str, Any]:
        """Measure everything on a photo at once: classes, heatmap, stages and the profile of every residual block.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.
            at: where to look: a residual block (conv4_block2), a stage (conv3), conv1, pool1; empty for the last block.

        Returns:
            All numbers, in the form of analysis.json.
        """
        return self.recorder.analysis(read_photo(photo), self.target(target), at or None).numbers()

    def split_gradcam(self, photo: str, target: str | None, at: str | None) -> dict[str, Any]:
        """Split a Grad-CAM heatmap between the shortcut and the residual branch of one block.

        Args:
            photo: the picture, as the server's /upload answered.
            target: the class to explain: an index, a WordNet id, an English or a Chinese name; empty for the top class.
            at: the residual block, conv5_block3 say; empty for the last.

        Returns:
            Both parts and their total, at the block's own size, in units of the logit.
        """
        require(self._engine, split.REQUIRES)
        spec = self._engine.architecture
        block = spec.block(at) if at else spec.blocks[-1]
        last = block is spec.blocks[-1]
        found = self.recorder.of(split.compute, read_photo(photo), self.target(target), last_alone=last)
        return json_form.split_gradcam(found[-1] if last else found[spec.blocks.index(block)])

    def compare(
        self, photo: str, target: str | None, other: str | None, other_photo: str | None = None
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
            found = self.recorder.compare_photos(read_in, read_photo(other_photo), self.target(target))
        else:
            found = self.recorder.compare_classes(read_in, self.target(target), self.target(other))
        return json_form.comparison(found)

    def measured(self, measure: ModuleType) -> Callable[[str, str | None], Any]:
        """What a measure of the laboratory answers."""
        form = FORMS[measure.NAME]

        def answer(photo: str, target: str | None) -> Any:
            return form.write(self.recorder.of(measure.compute, read_photo(photo), self.target(target)))

        answer.__doc__ = MEASURE_DOC.format(does=form.does, gives=form.gives)
        return answer


def create_api(visitors: Visitors, page: GatedBlocks) -> tuple[gr.Dropdown, gr.Dropdown]:
    """Add the endpoints to the page being built; their components are not shown.

    Returns:
        What each endpoint is told besides its own arguments: the network, and what it is fed.
    """
    recorder = visitors.recorder
    answers = Answers(recorder)
    with gr.Row(visible=False):
        at = _components()
        network = gr.Dropdown(list(visitors.networks.names), value=None, label="network")
        preprocessing = gr.Dropdown(list(NAMED), value=None, label="preprocessing")
        for one in endpoints():
            gr.Button().click(
                answers.of(one.name),
                [at[name] for name in one.inputs],
                [at[name] for name in one.outputs],
                api_name=one.name,
                api_visibility="public",
                **one.lane,
            )
    for name in ("target", "other"):
        page.checks[at[name]._id] = answers.target
    page.checks[at["at"]._id] = lambda name: recorder.model.engine.architecture.layer(name)
    page.checks[at["stage"]._id] = lambda name: features.layers_of(recorder.model.engine, name)
    return network, preprocessing


def _components() -> dict[str, Any]:
    """What goes into endpoints and comes out of them; an input's label is its name."""
    inputs: tuple[Any, ...] = (
        PhotoInput(type="filepath", label="photo"),
        gr.Number(5, label="top", precision=0, minimum=1, maximum=limits().classes),
        gr.Textbox("", label="target"),
        gr.Textbox("", label="at"),
        gr.Textbox("", label="other"),
        PhotoInput(type="filepath", label="other_photo"),
        gr.Textbox("conv2", label="stage"),
        gr.Number(
            features.CHANNELS_SHOWN, label="channels", precision=0, minimum=1, maximum=limits().channels
        ),
    )
    outputs: dict[str, Any] = {
        "numbers": gr.JSON(),
        "picture": gr.Image(),
        "pictures": gr.Gallery(),
    }
    return {component.label: component for component in inputs} | outputs
