"""Switching the language: which property of which component says which words."""

from __future__ import annotations

from typing import Any

import gradio as gr

from resnet_demo.ui.words import LANGUAGES, Words


class Texts:
    """The components whose words change with the language.

    `add` notes them while the page is laid out; `updates` rewrites them all.
    """

    def __init__(self) -> None:
        self.components: list[Any] = []
        self._keys: list[dict[str, Any]] = []

    def add(self, component: Any, **keys: Any) -> Any:
        """Note that e.g. `label="photo"` of a component says the words "photo"; a function of Words may be given."""
        self.components.append(component)
        self._keys.append(keys)
        return component

    def updates(self, language: str) -> list[Any]:
        """One update per component, in the order of `components`."""
        words = Words(language)
        updates: list[dict[str, Any]] = [
            {name: key(words) if callable(key) else words(key) for name, key in keys.items()}
            for keys in self._keys
        ]
        return [gr.update(**update) for update in updates]


def preferred_language(header: str | None) -> str:
    """The language a browser's Accept-Language header asks for first, of those we have; else English."""
    for part in (header or "").split(","):
        language = part.split(";")[0].split("-")[0].strip().lower()
        if language in LANGUAGES:
            return language
    return "en"
