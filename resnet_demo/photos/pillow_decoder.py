"""One picture file decoded by Pillow, here or in a decoder process; whatever goes wrong is one sentence."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from resnet_demo.errors import ImageError, ImageTooCostlyError, ImageTooLargeError, NotAnImageError, Phrase
from resnet_demo.photos.formats import ACCEPTED, MAX_MEMORY, MAX_PIXELS, MAX_SECONDS
from resnet_demo.photos.rendering import render

# Pillow refuses at twice this number, before the size can be judged here.
Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS.values()) // 2
# Pillow warns of odd metadata, which does no harm. Ignored once for all, because `warnings.catch_warnings` around each
# picture would mix up the filters of threads that decode together.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

END_OF_IMAGE = b"\xff\xd9"
# Two continuations of a JPEG's data that differ in every bit. No byte of them is a marker.
CONTINUATIONS = (b"\xaa" * 2000, b"\x55" * 2000)


@dataclass(frozen=True)
class Picture:
    """Decoded: uint8 (H, W, 3), RGB, upright; Pillow's name of the format; notes and full (width, height) as in
    `Photo`.
    """

    pixels: np.ndarray
    format: str
    notes: tuple[str, ...]
    size: tuple[int, int]


def decode(stream: BinaryIO, name: str, format_: str, max_pixels: int) -> Picture:
    """Decode a file.

    Args:
        stream: the file, which can seek.
        name: what to call it in messages.
        format_: as `sniff_format` says.
        max_pixels: the largest size accepted, judged by the header.

    Raises:
        ImageTooLargeError: more pixels; nothing was decoded.
        ImageTooCostlyError: it needs more memory than there is for it.
        NotAnImageError: not of this format after all, or damaged.
    """
    try:
        try:
            return _decode(stream, name, format_, max_pixels)
        except OSError as error:
            if format_ != "JPEG" or "truncated" not in str(error):
                raise
            return _without_its_end(stream, name, max_pixels, error)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise too_large(name, f"> {limit},000,000", format_, max_pixels) from error
    except UnidentifiedImageError as error:
        raise not_a_picture(name) from error
    except MemoryError as error:
        raise too_costly(name, format_, Phrase("needs more memory")) from error
    except Exception as error:
        # On damaged files Pillow's decoders raise whatever comes to hand, from struct.error to RuntimeError.
        raise damaged(name, " ".join(str(error).split())) from error


def _decode(stream: BinaryIO, name: str, format_: str, max_pixels: int) -> Picture:
    stream.seek(0)
    with Image.open(stream, formats=(format_.split()[0],)) as image:
        require_size(name, *image.size, format_, max_pixels)
        pixels, notes, size = render(image, stream)
        format_name = "JPEG" if image.format == "MPO" else image.format or format_
    return Picture(pixels, format_name, tuple(notes), size)


def _without_its_end(stream: BinaryIO, name: str, max_pixels: int, error: OSError) -> Picture:
    """A JPEG that stops before its end marker: whole if what follows makes no difference to any pixel."""
    stream.seek(0)
    data = stream.read()
    digests = []
    for more in CONTINUATIONS:
        picture = _decode(io.BytesIO(data + more + END_OF_IMAGE), name, "JPEG", max_pixels)
        digests.append(hashlib.sha256(picture.pixels.data).digest())
    if digests[0] != digests[1]:
        raise error
    return Picture(picture.pixels, picture.format, (*picture.notes, "no_end_marker"), picture.size)


def require_size(name: str, width: int, height: int, format_: str, max_pixels: int) -> None:
    """Refuse a picture of more than so many pixels.

    Raises:
        ImageTooLargeError: it has more.
    """
    if width * height > max_pixels:
        raise too_large(name, f"{width}×{height}", format_, max_pixels)


def too_large(name: str, received: str, format_: str, max_pixels: int) -> ImageTooLargeError:
    """The error of a picture with too many pixels."""
    return ImageTooLargeError(
        "The picture is too large. Received: {name}, {received} pixels. Accepted: up to {max_pixels} "
        "million pixels of {format_}.",
        name=name,
        received=received,
        max_pixels=max_pixels // 1000000,
        format_=format_,
    )


def too_costly(name: str, format_: str, costs: Phrase) -> ImageTooCostlyError:
    """The error of a picture that takes more time or memory than there is for one."""
    return ImageTooCostlyError(
        "Decoding the picture takes too much. Received: {name}, a {format_} picture that {costs}. Accepted: what is "
        "decoded in {max_seconds:g} s of one core and {max_memory} MB; an ordinary JPEG or PNG is.",
        name=name,
        format_=format_,
        costs=costs,
        max_seconds=MAX_SECONDS,
        max_memory=MAX_MEMORY // 1000000,
    )


def not_a_picture(name: str) -> NotAnImageError:
    """The error of a file of no format we read."""
    return NotAnImageError(
        "This is not a picture we can read. Received: {name}. Accepted: {accepted}.",
        name=name,
        accepted=ACCEPTED,
    )


def damaged(name: str, reason: str) -> NotAnImageError:
    """The error of a file that cannot be decoded to its end."""
    return NotAnImageError(
        "The picture is damaged or cut off. Received: {name} ({reason}). Accepted: a whole file, {accepted}.",
        name=name,
        reason=reason,
        accepted=ACCEPTED,
    )
