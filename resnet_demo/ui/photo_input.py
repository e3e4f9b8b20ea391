"""The photo's way in: Gradio's image box, with every file decoded, checked and refused by our own reader."""

from __future__ import annotations

from typing import Any

import gradio as gr

from resnet_demo.ui.gate import admit


class PhotoInput(gr.Image):
    """An image box that hands on the uploaded file's path, undecoded.

    gr.Image would open the file itself: a picture too large, or no picture at all, would end in a traceback there.
    """

    is_template = True  # drawn in the browser by gr.Image's own code

    def preprocess(self, payload: Any) -> str | None:
        """Return the uploaded file's path, or None; `admit`'s error for a file of anywhere else."""
        return str(admit(payload.path)) if payload is not None else None
