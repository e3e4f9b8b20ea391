"""Switching the language: which property of which component says which words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import gradio as gr

from resnet_demo.views.messages.words import LANGUAGES, Words

Component = TypeVar("Component")
Said = str | Callable[[Words], Any]  # the key of some words, or what is made of them


class Texts:
    """The components whose words change with the language, and what of them changes with the visitor's network.

    `make` lays one out in English and notes it; `updates` rewrites them all. What `begin` lays out is in the page's
    language when the page is first seen, and is the business of whoever rewrites it after that.

    Attributes:
        choices: by a component's id, what it can be set to now, where that is the network's to say.
        resets: what a component is set to when another network was chosen.
    """

    def __init__(self) -> None:
        self.components: list[Any] = []
        self._says: list[dict[str, Said]] = []
        self._begins: list[tuple[Any, dict[str, Said]]] = []
        self.choices: dict[int, Callable[[], list[Any]]] = {}
        self.resets: list[tuple[Any, Callable[[], Any]]] = []

    def make(self, kind: Callable[..., Component], says: dict[str, Said], **settings: Any) -> Component:
        """A component of that kind; `says` tells which of its properties are which words: {"label": "photo"}."""
        component = kind(**_in(Words("en"), says), **settings)
        self.components.append(component)
        self._says.append(says)
        return component

    def begin(self, kind: Callable[..., Component], says: dict[str, Said], **settings: Any) -> Component:
        """As `make`, for the first paint alone."""
        component = kind(**_in(Words("en"), says), **settings)
        self._begins.append((component, says))
        return component

    def first_paint(self, language: str) -> list[tuple[Any, dict[str, Any]]]:
        """Every component with its words, as plain values."""
        words = Words(language)
        noted = [*zip(self.components, self._says, strict=True), *self._begins]
        return [(component, {k: _plain(v) for k, v in _in(words, says).items()}) for component, says in noted]

    def updates(self, language: str, *, reset: bool = False) -> list[Any]:
        """One update per component, in the order of `components`; `reset`: for another network than before."""
        words = Words(language)
        values = {id(component): value for component, value in self.resets} if reset else {}
        return [
            gr.update(**_in(words, says), **({"value": values[id(c)]()} if id(c) in values else {}))
            for c, says in zip(self.components, self._says, strict=True)
        ]

    def of_network(
        self,
        kind: Callable[..., Component],
        says: dict[str, Said],
        value: Callable[[], Any],
        **settings: Any,
    ) -> Component:
        """A chooser whose choices are the network's to say, one of `ui/choosers.py`; else as `make`.

        Args:
            says: with "choices", made of words when it is asked.
            value: what it is set to for a new network.
        """
        made = self.make(kind, says, value=value(), **settings)
        component: Any = made  # its class does not tell of `_id`
        listed = says["choices"]
        assert callable(listed)
        self.choices[component._id] = lambda: [choice for _, choice in listed(Words("en"))]
        self.resets.append((component, value))
        return made


def choices(prefix: str, values: Iterable[str]) -> Callable[[Words], list[tuple[str, str]]]:
    """The choices of a Radio or a Dropdown; the words of `value` have the key `prefix_value`."""
    return lambda words: [(words(f"{prefix}_{value}"), value) for value in values]


def _in(words: Words, says: dict[str, Said]) -> dict[str, Any]:
    return {name: said(words) if callable(said) else words(said) for name, said in says.items()}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value  # markup is text to the browser's JSON


def preferred_language(header: str | None) -> str:
    """The language a browser's Accept-Language header asks for first, of those we have; else English."""
    for part in (header or "").split(","):
        language = part.split(";")[0].split("-")[0].strip().lower()
        if language in LANGUAGES:
            return language
    return "en"
