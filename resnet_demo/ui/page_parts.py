"""What every tab shares: the network, the photo, the choosers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArgumentError, ResNetDemoError
from resnet_demo.measures.recorder import Recorder
from resnet_demo.photos.decoding import Photo, read_photo
from resnet_demo.ui.lanes import LIGHT, LOADING
from resnet_demo.ui.language import Texts
from resnet_demo.ui.network_chooser import OFFICIAL, ChooserHandlers, NetworkChooser
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.visitors import Visitors
from resnet_demo.views.cards import empty, error_card
from resnet_demo.views.markup import Html
from resnet_demo.views.messages.words import Words

# Clicks on anything that names a block, a class, a channel or an example reach Python as one event with that name.
# The answer redraws the picture, and the keyboard's position in it would be lost: it is given back.
PICK = """
const PICKED = ['block', 'class', 'channel', 'example'];
let picked = null;
element.addEventListener('click', (event) => {
  const hit = event.target.closest(PICKED.map((name) => `[data-${name}]`).join());
  if (!hit || !element.contains(hit)) return;
  const name = PICKED.find((name) => name in hit.dataset);
  picked = document.activeElement === hit ? `[data-${name}="${hit.dataset[name]}"]` : null;
  trigger('click', { ...hit.dataset });
});
new MutationObserver(() => {
  if (picked && document.activeElement === document.body)
    element.querySelector(picked)?.focus({ preventScroll: true });
}).observe(element, { childList: true, subtree: true });
"""


def private(busy: Any = None, lane: dict[str, Any] = LIGHT) -> dict[str, Any]:
    """Options of an event that belongs to the page alone and is no endpoint of the API; `lane` as in `ui/lanes.py`.

    While it runs, `busy` is covered by a sign of work or by its progress bar; the other outputs stay as they are.
    What is chosen meanwhile is answered next: of several choices, the last.
    """
    shown = {"show_progress": "full", "show_progress_on": busy} if busy else {"show_progress": "hidden"}
    return {"api_visibility": "private", "trigger_mode": "always_last", **shown, **lane}


def panel(order: int) -> gr.Column:
    """A card of components; it is there only while its picture is. `order` is its place where columns do not fit."""
    return gr.Column(elem_classes=["re-panel", f"re-order-{order}"])


def pictures_of(
    path: str | None, count: int, words: Words, draw: Callable[[Photo], list[Html]]
) -> list[Html]:
    """What `draw` makes of the photo, `count` pictures, after a place for what is wrong: [problem, picture, …]."""
    if path is None:
        return [empty(words), *[Html("")] * count]
    try:
        return [Html(""), *draw(read_photo(path))]
    except ResNetDemoError as error:
        return [error_card(error, words), *[Html("")] * count]


def every_class(shown: NetworkOnShow) -> Callable[[Words], list[tuple[str, int]]]:
    """The choices of a Dropdown of all classes the network knows."""

    def choices(words: Words) -> list[tuple[str, int]]:
        labels = shown.model.labels
        names = [words.label(label) for label in labels]
        shared = {name for name, count in Counter(names).items() if count > 1}  # ImageNet has two cranes
        return [
            (f"{name} · {label.wnid}" if name in shared else name, i)
            for i, (name, label) in enumerate(zip(names, labels, strict=True))
        ]

    return choices


def picked(event: gr.EventData, name: str) -> str:
    """What was clicked: the value that the picture has under `name`.

    Raises:
        ArgumentError: the click says no such thing.
    """
    data = event._data  # None where the function was called by its name
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, (str, int)) or len(str(value)) > 64:
        raise ArgumentError(
            "`{name}` was not hit. Received: {value!r:.60}. Accepted: a part of the picture.",
            name=name,
            value=value,
        )
    return str(value)


def picked_number(event: gr.EventData, name: str) -> int:
    """As `picked`, for what is a whole number from 0 on."""
    text = picked(event, name)
    if not (text.isascii() and text.isdecimal()):
        raise ArgumentError(
            "`{name}` is a whole number. Received: {text!r}. Accepted: 0 or more.",
            name=name,
            text=text,
        )
    return int(text)


Listen = Callable[..., Any]  # what an event is listened to with: `target.input`, `shown.then`


@dataclass
class PageParts:
    """Handed to each tab; the overview's is made first.

    Attributes:
        shown: the network, and what measures photos with it.
        visitors: the networks there are, each visitor's own.
        chooser: which network, and what it is fed.
        photo, target, layer, language: the choosers at the page's left and top.
        tabs: the row of tabs.
        open_tab: the name of the tab that is open.
        texts: what changes with the language.
        linked: the class that an address asks for, until its photo is shown; else "".
        headline: the overview's first line.
        show_new: has the overview show what is new, a photo or a network, and set the choosers.
        show_again: has the overview answer to an event.
        followers: each has a tab answer to an event.
        language_followers: those that answer to the language alone.
    """

    shown: NetworkOnShow
    visitors: Visitors
    chooser: NetworkChooser
    photo: gr.Image
    target: gr.Dropdown
    layer: gr.Dropdown
    language: gr.Radio
    tabs: gr.Tabs
    open_tab: gr.Textbox
    texts: Texts
    linked: gr.Textbox
    headline: gr.HTML = field(init=False)
    show_new: Callable[[Listen], Any] = field(init=False)
    show_again: Callable[[Listen], Any] = field(init=False)
    followers: list[Callable[[Listen], Any]] = field(default_factory=list)
    language_followers: list[Callable[[Listen], Any]] = field(default_factory=list)

    @property
    def recorder(self) -> Recorder:
        """What measures photos."""
        return self.shown.recorder

    @property
    def model(self) -> InstrumentedModel:
        """The network."""
        return self.shown.model

    def on_tab(
        self,
        tab: gr.Tab,
        answer: Callable[..., Any],
        inputs: list[Any],
        outputs: list[Any],
        busy: Any,
        lane: dict[str, Any] = LIGHT,
        js: str | None = None,
    ) -> None:
        """Have `answer` called when `tab` is opened, and while it is open for a new photo, class, block or language.

        A tab that nobody looks at costs nothing. `busy` and `lane` as in `private`; what `js` makes of the inputs is
        what `answer` is given.
        """

        def answer_if_open(open_tab: str, *values: Any) -> Any:
            return answer(*values) if open_tab == tab.id else [gr.skip()] * len(outputs)

        answer_if_open.tab = tab.id  # type: ignore[attr-defined]
        tab.select(answer, inputs, outputs, js=js, **private(busy, lane))
        after = f"(tab, ...values) => [tab, ...({js})(...values)]" if js else None
        self.followers.append(
            lambda listen: listen(
                answer_if_open, [self.open_tab, *inputs], outputs, js=after, **private(busy, lane)
            )
        )

    def wire(self) -> None:
        """Once all is laid out: who answers to what, the overview first, the open tab after it.

        An event has one listener, and the others follow that one. When an event comes again while one of its listeners
        works, Gradio 6 calls all of them again after it, and those that work by then once more, without end.
        """
        spoken = self.language.change(
            self.texts.updates,
            self.language,
            self.texts.components,
            js="(code, ...rest) => { sayLanguage(code); return [code, ...rest]; }",
            api_visibility="private",
            show_progress="hidden",
        )
        *chosen, fed = self._wire_chooser()
        new = [self.show_new(listen) for listen in (self.photo.change, *(event.then for event in chosen))]
        listens = (self.target.input, self.layer.input, fed.then, spoken.then)
        for event in (*new, *(self.show_again(listen) for listen in listens)):
            for follow in self.followers:
                follow(event.then)
        for follow in self.language_followers:
            follow(spoken.then)

    def _wire_chooser(self) -> tuple[Any, Any, Any]:
        """What the choosers of the network answer: the events in which one was chosen, the last the preprocessing."""
        at, handlers = self.chooser, ChooserHandlers(self.visitors, self.shown, self.texts)
        official = gr.Textbox(OFFICIAL, label="official", visible="hidden")
        press = gr.Button("official", visible="hidden", elem_id="official-press")  # by the title's own button
        chosen, pressed = (
            listen(
                handlers.choose,
                [name, at.preprocessing, at.on_screen, self.language],
                [at.network, at.preprocessing, at.on_screen, at.problem, *self.texts.components],
                **private(at.panel, LOADING),
            )
            for listen, name in ((at.network.input, at.network), (press.click, official))
        )
        return (
            chosen,
            pressed,
            at.preprocessing.input(handlers.feed, self.language, at.panel, **private(at.panel)),
        )
