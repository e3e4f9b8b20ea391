"""The photo's way in: Gradio's image box, with every file decoded, checked and refused by our own reader."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from resnet_demo.errors import ImageError
from resnet_demo.photos.decoding import Photo
from resnet_demo.ui.gate import admit
from resnet_demo.views.pictures import encode

SHOWN_SIDE = 768  # pixels; what the page shows of a photo is no larger


class PhotoInput(gr.Image):
    """An image box that hands on the uploaded file's path, undecoded.

    gr.Image would open the file itself: a picture too large, or no picture at all, would end in a traceback there.
    """

    is_template = True  # drawn in the browser by gr.Image's own code

    def preprocess(self, payload: Any) -> str | None:
        """Return the uploaded file's path, or None; the gate's refusal for a file of anywhere else."""
        try:
            return str(admit(payload.path)) if payload is not None else None
        except ImageError as error:
            raise gr.Error(str(error), print_exception=False) from error


def shown(photo: Photo, side: int = SHOWN_SIDE) -> np.ndarray:
    """The photo as the page shows it: uint8 (h, w, 3), no side longer than `side`."""
    height, width = photo.pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return photo.pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(photo.pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))


def photo_uri(photo: Photo, side: int = SHOWN_SIDE) -> str:
    """The photo as the page shows it, as a data URI."""
    return encode(shown(photo, side), "jpeg")
