"""A page's pictures as files beside it: each once, however often and in however many languages it is shown."""

from __future__ import annotations

import base64
import hashlib
import io
import re

import numpy as np
from PIL import Image

from resnet_demo.views.pictures import shown

PHOTO_SIDES = (480, 400, 320)  # pixels
PHOTO_BYTES = 45_000

_PICTURE = re.compile(r"data:image/(png|jpeg);base64,([A-Za-z0-9+/=]+)")


def with_files(page: str, folder: str) -> tuple[str, dict[str, bytes]]:
    """The page with the addresses of files in place of its `data:` pictures, and these files by name.

    Args:
        folder: the files' folder as the page calls it, e.g. "golf-ball".
    """
    files: dict[str, bytes] = {}

    def moved(found: re.Match[str]) -> str:
        data = base64.b64decode(found[2])
        name = f"{hashlib.sha256(data).hexdigest()[:12]}.{'jpg' if found[1] == 'jpeg' else 'png'}"
        if name not in files:
            files[name] = _smaller(data) if found[1] == "png" else data
        return f"{folder}/{name}"

    return _PICTURE.sub(moved, page), files


def photo_file(photo: np.ndarray) -> bytes:
    """The photo, uint8 (h, w, 3), as a JPEG of about `PHOTO_BYTES` at most: smaller where it is rich in detail."""
    data = b""
    for side in PHOTO_SIDES:
        kept = io.BytesIO()
        Image.fromarray(shown(photo, side)).save(kept, "JPEG", quality=80, optimize=True)
        data = kept.getvalue()
        if len(data) <= PHOTO_BYTES:
            break
    return data


def _smaller(png: bytes) -> bytes:
    """The same pixels in fewer bytes: it is written once and loaded many times."""
    kept = io.BytesIO()
    Image.open(io.BytesIO(png)).save(kept, "PNG", optimize=True)
    return min(png, kept.getvalue(), key=len)
