"""The headers of JPEG, PNG and WebP, read without a decoder: is this an ordinary file?

An ordinary file's cost follows from its header: so many pixels, decoded once, by C code. It is decoded where it was
asked for. Whatever is not provably ordinary (thousands of scans, chunks or segments, animations, a header that does
not hold together) is decoded in a process of its own, under limits.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

MAX_SEGMENTS = (
    1000  # before a JPEG's pixels; a phone writes some ten, a camera's colour profile and XMP some thirty
)
MAX_CHUNKS = 20_000  # of a PNG; 20 MB in chunks of 8 kB are 2,500
MAX_SCANNED = 250_000_000  # pixels × scans of a progressive JPEG that is decoded here

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset(range(0xD0, 0xD9)) | {0x01}  # markers without a segment


@dataclass(frozen=True)
class Header:
    """What a header says.

    Attributes:
        width, height: in pixels, as stored.
        ordinary: decoding costs what the size says, and no more.
        samples: how many numbers the decoder must keep at once; 0 where it works row by row.
    """

    width: int
    height: int
    ordinary: bool
    samples: int = 0


def read_header(stream: BinaryIO, format_: str) -> Header | None:
    """The header of a JPEG, PNG or WebP; None for the other formats and for one that does not hold together."""
    reader = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp}.get(format_)
    if reader is None:
        return None
    stream.seek(0)
    try:
        return reader(stream)
    except (struct.error, ValueError, IndexError, ZeroDivisionError):
        return None


def _jpeg(stream: BinaryIO) -> Header | None:
    stream.seek(2)
    frame: tuple[int, int, int, list[tuple[int, int]]] | None = None
    for _ in range(MAX_SEGMENTS):
        mark, kind, length = struct.unpack(">BBH", stream.read(4))
        if mark != 0xFF or kind in _ALONE or length < 2:
            return None
        body = stream.read(length - 2)
        if kind in _START_OF_FRAME:
            if frame is not None or kind not in (
                0xC0,
                0xC1,
                0xC2,
            ):  # arithmetic coding, lossless, hierarchical
                return None
            _, height, width, components = struct.unpack(">BHHB", body[:6])
            factors = [(b >> 4, b & 15) for b in body[7 : 6 + 3 * components : 3]]
            frame = kind, width, height, factors
        elif kind == 0xDA:
            return None if frame is None else _jpeg_header(stream, *frame, scanned=body[0])
    return None


def _jpeg_header(
    stream: BinaryIO, kind: int, width: int, height: int, factors: list[tuple[int, int]], scanned: int
) -> Header:
    pixels = width * height
    if kind != 0xC2 and scanned == len(factors):  # one scan with every component
        return Header(width, height, ordinary=True)
    full = max(h for h, _ in factors) * max(v for _, v in factors)
    samples = round(pixels * sum(h * v for h, v in factors) / full)
    scans = 1
    while scans * pixels <= MAX_SCANNED and (part := stream.read(1 << 20)):
        scans += part.count(b"\xff\xda")  # one cut in two by the parts is not worth the care
    return Header(width, height, scans * pixels <= MAX_SCANNED, samples)


def _png(stream: BinaryIO) -> Header | None:
    stream.seek(8)
    length, kind, width, height, depth = struct.unpack(">I4sIIB", stream.read(17))
    if kind != b"IHDR" or length != 13:
        return None
    stream.seek(33)
    for _ in range(MAX_CHUNKS):
        length, kind = struct.unpack(">I4s", stream.read(8))
        if kind == b"acTL":
            break  # an animation
        if kind == b"IEND":
            return Header(width, height, ordinary=depth <= 8)
        stream.seek(length + 4, 1)
    return Header(width, height, ordinary=False)


def _webp(stream: BinaryIO) -> Header | None:
    head = stream.read(34)
    kind = head[12:16]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(head[i : i + 3], "little") for i in (24, 27))
        return Header(width, height, ordinary=not head[20] & 2)  # 2: animated
    if kind == b"VP8L":
        size = int.from_bytes(head[21:25], "little")
        return Header(1 + (size & 0x3FFF), 1 + (size >> 14 & 0x3FFF), ordinary=True)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return Header(width & 0x3FFF, height & 0x3FFF, ordinary=True)
    return None
