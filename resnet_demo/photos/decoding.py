"""From a picture file to pixels.

Whatever a person would call a photo is read: turned upright as its EXIF says, its first frame if it moves, alpha
laid over white, any colour mode brought to RGB. What was done is kept in `Photo.notes`, so that the page can say
it.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from resnet_demo.errors import ImageTooLargeError, NotAnImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM")
ACCEPTED = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF and PPM"
MAX_PIXELS = 80_000_000  # a little under Pillow's own warning; 240 MB once decoded

ORIENTATION = 0x0112  # the EXIF and TIFF tag
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,  # counterclockwise
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow warns of large pictures, whose size is judged here, and of odd metadata, which does no harm. Ignored once for
# all, because `warnings.catch_warnings` around each picture would mix up the filters of threads that decode together.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@dataclass(frozen=True)
class Photo:
    """A decoded picture.

    `pixels` is uint8 (H, W, 3) RGB, upright. `notes` names what was done to get there: "upright", "first_frame",
    "alpha_over_white", "grayscale", "cmyk", "sixteen_bit" (or any other depth but 8).
    """

    name: str
    format: str
    pixels: np.ndarray
    notes: tuple[str, ...] = ()


def read_photo(source: str | Path | bytes | BinaryIO, name: str | None = None) -> Photo:
    """Decode a picture file.

    Args:
        source: a path, the file's bytes, or an open binary file.
        name: what to call it in messages; the file's name by default.

    Raises:
        ImageTooLargeError: more than `MAX_PIXELS`, told by the header; nothing was decoded.
        NotAnImageError: no file, an empty one, no format we read, or damaged.
    """
    if name is None:
        name = Path(source).name if isinstance(source, (str, Path)) else "the picture"
    try:
        data = source if isinstance(source, bytes) else _read(source)
    except OSError as error:
        raise NotAnImageError(
            f"The file cannot be read. Received: {name}, {error.strerror}. Accepted: {ACCEPTED}."
        ) from error
    if not data:
        raise NotAnImageError(f"The file is empty. Received: {name}, 0 bytes. Accepted: {ACCEPTED}.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _require_size(name, *image.size)
            return _decode(name, image)
    except ImageTooLargeError:
        raise
    except Image.DecompressionBombError as error:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or MAX_PIXELS) // 1_000_000
        raise ImageTooLargeError(_too_large(name, f"more than {limit} million pixels")) from error
    except UnidentifiedImageError as error:
        raise NotAnImageError(
            f"This is not a picture we can read. Received: {name}. Accepted: {ACCEPTED}."
        ) from error
    except Exception as error:
        # On damaged files Pillow's decoders raise whatever comes to hand, from struct.error to RuntimeError.
        raise NotAnImageError(
            f"The picture is damaged or cut off. Received: {name} ({error}). "
            f"Accepted: a whole file, {ACCEPTED}."
        ) from error


def _read(source: str | Path | BinaryIO) -> bytes:
    return Path(source).read_bytes() if isinstance(source, (str, Path)) else source.read()


def photo_from_pixels(pixels: np.ndarray, name: str = "the picture") -> Photo:
    """Wrap an array uint8 (H, W, 3) RGB as a photo.

    Raises:
        NotAnImageError: another dtype or shape.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[-1] != 3 or 0 in pixels.shape:
        raise NotAnImageError(f"Pixels are uint8 (H, W, 3), RGB. Received: {pixels.dtype} {pixels.shape}.")
    _require_size(name, pixels.shape[1], pixels.shape[0])
    return Photo(name, "array", pixels)


def _require_size(name: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(_too_large(name, f"{width}×{height} pixels"))


def _too_large(name: str, received: str) -> str:
    return (
        f"The picture is too large. Received: {name}, {received}. "
        f"Accepted: up to {MAX_PIXELS // 1_000_000} million pixels."
    )


def _decode(name: str, image: Image.Image) -> Photo:
    notes = []
    # MPO is how a phone's JPEG carries a second picture of its own kind, a depth map say: nothing moves.
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        notes.append("first_frame")
    orientation = getattr(image, "tag_v2", {}).get(
        ORIENTATION
    )  # of a TIFF, which Pillow turns when it loads it
    image.load()
    turn = TURNS.get(_orientation(image))
    upright = image if turn is None else image.transpose(turn)
    if turn is not None or orientation in TURNS:
        notes.append("upright")
    if upright.mode.startswith(("I", "F")):
        notes.append("sixteen_bit")
        upright = _to_eight_bit(upright)
    if upright.mode == "CMYK":
        notes.append("cmyk")
    if upright.mode in ("1", "L", "LA"):
        notes.append("grayscale")
    if upright.has_transparency_data:
        notes.append("alpha_over_white")
        rgba = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    format_name = "JPEG" if image.format == "MPO" else image.format or "picture"
    return Photo(name, format_name, np.array(upright.convert("RGB")), tuple(notes))


def _orientation(image: Image.Image) -> int:
    """As its EXIF says; 1, upright, where that is damaged, for the picture may be whole."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # Pillow's EXIF reader is as its decoders are
        return 1


def _to_eight_bit(image: Image.Image) -> Image.Image:
    """Scale a 16-bit or wider grey picture to 8 bits; beyond 16 bits and for floats, from its own range."""
    values = np.array(image, np.float64)  # worked on in layer: it may be large
    low, high = float(values.min()), float(values.max())
    if image.mode.startswith("I;16") or (low >= 0 and 255 < high <= 65535):
        low, high = 0.0, 65535.0
    if not np.isfinite([low, high]).all():
        raise ValueError("it has values that are not numbers")
    values -= low
    values *= 255 / (high - low or 1)
    return Image.fromarray(np.rint(values, out=values).astype(np.uint8))
