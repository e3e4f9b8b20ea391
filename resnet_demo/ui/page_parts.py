"""What every tab shares: the network, the photo, the language, and one limit on how much runs at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.analysis.report import Explorer
from resnet_demo.ui.language import Texts

# One pass uses every core, so more than two at once only lets decoding and encoding overlap with it.
CONCURRENCY: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "engine"}


def private() -> dict[str, Any]:
    """Options of an event that belongs to the page alone and is no endpoint of the API."""
    return {"api_visibility": "private", "show_progress": "minimal", **CONCURRENCY}


@dataclass(frozen=True)
class PageParts:
    """Handed to each tab: the network, the photo, the language, and which tab is open."""

    explorer: Explorer
    photo: gr.Image
    language: gr.Radio
    open_tab: gr.State
    texts: Texts

    def on_photo(self, answer: Callable, inputs: list[Any], outputs: list[Any]) -> None:
        """Have `answer` called for every new photo."""
        self.photo.change(answer, inputs, outputs, **private())

    def on_language(self, answer: Callable, inputs: list[Any], outputs: list[Any]) -> None:
        """Have `answer` called when the language has changed."""
        self.language.change(answer, inputs, outputs, **private())

    def on_tab(self, tab: gr.Tab, answer: Callable, inputs: list[Any], outputs: list[Any]) -> None:
        """Have `answer` called when `tab` is opened, and for a new photo or language while it is open.

        A tab that nobody looks at costs nothing.
        """

        def answer_if_open(open_tab: str, *values: Any) -> Any:
            return answer(*values) if open_tab == tab.id else [gr.skip()] * len(outputs)

        tab.select(answer, inputs, outputs, **private())
        self.on_photo(answer_if_open, [self.open_tab, *inputs], outputs)
        self.on_language(answer_if_open, [self.open_tab, *inputs], outputs)
