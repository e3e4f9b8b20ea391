"""Addresses that open the page at a view: ?example=golf-ball-in-grass&class=n03445777&layer=conv5_block3&lang=en.

Only what the server has can be linked to, so a link is to an example; a photo of the visitor's own has no address.
"""

from __future__ import annotations

import filecmp
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from resnet_demo.errors import ResNetDemoError, UnknownLayerError, UnknownNameError
from resnet_demo.networks.labels import find_class
from resnet_demo.results.analysis import Analysis
from resnet_demo.results.classes import Label
from resnet_demo.ui.examples import examples_for
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.page_parts import PageParts
from resnet_demo.views.cards import error_card
from resnet_demo.views.messages.words import LANGUAGES, Words

PARAMETERS = ("example", "class", "layer", "lang")
# What the address says, each as a text of no more letters than a name has.
ADDRESS = (
    "(...values) => { const asked = new URLSearchParams(location.search);"
    f" const given = {list(PARAMETERS)}.map((name) => (asked.get(name) ?? '').slice(0, 100));"
    " return [...given, ...values.slice(given.length)]; }"
)


@dataclass(frozen=True)
class LinkHandlers:
    """What an address opens."""

    shown: NetworkOnShow

    def open(self, example: str, named: str, layer: str, lang: str, language: str) -> list[Any]:
        """What is wrong, then photo, class, layer, and the class once more for the overview's first answer."""
        if not example and not named and not layer:
            return [gr.skip()] * 5
        words = Words(language)
        try:
            if lang and lang not in LANGUAGES:
                raise UnknownNameError(
                    "There is no such language. Received: {lang!r}. Accepted: {languages}.",
                    lang=lang,
                    languages=", ".join(LANGUAGES),
                )
            path = self.example(example)
            target = find_class(self.shown.model.labels, named) if named else None
            at = self.layer(layer) if layer else gr.skip()
        except ResNetDemoError as error:
            return [error_card(error, words), *[gr.skip()] * 4]
        return [gr.skip(), str(path), target, at, "" if target is None else str(target)]

    def example(self, name: str) -> Path:
        """The example with this file name, which may lack its ending."""
        paths = [example.path for example in examples_for(self.shown.model)]
        for path in paths:
            if name in (path.stem, path.name):
                return path
        raise UnknownNameError(
            "There is no such example. Received: {name!r}. Accepted: {examples}.",
            name=name,
            examples=", ".join(path.stem for path in paths) or "–",
        )

    def layer(self, name: str) -> str:
        """The layer as the chooser has it: of the stem, or a block; a stage stands for its last block."""
        spec = self.shown.spec
        node, choices = spec.layer(name).node, layer_names(self.shown)
        for choice in choices:
            if spec.layer(choice).node == node:
                return choice
        raise UnknownLayerError(
            "There is no such block or stage. Received: {name!r}. Accepted: {accepted}.",
            name=name,
            accepted=", ".join(choices),
        )


def layer_names(shown: NetworkOnShow) -> list[str]:
    """The layers that can be chosen: the stem's, then the blocks; without blocks, the stages."""
    spec = shown.spec
    return [layer.name for layer in spec.stem] + (shown.blocks or [stage.name for stage in spec.stages])


def address_of(shown: NetworkOnShow, path: str, analysis: Analysis, layer: str, language: str) -> str:
    """The address of a view, from "?" on; "" where the photo is no example, or the network not the page's first."""
    if shown.is_chosen():
        return ""
    names = {example.path.name: example.path for example in examples_for(shown.model)}
    example = names.get(Path(path).name)
    if example is None or not filecmp.cmp(path, example, shallow=False):
        return ""
    target = analysis.target
    said = (example.stem, _unique(target.index, shown.model.labels), layer, language)
    return "?" + urlencode(dict(zip(PARAMETERS, said, strict=True)))


def _unique(index: int, labels: tuple[Label, ...]) -> str:
    """The class by its WordNet id, where no other has it; else by its index."""
    wnid = labels[index].wnid
    return wnid if wnid and [label.wnid for label in labels].count(wnid) == 1 else str(index)


def open_links(page: gr.Blocks, parts: PageParts, problem: gr.HTML) -> None:
    """Have the page open what its address asks for.

    Args:
        problem: where it is said that there is no such view.
    """
    asked = [gr.Textbox("", label=name, visible="hidden") for name in PARAMETERS]
    page.load(
        LinkHandlers(parts.shown).open,
        [*asked, parts.language],
        [problem, parts.photo, parts.target, parts.layer, parts.linked],
        js=ADDRESS,
        queue=False,
        api_visibility="private",
        show_progress="hidden",
    )
