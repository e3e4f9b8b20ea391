"""The example images, each for the weights that recognise it, in a row of buttons."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import gradio as gr

from resnet_demo.assets import EXAMPLES, FINISHED
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results.finished import FinishedExample, from_json
from resnet_demo.ui.language import Texts
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.page_parts import PICK, picked
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.pictures import photo_uri

SHOWN = 480  # pixels of the finished example's longer side
SIDE = 144  # pixels of a button's picture, twice what is shown, for screens of fine pixels


@dataclass(frozen=True)
class ExamplePhoto:
    """One example image, the class it shows, and its title by language."""

    path: Path
    wnid: str
    titles: dict[str, str]


def examples_for(model: InstrumentedModel) -> list[ExamplePhoto]:
    """The examples whose class this network knows."""
    known = {label.wnid for label in model.labels}
    group = "imagenet" if len(known) > 10 else "bundled"
    listed = json.loads((EXAMPLES / "examples.json").read_text("utf-8"))
    return [
        ExamplePhoto(EXAMPLES / e["file"], e["wnid"], {"en": e["title_en"], "zh": e["title_zh"]})
        for e in listed
        if e["for"] == group and e["wnid"] in known
    ]


@cache
def finished() -> tuple[FinishedExample, str, dict[str, str]]:
    """The gallery's first example with what the bundled weights saw in it, its picture, a data URI, and its titles."""
    found = from_json(json.loads(FINISHED.read_text("utf-8")))
    listed = json.loads((EXAMPLES / "examples.json").read_text("utf-8"))
    titles = next({"en": e["title_en"], "zh": e["title_zh"]} for e in listed if e["file"] == found.file)
    return found, photo_uri(read_photo(EXAMPLES / found.file).pixels, SHOWN), titles


def create_examples(shown: NetworkOnShow, photo: gr.Image, texts: Texts) -> None:
    """Lay out the buttons; one of them puts its image where an uploaded photo goes."""
    row = texts.make(
        gr.HTML,
        {"value": lambda w: examples_view(examples_for(shown.model), w)},
        elem_classes="re-flush",
        js_on_load=PICK,
    )

    def pick(event: gr.EventData) -> str | None:
        name = picked(event, "example")
        return next((str(e.path) for e in examples_for(shown.model) if e.path.name == name), None)

    row.click(pick, None, photo, api_visibility="private", show_progress="hidden")


def examples_view(examples: list[ExamplePhoto], words: Words) -> Html:
    """A button for each example; nothing where the network knows none of them."""
    if not examples:
        return Html("")
    buttons = [
        element(
            "button",
            element("img", src=_thumbnail(e.path), alt=e.titles[words.language]),
            type="button",
            class_="re-example",
            data_example=e.path.name,
            title=e.titles[words.language],
        )
        for e in examples
    ]
    return element(
        "div",
        element("h4", words("examples"), class_="re-small-title"),
        element("div", join(buttons), class_="re-examples", role="group", aria_label=words("examples")),
    )


@cache
def _thumbnail(path: Path) -> str:
    return photo_uri(read_photo(path).pixels, SIDE)
