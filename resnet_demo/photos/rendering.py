"""From a picture that Pillow has opened to upright 8-bit RGB pixels, strip by strip.

Beside Pillow's own copy (4 bytes a pixel) and the result (3 bytes), only a strip is in memory.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from resnet_demo.photos.formats import WHOLE_PIXELS

STRIP = 1 << 19  # pixels

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
ACROSS = (5, 6, 7, 8)  # rows become columns
FROM_THE_END = (3, 4, 6, 7)  # the first row becomes the last row or column

BIT_DEPTHS = (8, 10, 12, 14, 16)  # bits that cameras, scanners and microscopes have


def render(image: Image.Image, stream: BinaryIO) -> tuple[np.ndarray, list[str], tuple[int, int]]:
    """Decode.

    Args:
        image: as Pillow opened it, not loaded yet.
        stream: the file it was opened from.

    Returns:
        uint8 (H, W, 3), RGB, upright; what was done to get there (`Photo.notes`); the upright picture's full
        (width, height), of which the pixels are a half each way if "reduced" is among the notes.

    Raises:
        ValueError: floating point values that are no numbers.
        Whatever Pillow's decoders raise on damaged files.
    """
    notes = []
    if _moves(image):
        notes.append("first_frame")
    # Of a TIFF, which Pillow turns when it loads it.
    turned_by_pillow = getattr(image, "tag_v2", {}).get(ORIENTATION) in TURNS
    full = image.size
    factor = 2 if image.width * image.height > WHOLE_PIXELS else 1
    if factor > 1:
        notes.append("reduced")
        if image.format in ("JPEG", "MPO"):  # decodes at half the size, in less time and memory
            image.draft(None, (image.width // 2, image.height // 2))
            factor = 1
    deep = [tile for tile in getattr(image, "tile", ()) if ";16" in str(tile.args)]
    image.load()
    if turned_by_pillow and image.size != full:
        full = full[::-1]
    orientation = _orientation(image)
    if turned_by_pillow or orientation in TURNS:
        notes.append("upright")
    if orientation in ACROSS:
        full = full[::-1]
    if image.mode.startswith(("I", "F")):
        to_eight_bit = _Stretch.of_grey(image)
        notes.append(to_eight_bit.note)
    elif deep:
        to_eight_bit = _Stretch.of_colour(image, stream)
        notes.append(to_eight_bit.note)
    else:
        to_eight_bit = None
    if image.mode == "CMYK":
        notes.append("cmyk")
    if image.mode in ("1", "L", "LA") or image.mode.startswith(("I", "F")):
        notes.append("grayscale")
    if image.has_transparency_data and not image.mode.startswith(("I", "F")):
        notes.append("alpha_over_white")
    return _assemble(image, orientation, factor, to_eight_bit), notes, full


def _moves(image: Image.Image) -> bool:
    """Has it frames? Told by the second one, for counting them may take long.

    MPO is how a phone's JPEG carries a second picture of its own kind, a depth map say: nothing moves.
    """
    if image.format == "TIFF":
        try:
            image.seek(1)
        except EOFError:
            return False
        finally:
            image.seek(0)
        return True
    return image.format != "MPO" and getattr(image, "is_animated", False)


def _orientation(image: Image.Image) -> int:
    """As its EXIF says; 1, upright, where that is damaged, for the picture may be whole."""
    try:
        orientation: int = image.getexif().get(ORIENTATION, 1)
    except Exception:  # Pillow's EXIF reader is as its decoders are
        return 1
    return orientation


def _assemble(image: Image.Image, orientation: int, factor: int, to_eight_bit: _Stretch | None) -> np.ndarray:
    turn = TURNS.get(orientation)
    height, width = -(-image.height // factor), -(-image.width // factor)
    shape = (width, height, 3) if orientation in ACROSS else (height, width, 3)
    pixels = np.empty(shape, np.uint8)
    done = 0
    for top, strip in _strips(image):
        rgb = _to_rgb(to_eight_bit(strip, top) if to_eight_bit else strip)
        if factor > 1:
            rgb = rgb.reduce(factor)
        rows = rgb.height
        part = np.asarray(rgb if turn is None else rgb.transpose(turn))
        start = height - done - rows if orientation in FROM_THE_END else done
        if orientation in ACROSS:
            pixels[:, start : start + rows] = part
        else:
            pixels[start : start + rows] = part
        done += rows
    return pixels


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    rows = max(2, STRIP // image.width // 2 * 2)  # even, for `reduce`
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _to_rgb(strip: Image.Image) -> Image.Image:
    if strip.has_transparency_data:
        rgba = strip.convert("RGBA")
        strip = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return strip.convert("RGB")


class _Stretch:
    """From values of more than 8 bits to 8, over one range for the whole picture.

    The values of 16-bit files often come from 10, 12 or 14 bits: the range is that of the fewest bits that hold the
    largest value. Values of more than 16 bits, negative ones and floats are stretched from their lowest to their
    highest. `note` says which.
    """

    def __init__(self, low: float, high: float, note: str, low_bytes: Image.Image | None = None):
        self.low, self.high, self.note = low, high, note
        self.low_bytes = low_bytes  # of 16-bit colour, of which Pillow keeps the high bytes

    @classmethod
    def of_grey(cls, image: Image.Image) -> _Stretch:
        low, high = np.inf, -np.inf
        for _, strip in _strips(image):
            values = np.asarray(strip)
            low, high = np.minimum(low, values.min()), np.maximum(high, values.max())  # these keep a NaN
        if not np.isfinite([low, high]).all():
            raise ValueError("it has values that are not numbers")
        if image.mode == "F" or low < 0 or high > 65535:
            return cls(float(low), float(high), "own_range")
        bits = _bits(int(high))
        return cls(0, 2**bits - 1, _note(bits))

    @classmethod
    def of_colour(cls, image: Image.Image, stream: BinaryIO) -> _Stretch:
        largest = max(high for _, high in _extrema(image)[:3])
        if largest >= 64 or image.mode not in (
            "RGB",
            "RGBA",
        ):  # 15 or 16 bits: the high bytes are the picture
            return cls(0, 65535, "sixteen_bit")
        low_bytes = _low_bytes(image, stream)
        high = 0
        for top, strip in _strips(image):
            high = max(high, int(_sixteen_bit(strip, low_bytes, top).max()))
        bits = _bits(high)
        return cls(0, 2**bits - 1, _note(bits), low_bytes)

    def __call__(self, strip: Image.Image, top: int) -> Image.Image:
        if self.low_bytes is not None:
            alpha = strip.getchannel("A") if "A" in strip.getbands() else None
            strip = self._scaled(_sixteen_bit(strip, self.low_bytes, top))
            if alpha is not None:
                strip.putalpha(alpha)
            return strip
        if strip.mode.startswith(("I", "F")):
            return self._scaled(np.asarray(strip))
        return strip

    def _scaled(self, values: np.ndarray) -> Image.Image:
        scaled = (values.astype(np.float64) - self.low) * (255 / (self.high - self.low or 1))
        return Image.fromarray(np.rint(scaled).astype(np.uint8))


def _bits(largest: int) -> int:
    return next(bits for bits in BIT_DEPTHS if largest < 2**bits)


def _note(bits: int) -> str:
    return "sixteen_bit" if bits == 16 else f"range_of_{bits}_bits"


def _extrema(image: Image.Image) -> list[tuple[int, int]]:
    extrema = image.getextrema()
    return list(extrema) if isinstance(extrema[0], tuple) else [extrema]  # type: ignore[list-item]


def _low_bytes(image: Image.Image, stream: BinaryIO) -> Image.Image:
    """The picture of the low bytes: decoded once more with the order of each two bytes the other way."""
    native, other = (";16L", ";16B") if sys.byteorder == "little" else (";16B", ";16L")
    swaps = {";16N": other, native: other, other: native}

    def swapped(args: Any) -> Any:
        if isinstance(args, tuple):
            return swapped(args[0]), *args[1:]
        if (
            args == "LA;16B"
        ):  # Pillow knows no other order of it; as if it were RGBA its low byte is the second of four
            return "RGBA"
        return args[:-4] + swaps[args[-4:]] if args[-4:] in swaps else args

    stream.seek(0)
    again = Image.open(stream, formats=(image.format or "",))
    again.tile = [tile._replace(args=swapped(tile.args)) for tile in again.tile]
    grey = any(tile.args == "RGBA" for tile in again.tile)
    again.load()
    return again.getchannel("G") if grey else again


def _sixteen_bit(strip: Image.Image, low_bytes: Image.Image, top: int) -> np.ndarray:
    """uint16 (h, w, 3) of the colours in one strip."""
    low = np.asarray(low_bytes.crop((0, top, strip.width, top + strip.height)))
    if low.ndim == 2:
        low = low[..., np.newaxis]
    colours: np.ndarray = np.asarray(strip)[..., :3].astype(np.uint16) << 8 | low[..., :3]
    return colours
