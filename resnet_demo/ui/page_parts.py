"""What every tab shares: the network, the photo, the language, and one limit on how much runs at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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
    """Handed to each tab; tabs leave their answers to a new photo and a new language in the two lists."""

    explorer: Explorer
    photo: gr.Image
    language: gr.Radio
    texts: Texts
    photo_answers: list[tuple[Callable, list[Any], list[Any]]] = field(default_factory=list)
    language_answers: list[tuple[Callable, list[Any], list[Any]]] = field(default_factory=list)

    def on_photo(self, answer: Callable, inputs: list[Any], outputs: list[Any]) -> None:
        """Have `answer` called when the photo changes."""
        self.photo_answers.append((answer, inputs, outputs))

    def on_language(self, answer: Callable, inputs: list[Any], outputs: list[Any]) -> None:
        """Have `answer` called when the language has changed."""
        self.language_answers.append((answer, inputs, outputs))
