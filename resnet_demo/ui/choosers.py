"""Choosers whose choices are the visitor's network's to say.

What is chosen is checked at the door (`ui/arguments.py`), where it is known which network the request is about. Gradio
would check it once more, against the choices of the network that the page was built for.
"""

from __future__ import annotations

from typing import Any

import gradio as gr


class NetworkDropdown(gr.Dropdown):
    """One of a network's classes, blocks or layers."""

    is_template = True  # drawn in the browser by gr.Dropdown's own code

    def preprocess(self, payload: Any) -> Any:
        """The value as it was checked."""
        return payload


class NetworkRadio(gr.Radio):
    """One of a network's stages."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        """The value as it was checked."""
        return payload


class NetworkCheckboxGroup(gr.CheckboxGroup):
    """Some of a network's blocks."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        """The values as they were checked."""
        return payload
