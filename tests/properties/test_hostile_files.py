"""A corpus of hostile files, made by code and seeded: each is a picture or one sentence, and every process survives.

HOSTILE_FILES=20000 runs a larger corpus.
"""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from resnet_demo.errors import ImageError
from resnet_demo.photos import formats
from resnet_demo.photos.decoding import read_photo

COUNT = int(os.environ.get("HOSTILE_FILES", "2200"))
PART = 110  # files a test


@pytest.fixture(autouse=True, scope="module")
def _small_pictures_only():
    """A changed byte can make the size enormous; those are refused here sooner, to be quick."""
    with pytest.MonkeyPatch.context() as patch:
        for format_ in formats.MAX_PIXELS:
            patch.setitem(formats.MAX_PIXELS, format_, 300_000)
        yield


def _whole_files():
    """(format, bytes) of every format we read, in every variant that Pillow writes."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (23, 37, 3), np.uint8)
    colour, grey = Image.fromarray(pixels), Image.fromarray(pixels[..., 0])
    deep = Image.fromarray(pixels[..., 0].astype(np.uint16) * 16)
    alpha = colour.convert("RGBA")
    alpha.putalpha(grey)
    exif = Image.Exif()
    exif[0x0112] = 6
    kinds = [
        *((colour, format_, {}) for format_ in formats.FORMATS),
        *((grey, format_, {}) for format_ in formats.FORMATS),
        *((alpha, format_, {}) for format_ in ("PNG", "WEBP", "TIFF", "AVIF")),
        *((colour, format_, {"exif": exif}) for format_ in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")),
        *((colour, format_, _frames(colour)) for format_ in ("GIF", "PNG", "WEBP", "MPO", "TIFF", "AVIF")),
        *((deep, format_, {}) for format_ in ("PNG", "TIFF", "PPM")),
        (colour, "JPEG", {"progressive": True}),
        (colour, "JPEG", {"restart_marker_blocks": 1}),
        (colour.convert("CMYK"), "JPEG", {}),
        (colour.convert("CMYK"), "TIFF", {}),
        (grey.convert("1"), "TIFF", {"compression": "group4"}),
        (grey.convert("1"), "PPM", {}),
        (grey.convert("F"), "TIFF", {}),
        (grey.convert("F"), "PPM", {}),
        (colour, "WEBP", {"lossless": True}),
        (colour.quantize(), "PNG", {"transparency": 3}),
        (colour.quantize(), "BMP", {}),
        *((colour, "TIFF", {"compression": f"tiff_{c}"}) for c in ("lzw", "adobe_deflate")),
        *((colour, "TIFF", {"compression": c}) for c in ("jpeg", "packbits")),
        (colour, "TIFF", {"big_tiff": True}),
    ]
    files = []
    for image, format_, options in kinds:
        stream = io.BytesIO()
        image.save(stream, format_, **options)
        files.append(stream.getvalue())
    text = b"P3\n37 23\n255\n" + b" ".join(b"%d" % value for value in pixels.ravel())
    sixteen = struct.pack(">IIBBBBB", 37, 23, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + (row.astype(">u2") * 5).tobytes() for row in pixels)
    return [*files, text, _png((b"IHDR", sixteen), (b"IDAT", zlib.compress(rows)))]


def _frames(image):
    return {"save_all": True, "append_images": [image.rotate(180), image.rotate(90)]}


def _chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(*chunks):
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in (*chunks, (b"IEND", b"")))


def _cut(rng, file, _):
    return file[: rng.integers(len(file))]


def _bits(rng, file, _):
    data = bytearray(file)
    for at in rng.integers(0, len(data), rng.integers(1, 20)):
        data[at] ^= 1 << rng.integers(8)
    return bytes(data)


def _header(rng, file, _):
    """Two or four bytes near the beginning say something else: a size, a count, an offset."""
    data = bytearray(file)
    width = int(rng.choice([1, 2, 4]))
    value = int(rng.choice([0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]))
    at = int(rng.integers(0, min(len(data), 200)))
    order = "big" if rng.random() < 0.5 else "little"
    data[at : at + width] = (value % 256**width).to_bytes(width, order)
    return bytes(data)


def _splice(rng, file, others):
    other = others[rng.integers(len(others))]
    return file[: rng.integers(len(file))] + other[rng.integers(len(other)) :]


def _repeat(rng, file, _):
    """A part again and again: scans, frames, chunks, directories without end."""
    start, stop = sorted(rng.integers(0, len(file), 2))
    part = file[start : stop + 1][:400]
    return file[:stop] + part * int(rng.integers(2, 3000)) + file[stop:]


def _drop(rng, file, _):
    start = int(rng.integers(len(file)))
    return file[:start] + file[start + int(rng.integers(1, 200)) :]


def _noise(rng, file, _):
    return file[: rng.integers(4, 80)] + rng.bytes(int(rng.integers(1, 3000)))


CHANGES = (_cut, _bits, _header, _header, _splice, _repeat, _drop, _noise)
WHOLE = _whole_files()


def hostile_file(number):
    """File `number` of the corpus, the same in every run."""
    rng = np.random.default_rng([20261128, number])
    file = WHOLE[number % len(WHOLE)]
    return CHANGES[number // len(WHOLE) % len(CHANGES)](rng, file, WHOLE)


def test_the_corpus_changes_every_format_in_every_way():
    found = {formats.sniff_format(file) for file in WHOLE}
    assert found == {*formats.FORMATS, "PPM as text"}
    assert 2 * len(WHOLE) * len(CHANGES) <= COUNT


def test_the_files_the_corpus_is_made_of_are_whole():
    for file in WHOLE:
        assert read_photo(file).pixels.shape[:2] in ((23, 37), (37, 23))


@pytest.mark.parametrize("first", range(0, COUNT, PART))
def test_each_hostile_file_is_a_picture_or_a_sentence(first):
    for number in range(first, min(first + PART, COUNT)):
        try:
            photo = read_photo(hostile_file(number), name="some.file")
        except ImageError as error:
            sentence = str(error)
            assert "Received: some.file" in sentence, number
            assert "Accepted: " in sentence, number
            assert "\n" not in sentence, number
        else:
            assert photo.pixels.dtype == np.uint8, number
            assert photo.pixels.shape[2] == 3, number
            assert photo.pixels.size > 0, number
