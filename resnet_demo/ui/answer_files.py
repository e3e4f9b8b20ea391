"""What an endpoint answers: plain JSON, and pictures, files of the upload folder in the form that Gradio gives them.

Gradio would make this form itself, and look three times for each file whether it may be shown and must be moved: 1.7 ms
a picture, in the one thread that every request needs.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from gradio.data_classes import FileData
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder


def as_file(data: bytes, name: str) -> dict[str, Any]:
    """A new file of the upload folder with these bytes, called `name`, as an answer tells it."""
    path = save_bytes_to_cache(data, name, get_upload_folder())
    return FileData(path=path, url=f"/gradio_api/file={quote(path)}", orig_name=name).model_dump()


def as_gallery(pictures: list[bytes], name: str) -> list[dict[str, Any]]:
    """Several pictures of one name."""
    return [{"image": as_file(picture, name), "caption": None} for picture in pictures]
