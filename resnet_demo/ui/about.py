"""How to read the page."""

from __future__ import annotations

import gradio as gr

from resnet_demo.ui.page_parts import PageParts
from resnet_demo.views.sections.about import about_view


def create_about_tab(parts: PageParts, tab: gr.Tab) -> None:
    """Lay out the tab; it needs no photo."""
    del tab
    parts.texts.make(
        gr.HTML, {"value": lambda w: about_view(parts.shown.facts, w)}, elem_classes="re-flush re-about"
    )
