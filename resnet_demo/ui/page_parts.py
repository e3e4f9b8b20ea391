"""What every tab shares: the network, the photo, the choosers, and one limit on how much runs at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.analysis.explorer import Explorer
from resnet_demo.ui.language import Texts
from resnet_demo.ui.words import Words

# One pass uses every core, so more than two at once only lets decoding and encoding overlap with it.
CONCURRENCY: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "engine"}


def private(busy: Any = None) -> dict[str, Any]:
    """Options of an event that belongs to the page alone and is no endpoint of the API.

    While it runs, `busy` is covered by a sign of work or by its progress bar; the other outputs stay as they are.
    What is chosen meanwhile is answered next: of several choices, the last.
    """
    shown = {"show_progress": "full", "show_progress_on": busy} if busy else {"show_progress": "hidden"}
    return {"api_visibility": "private", "trigger_mode": "always_last", **shown, **CONCURRENCY}


def panel(order: int) -> gr.Column:
    """A card of components; it is there only while its picture is. `order` is its place where columns do not fit."""
    return gr.Column(elem_classes=["re-panel", f"re-order-{order}"])


def every_class(explorer: Explorer) -> Callable[[Words], list[tuple[str, int]]]:
    """The choices of a Dropdown of all classes the network knows."""
    return lambda words: [(words.label(label), i) for i, label in enumerate(explorer.labels)]


@dataclass
class PageParts:
    """Handed to each tab.

    Attributes:
        explorer: the network.
        photo, target, place, language: the choosers at the page's left and top.
        tabs: the row of tabs.
        open_tab: the name of the tab that is open.
        texts: what changes with the language.
        new_photo: the event in which a new photo has been shown by the overview, which sets the choosers; other tabs
            answer after it.
    """

    explorer: Explorer
    photo: gr.Image
    target: gr.Dropdown
    place: gr.Dropdown
    language: gr.Radio
    tabs: gr.Tabs
    open_tab: gr.State
    texts: Texts
    new_photo: Any = None

    def on_tab(self, tab: gr.Tab, answer: Callable, inputs: list[Any], outputs: list[Any], busy: Any) -> None:
        """Have `answer` called when `tab` is opened, and while it is open for a new photo, class, block or language.

        A tab that nobody looks at costs nothing. `busy` as in `private`.
        """

        def answer_if_open(open_tab: str, *values: Any) -> Any:
            return answer(*values) if open_tab == tab.id else [gr.skip()] * len(outputs)

        tab.select(answer, inputs, outputs, **private(busy))
        for listen in (self.new_photo.then, self.language.change, self.target.input, self.place.input):
            listen(answer_if_open, [self.open_tab, *inputs], outputs, **private(busy))
