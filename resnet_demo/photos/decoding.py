"""From a picture file to pixels.

Whatever a person would call a photo is read: turned upright as its EXIF says, its first frame if it moves, alpha
laid over white, any colour mode brought to RGB. What was done is kept in `Photo.notes`, so that the page can say
it. Time and memory are bounded for any file: docs/photos.md.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from resnet_demo.errors import HeicError, ImageTooLargeError, NotAnImageError, Phrase
from resnet_demo.photos import formats, pillow_decoder
from resnet_demo.photos.decoder_pool import POOL
from resnet_demo.photos.formats import ACCEPTED, FORMATS, HEAD, MAX_BYTES, MAX_PIXELS
from resnet_demo.photos.headers import read_header
from resnet_demo.photos.pillow_decoder import Picture

__all__ = ["FORMATS", "Photo", "photo_from_pixels", "read_photo"]


@dataclass(frozen=True)
class Photo:
    """A decoded picture.

    Attributes:
        name: what to call it.
        format: "JPEG", …, or "array".
        pixels: uint8 (H, W, 3), RGB, upright.
        notes: what was done to get there: "upright", "first_frame", "alpha_over_white", "grayscale", "cmyk",
            "reduced" (read at half its width and height), "no_end_marker", and of values of more than 8 bits the range
            that was brought to 8: "sixteen_bit", "range_of_8_bits" to "range_of_14_bits", "own_range".
        digest: SHA-256 of the file's bytes, or where there is no file of the pixels; 64 hex digits.
        size: the upright picture's own (width, height); that of the pixels unless they are reduced.
    """

    name: str
    format: str
    pixels: np.ndarray
    notes: tuple[str, ...] = ()
    digest: str = ""
    size: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if not self.digest:
            shape = repr(self.pixels.shape).encode()
            digest = hashlib.sha256(shape + np.ascontiguousarray(self.pixels).tobytes()).hexdigest()
            object.__setattr__(self, "digest", digest)
        if self.size == (0, 0):
            object.__setattr__(self, "size", (self.pixels.shape[1], self.pixels.shape[0]))


def read_photo(source: str | Path | bytes | BinaryIO, name: str | None = None) -> Photo:
    """Decode a picture file.

    Its first bytes tell its format, its header the size; only what these admit is read further. An ordinary JPEG, PNG
    or WebP is decoded here, everything else in a decoder process, under limits of time and memory.

    Args:
        source: a path, the file's bytes, or an open binary file.
        name: what to call it in messages; the file's name by default.

    Raises:
        ImageTooLargeError: more pixels than the format's `MAX_PIXELS`, or more than `MAX_BYTES`; told by the header,
            nothing was decoded.
        ImageTooCostlyError: decoding took more time or memory than there is for one picture.
        HeicError: a HEIC picture; the sentence tells how to convert it.
        NotAnImageError: no file, an empty one, no format we read, or damaged.
    """
    if name is None:
        name = Path(source).name if isinstance(source, (str, Path)) else "the picture"
    try:
        if isinstance(source, (str, Path)):
            with _open(Path(source), name) as stream:
                return _read(stream, Path(source), name)
        data = source if isinstance(source, bytes) else source.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotAnImageError(
            "The file cannot be read. Received: {name}, {reason}. Accepted: {accepted}.",
            name=name,
            reason=error.strerror or error,
            accepted=ACCEPTED,
        ) from error
    return _read(io.BytesIO(data), data, name)


def _open(path: Path, name: str) -> BinaryIO:
    """A regular file. One that never ends, or waits for a writer, is not opened."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a directory has a sentence of the system's own
        raise NotAnImageError(
            "This is not a file with an end. Received: {name}. Accepted: {accepted}.",
            name=name,
            accepted=ACCEPTED,
        )
    return open(path, "rb")


def _read(stream: BinaryIO, source: Path | bytes, name: str) -> Photo:
    length = stream.seek(0, os.SEEK_END)
    if not length:
        raise NotAnImageError(
            "The file is empty. Received: {name}, 0 bytes. Accepted: {accepted}.",
            name=name,
            accepted=ACCEPTED,
        )
    stream.seek(0)
    format_ = formats.sniff_format(stream.read(HEAD))
    if format_ is None:
        raise pillow_decoder.not_a_picture(name)
    if format_ == "HEIC":
        raise HeicError(
            "HEIC pictures are not read. Received: {name}, a HEIC picture. Accepted: the same saved as "
            "JPEG (on a Mac: open it in Preview, File, Export; on an iPhone: Settings, Camera, "
            "Formats, Most Compatible, for the next ones), or any {accepted}.",
            name=name,
            accepted=ACCEPTED,
        )
    if length > MAX_BYTES:
        raise ImageTooLargeError(
            "The file is too large. Received: {name}, {length:.0f} MB. Accepted: up to {max_bytes} MB.",
            name=name,
            length=length / 1000000.0,
            max_bytes=MAX_BYTES // 1000000,
        )
    picture = _decode(stream, source, name, format_)
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    return Photo(name, picture.format, picture.pixels, picture.notes, digest, picture.size)


def _decode(stream: BinaryIO, source: Path | bytes, name: str, format_: str) -> Picture:
    limit = MAX_PIXELS[format_]
    header = read_header(stream, format_)
    if header is not None:
        pillow_decoder.require_size(name, header.width, header.height, format_, limit)
        pixels = header.width * header.height
        if header.samples > formats.MAX_SAMPLES:
            possible = pixels * formats.MAX_SAMPLES // header.samples
            raise pillow_decoder.too_large(
                name, f"{header.width}×{header.height}", Phrase("progressive JPEG"), possible
            )
        if header.ordinary and pixels <= formats.WHOLE_PIXELS:
            return pillow_decoder.decode(stream, name, format_, limit)
    return POOL.decode(source, name, format_, limit)


def photo_from_pixels(pixels: np.ndarray, name: str = "the picture") -> Photo:
    """Wrap an array uint8 (H, W, 3) RGB as a photo.

    Raises:
        NotAnImageError: another dtype or shape.
        ImageTooLargeError: more than 80 million pixels.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[-1] != 3 or 0 in pixels.shape:
        raise NotAnImageError(
            "Pixels are uint8 (H, W, 3), RGB. Received: {dtype} {shape}.",
            dtype=pixels.dtype,
            shape=pixels.shape,
        )
    pillow_decoder.require_size(name, pixels.shape[1], pixels.shape[0], "pixels", MAX_PIXELS["PNG"])
    return Photo(name, "array", pixels)
