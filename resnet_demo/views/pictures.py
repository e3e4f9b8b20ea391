"""Arrays to pictures a page can show: encoded, enlarged, and laid over the photo.

Formats, by measurement: a photo is fastest and small as JPEG; a map has at most 256 colours, so a palette PNG
at the map's own resolution is the fastest and keeps every unit exact (the browser enlarges it).
"""

import base64
import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from resnet_demo.errors import OptionError
from resnet_demo.views.colormaps import HEAT, Colormap, Map, entries

Pixels = NDArray[np.uint8]
PictureFormat = Literal["jpeg", "png", "webp"]

SHOWN_SIDE = 768  # pixels; what is shown of a photo is no larger

_SAVE_OPTIONS: dict[str, dict[str, int | bool]] = {
    "jpeg": {"quality": 88},
    "png": {"compress_level": 1},
    "webp": {"lossless": True, "method": 0, "quality": 0},
}


def encode(image: Pixels, format: PictureFormat = "jpeg") -> str:
    """Return a picture as a data URI; else as `encode_bytes`."""
    return _data_uri(encode_bytes(image, format), format)


def encode_bytes(image: Pixels, format: PictureFormat = "jpeg") -> bytes:
    """Return a picture as a file.

    Args:
        image: uint8 (h, w, 3) RGB, or (h, w, 4) RGBA for "png" and "webp". Not modified.
        format: "jpeg" for photos; "png" or "webp" where every pixel must come out as it went in.

    Raises:
        OptionError: another format, shape or dtype; or RGBA as JPEG.
    """
    if format not in _SAVE_OPTIONS:
        raise OptionError(
            '`format` should be "jpeg", "png" or "webp". Received: format={format!r}.',
            format=format,
        )
    channels = (3,) if format == "jpeg" else (3, 4)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in channels:
        raise OptionError(
            "`image` should be uint8 (h, w, {depth}) for format={format!r}. Received: {dtype} {shape}.",
            depth=" / ".join(map(str, channels)),
            format=format,
            dtype=image.dtype,
            shape=image.shape,
        )
    return _saved(Image.fromarray(image), format, **_SAVE_OPTIONS[format])


def shown(photo: Pixels, side: int = SHOWN_SIDE) -> Pixels:
    """The photo, uint8 (h, w, 3), as it is shown: no side longer than `side`."""
    height, width = photo.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return photo
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))


def photo_uri(photo: Pixels, side: int = SHOWN_SIDE) -> str:
    """The photo, uint8 (h, w, 3), as it is shown, as a data URI."""
    return encode(shown(photo, side), "jpeg")


def encode_map(values: Map, low: float, high: float, colormap: Colormap) -> str:
    """Return a map, float32 (h, w), as the data URI of an (h, w) palette PNG; see `colormaps.entries`."""
    return _data_uri(map_png(values, low, high, colormap), "png")


def map_png(values: Map, low: float, high: float, colormap: Colormap, enlarged: int = 1) -> bytes:
    """Return a map as a palette PNG, each unit a square of `enlarged` pixels a side."""
    squares = entries(values, low, high, colormap).repeat(enlarged, axis=0).repeat(enlarged, axis=1)
    return _palette_png(squares, colormap)


def encode_overlay(values: Map, size: tuple[int, int], low: float, high: float, colormap: Colormap) -> str:
    """Return what `heatmap_rgba` draws, as the data URI of a palette PNG with transparency."""
    enlarged = entries(resize_map(values, size), low, high, colormap)
    drawn = _palette_png(enlarged, colormap, transparency=overlay_alpha(colormap).tobytes())
    return _data_uri(drawn, "png")


def heatmap_rgba(
    values: Map, size: tuple[int, int], low: float, high: float, colormap: Colormap = HEAT
) -> Pixels:
    """Return a map to lay over a photo: what is strong covers, what is weak lets the photo through.

    Args:
        values: float32 (h, w), e.g. a Grad-CAM heatmap. Not modified.
        size: (height, width) of the result.
        low: the value of the map's first colour.
        high: the value of its last colour.
        colormap: HEAT; for signed values a diverging map, transparent in its middle.

    Returns:
        uint8 (height, width, 4), RGBA, alpha not multiplied in.
    """
    enlarged = entries(resize_map(values, size), low, high, colormap)
    return np.concatenate([colormap.table, overlay_alpha(colormap)[:, None]], axis=1)[enlarged]


def overlay_alpha(colormap: Colormap) -> NDArray[np.uint8]:
    """Return each entry's opacity over a photo, uint8 (256,): 0 at rest, full from 70% strength on.

    Uniform opacity would darken the whole photo under a heatmap that is mostly near zero.
    """
    distance = np.abs(np.arange(256) - colormap.rest) / max(colormap.rest, 255 - colormap.rest)
    return np.rint(255 * np.clip(distance / 0.7, 0, 1)).astype(np.uint8)


def lay_over(photo: Pixels, overlay: Pixels, opacity: float) -> Pixels:
    """Return the photo, uint8 (h, w, 3), under an overlay, uint8 (h, w, 4); at opacity 0 the photo alone."""
    alpha = overlay[:, :, 3:].astype(np.float32) * (opacity / 255)
    mixed = photo * (1 - alpha) + overlay[:, :, :3] * alpha
    pixels: Pixels = np.rint(mixed).astype(np.uint8)
    return pixels


def resize_map(values: Map, size: tuple[int, int]) -> Map:
    """Resize a map with bilinear weights, as `tf.image.resize` does.

    Pixel i covers [i, i + 1) and its value stands at i + ½ (half-pixel centres); beyond the outermost centres
    the edge's value holds. Shrinking averages over all that a pixel covers (TensorFlow's `antialias=True`).

    Args:
        values: float32 (h, w). Not modified.
        size: (height, width) of the result.

    Returns:
        float32 (height, width).
    """
    height, width = size
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))


def _palette_png(indices: NDArray[np.uint8], colormap: Colormap, **options: bytes) -> bytes:
    image = Image.fromarray(indices)
    image.putpalette(colormap.table.tobytes())
    return _saved(image, "png", compress_level=1, **options)


def _saved(image: Image.Image, format: str, **options: int | bool | bytes) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _data_uri(data: bytes, format: str) -> str:
    return f"data:image/{format};base64,{base64.b64encode(data).decode()}"
