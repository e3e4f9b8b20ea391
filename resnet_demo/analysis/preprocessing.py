"""From a picture file to the batch a network eats.

Whatever a person would call a photo is read: turned upright as its EXIF says, its first frame if it moves, alpha laid
over white, any colour mode brought to RGB. What was done is kept in `Photo.notes`, so that the page can say it.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from resnet_demo.errors import ImageTooLargeError, NotAnImageError, OptionError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM")
ACCEPTED = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF and PPM"
MAX_PIXELS = 80_000_000  # a little under Pillow's own warning; 240 MB once decoded

CAFFE_MEAN_BGR = np.array([103.939, 116.779, 123.68], np.float32)
TORCH_MEAN_RGB = np.array([0.485, 0.456, 0.406], np.float32)
TORCH_STD_RGB = np.array([0.229, 0.224, 0.225], np.float32)


@dataclass(frozen=True)
class Photo:
    """A decoded picture.

    `pixels` is uint8 (H, W, 3) RGB, upright. `notes` names what was done to get there: "upright", "first_frame",
    "alpha_over_white", "grayscale", "cmyk", "sixteen_bit".
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
        data = Path(source).read_bytes() if isinstance(source, (str, Path)) else source
    except OSError as error:
        raise NotAnImageError(f"The file cannot be read. Received: {name}, {error.strerror}. Accepted: {ACCEPTED}.") from error
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    if isinstance(data, bytes) and not data:
        raise NotAnImageError(f"The file is empty. Received: {name}, 0 bytes. Accepted: {ACCEPTED}.")
    with warnings.catch_warnings():
        # Pillow warns of large pictures and odd metadata; the size is judged below and odd metadata does no harm.
        warnings.simplefilter("ignore")
        try:
            with Image.open(stream, formats=FORMATS) as image:
                _require_size(name, *image.size)
                return _decode(name, image)
        except Image.DecompressionBombError as error:
            raise ImageTooLargeError(_too_large(name, "far more pixels than that")) from error
        except UnidentifiedImageError as error:
            raise NotAnImageError(f"This is not a picture we can read. Received: {name}. Accepted: {ACCEPTED}.") from error
        except (OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError) as error:
            # Pillow's decoders raise all of these on damaged files.
            raise NotAnImageError(
                f"The picture is damaged or cut off. Received: {name} ({error}). Accepted: a whole file, {ACCEPTED}."
            ) from error


def photo_from_pixels(pixels: np.ndarray, name: str = "the picture") -> Photo:
    """Wrap an array uint8 (H, W, 3) RGB as a photo.

    Raises:
        NotAnImageError: another dtype or shape.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[-1] != 3 or 0 in pixels.shape:
        raise NotAnImageError(
            f"Pixels are uint8 (H, W, 3), RGB. Received: {pixels.dtype} {pixels.shape}."
        )
    _require_size(name, pixels.shape[1], pixels.shape[0])
    return Photo(name, "array", pixels)


def to_batch(photos: list[Photo], preprocessing: str, size: tuple[int, int] = (224, 224)) -> np.ndarray:
    """Resize whole photos and bring them into a network's input range.

    The whole photo is resized (bilinear, antialiased), as the tutorials do, so that every map covers every pixel.

    Args:
        photos: not modified.
        preprocessing: "caffe", BGR minus the ImageNet mean (Keras ResNet v1); "torch", RGB / 255, minus mean, by std.
        size: (height, width) the network eats.

    Returns:
        float32 (N, height, width, 3).
    """
    height, width = size
    resized = np.stack(
        [np.asarray(Image.fromarray(p.pixels).resize((width, height), Image.Resampling.BILINEAR)) for p in photos]
    ).astype(np.float32)
    if preprocessing == "caffe":
        return resized[..., ::-1] - CAFFE_MEAN_BGR
    if preprocessing == "torch":
        return (resized / np.float32(255) - TORCH_MEAN_RGB) / TORCH_STD_RGB
    raise OptionError(f"There is no such preprocessing. Received: {preprocessing!r}. Accepted: 'caffe', 'torch'.")


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
    if getattr(image, "n_frames", 1) > 1:
        notes.append("first_frame")
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.size != image.size or image.getexif().get(0x0112, 1) != 1:
        notes.append("upright")
    format_name = image.format or "picture"
    if upright.mode.startswith(("I", "F")):
        notes.append("sixteen_bit")
        upright = _to_eight_bit(upright)
    if upright.mode == "CMYK":
        notes.append("cmyk")
    if upright.has_transparency_data:
        notes.append("alpha_over_white")
        rgba = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    if upright.mode in ("1", "L", "LA"):
        notes.append("grayscale")
    return Photo(name, format_name, np.array(upright.convert("RGB")), tuple(notes))


def _to_eight_bit(image: Image.Image) -> Image.Image:
    """Scale a 16-bit or wider grey picture to 8 bits; beyond 16 bits and for floats, from its own range."""
    values = np.asarray(image, np.float64)
    if image.mode.startswith("I;16") or (values.min() >= 0 and 255 < values.max() <= 65535):
        scaled = values / 257
    else:
        if not np.isfinite(values).all():
            raise ValueError("it has values that are not numbers")
        low, high = values.min(), values.max()
        scaled = (values - low) / (high - low or 1) * 255
    return Image.fromarray(np.round(scaled).astype(np.uint8), "L")
