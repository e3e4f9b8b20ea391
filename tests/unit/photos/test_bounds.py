"""Time and memory of a decode are bounded, whatever the file: docs/photos.md, row by row."""

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnet_demo.errors import ImageTooCostlyError, ImageTooLargeError, NotAnImageError
from resnet_demo.photos import decoder_pool, decoding, formats
from resnet_demo.photos.decoder_pool import DecoderPool
from resnet_demo.photos.decoding import read_photo
from resnet_demo.photos.headers import read_header


def _encode(image, format_, **options):
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()


def _flat(width, height):
    return Image.new("RGB", (width, height), (90, 120, 60))


def _chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _many_scans(scans):
    """A progressive JPEG whose last scan comes again and again: a few hundred bytes each, work for all its pixels."""
    file = _encode(_flat(2000, 2000), "JPEG", progressive=True)
    last = file[file.rindex(b"\xff\xda") : -2]
    return file[:-2] + last * scans + file[-2:]


@pytest.fixture
def small_pool(monkeypatch):
    """A pool of one process with less time and memory, so that what takes too much takes little here."""
    pool = DecoderPool(processes=1, seconds=0.4, memory=60_000_000)
    monkeypatch.setattr(decoding, "POOL", pool)
    yield pool
    pool.close()


SIZES = {  # each the header of a picture a little too large, and nothing after it
    "JPEG": b"\xff\xd8\xff\xc0\0\x11\x08"
    + struct.pack(">HH", 13_000, 16_000)
    + b"\x03\1\x22\0\2\x11\1\3\x11\1"
    b"\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0",
    "PNG": b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 8_001, 10_000, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", b"")
    + _chunk(b"IEND", b""),
    "WEBP": b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"
    + (5_000).to_bytes(3, "little")
    + (4_999).to_bytes(3, "little")
    + bytes(10),
    "GIF": b"GIF89a" + struct.pack("<HH", 9_000, 9_000) + b"\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;",
    "BMP": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 9_000, 9_000, 1, 24, 0, 0, 1, 1, 0, 0),
    "TIFF": b"II*\0\x08\0\0\0\x05\0"
    + b"".join(
        struct.pack("<HHII", tag, 4, 1, value)
        for tag, value in ((256, 9_000), (257, 9_000), (262, 1), (273, 8), (279, 8))
    )
    + bytes(4),
    "PPM": b"P6 9000 9000 255\n",
    "PPM as text": b"P3 2000 2000 255\n1 2 3",
}


@pytest.mark.parametrize("format_", SIZES)
def test_each_format_has_a_limit_told_by_its_header(format_):
    with pytest.raises(ImageTooLargeError) as error:
        read_photo(SIZES[format_], name="huge")

    limit = formats.MAX_PIXELS[format_] // 1_000_000
    assert str(error.value).endswith(f"Accepted: up to {limit} million pixels of {format_}.")


def test_avif_has_a_limit_too():
    with pytest.raises(ImageTooLargeError, match="up to 25 million pixels of AVIF"):
        read_photo(_encode(_flat(6000, 4200), "AVIF", speed=10, quality=10))


def test_a_progressive_jpeg_is_judged_by_what_it_keeps_in_memory():
    """Its coefficients, 2 bytes each: of 4:4:4 half as many pixels are read as of 4:2:0."""

    def header(sampling):
        size = struct.pack(">HH", 8000, 8000)
        return (
            b"\xff\xd8\xff\xc2\0\x11\x08"
            + size
            + b"\x03\1"
            + sampling
            + b"\0\2\x11\1\3\x11\1\xff\xda\0\x0c\3"
        )

    with pytest.raises(ImageTooLargeError, match="up to 50 million pixels of progressive JPEG"):
        read_photo(header(b"\x11") + bytes(9))
    assert read_header(io.BytesIO(header(b"\x22") + bytes(9)), "JPEG").samples == 96_000_000


def test_a_file_too_large_is_not_read(tmp_path):
    path = tmp_path / "long.bmp"
    path.write_bytes(SIZES["BMP"])
    os.truncate(path, formats.MAX_BYTES + 1)  # a hole: no byte of it is on the disk

    with pytest.raises(ImageTooLargeError, match=r"The file is too large\. Received: long\.bmp, 256 MB"):
        read_photo(path)


def test_a_large_file_of_no_format_is_told_by_its_first_bytes(tmp_path, monkeypatch):
    path = tmp_path / "long.bin"
    path.touch()
    os.truncate(path, 20_000_000_000)

    with pytest.raises(NotAnImageError, match="not a picture we can read"):
        read_photo(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")
def test_a_file_without_an_end_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")

    for path in (tmp_path / "pipe.jpg", "/dev/zero"):
        with pytest.raises(NotAnImageError, match="not a file with an end"):
            read_photo(path)


ORDINARY = {
    "JPEG": {},
    "progressive": {"progressive": True},
    "grey": {},
    "PNG": {},
    "WEBP": {},
    "lossless": {"lossless": True},
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_pictures_are_decoded_here(kind, monkeypatch):
    monkeypatch.setattr(decoding, "POOL", None)
    format_ = {"progressive": "JPEG", "grey": "JPEG", "lossless": "WEBP"}.get(kind, kind)
    image = _flat(300, 200).convert("L" if kind == "grey" else "RGB")

    assert read_photo(_encode(image, format_, **ORDINARY[kind])).pixels.shape == (200, 300, 3)


def _not_ordinary():
    jpeg, png = _encode(_flat(30, 20), "JPEG"), _encode(_flat(30, 20), "PNG")
    moving = {"save_all": True, "append_images": [Image.new("RGB", (30, 20))]}
    return {
        "segments": jpeg[:2] + b"\xff\xe5\0\2" * 2000 + jpeg[2:],
        "bytes between markers": jpeg[:20] + b"\0" * 9 + jpeg[20:],
        "scans": _many_scans(1000),
        "two frames": jpeg[:2] + jpeg[jpeg.index(b"\xff\xc0") :][:19] + jpeg[2:],
        "chunks": png[:33] + _chunk(b"zzZz", b"") * 30_000 + png[33:],
        "moving PNG": _encode(_flat(30, 20), "PNG", **moving),
        "moving WebP": _encode(_flat(30, 20), "WEBP", **moving),
        "16 bits": _encode(Image.fromarray(np.ones((3, 4), np.uint16)), "PNG"),
    }


@pytest.mark.parametrize(("kind", "file"), _not_ordinary().items(), ids=_not_ordinary().keys())
def test_what_is_not_provably_ordinary_is_decoded_in_a_process_of_its_own(kind, file, monkeypatch):
    asked = []
    monkeypatch.setattr(DecoderPool, "decode", lambda self, *request: asked.append(request) or 1 / 0)

    with pytest.raises(ZeroDivisionError):
        read_photo(file)

    assert len(asked) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on processor time")
def test_a_thousand_scans_end_at_the_limit_of_time_and_the_next_picture_is_read(small_pool):
    with pytest.raises(ImageTooCostlyError) as error:
        read_photo(_many_scans(3000), name="scans.jpg")

    assert str(error.value) == (
        "Decoding the picture takes too much. Received: scans.jpg, a JPEG picture that takes longer. "
        "Accepted: what is decoded in 3 s of one core and 400 MB; an ordinary JPEG or PNG is."
    )
    assert read_photo(_encode(_flat(30, 20), "BMP")).pixels.shape == (20, 30, 3)


def test_a_clock_ends_what_the_limit_of_time_does_not(small_pool, monkeypatch):
    monkeypatch.setattr(small_pool, "seconds", 60)
    monkeypatch.setattr(decoder_pool, "PATIENCE", 0.01)

    with pytest.raises(ImageTooCostlyError, match="takes longer"):
        read_photo(_many_scans(3000))


@pytest.mark.skipif(sys.platform != "linux", reason="no limit on memory")
@pytest.mark.parametrize("format_", ["BMP", "TIFF", "PPM"])
def test_too_much_memory_is_refused_and_the_next_picture_is_read(format_, small_pool):
    with pytest.raises(ImageTooCostlyError, match=f"a {format_} picture that needs more memory"):
        read_photo(_encode(_flat(4000, 4000), format_))  # 64 MB decoded

    assert read_photo(_encode(_flat(1000, 1000), format_)).pixels.shape == (1000, 1000, 3)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_decoder_that_falls_over_takes_nothing_with_it(small_pool, monkeypatch):
    monkeypatch.setattr(small_pool, "seconds", 60)
    read_photo(_encode(_flat(30, 20), "BMP"))  # starts the process
    process = small_pool._idle[0]
    threading.Timer(0.3, process.send_signal, [signal.SIGSEGV]).start()

    with pytest.raises(NotAnImageError, match=r"damaged or cut off.*its decoder fell over it"):
        read_photo(_many_scans(3000))

    assert read_photo(_encode(_flat(30, 20), "BMP")).pixels.shape == (20, 30, 3)


def test_a_process_that_ended_while_idle_is_replaced(small_pool):
    file = _encode(_flat(30, 20), "BMP")
    read_photo(file)
    small_pool._idle[0].kill()
    small_pool._idle[0].wait()

    assert read_photo(file).pixels.shape == (20, 30, 3)


def test_a_process_is_kept(small_pool):
    kept = []
    for _ in range(3):
        read_photo(_encode(_flat(30, 20), "BMP"))
        kept.append([process.pid for process in small_pool._idle])

    assert kept[0] == kept[1] == kept[2]


def test_threads_get_their_own_pictures():
    files = [_encode(Image.new("RGB", (9 + i, 40), (i, 2 * i, 200)), "BMP") for i in range(24)]

    with ThreadPoolExecutor(6) as threads:
        photos = list(threads.map(read_photo, files))

    for i, photo in enumerate(photos):
        assert photo.pixels.shape == (40, 9 + i, 3)
        assert (photo.pixels == [i, 2 * i, 200]).all()


def test_a_gif_of_a_million_frames_is_read_without_counting_them():
    file = _encode(Image.new("P", (3, 2)), "GIF")
    frame = file[file.index(b",") : -1]

    photo = read_photo(file[:-1] + frame * 1_000_000 + b";")

    assert photo.notes == ("first_frame",)


def test_libtiffs_messages_do_not_reach_the_user(tmp_path):
    file = bytearray(_encode(_flat(300, 200), "TIFF", compression="tiff_lzw"))
    file[8:600] = bytes(592)  # of the compressed pixels
    path = tmp_path / "damaged.tif"
    path.write_bytes(file)
    code = """
import sys
from PIL import Image
from resnet_demo.photos.decoding import read_photo
try:
    Image.open(sys.argv[2]).load() if sys.argv[1] == "pillow" else read_photo(sys.argv[2])
except Exception as error:
    print(type(error).__name__)
"""

    def run(how):
        return subprocess.run(
            [sys.executable, "-c", code, how, path], capture_output=True, text=True, check=True
        )

    assert "tempfile.tif" in run("pillow").stderr  # libtiff's
    ours = run("ours")
    assert (ours.stdout, ours.stderr) == ("NotAnImageError\n", "")


def test_the_decoder_process_has_pillow_and_numpy_and_little_else():
    code = "import resnet_demo.photos.decoder_process, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert {"PIL.Image", "numpy"} <= set(loaded)
    assert not {"tensorflow", "keras", "gradio", "matplotlib", "scipy"} & set(loaded)


def test_limits_are_documented():
    page = (Path(__file__).resolve().parents[3] / "docs" / "photos.md").read_text("utf-8")
    for format_, pixels in formats.MAX_PIXELS.items():
        assert f"| {format_} | {pixels // 1_000_000} |" in page, format_
    assert f"{formats.MAX_SECONDS:g} s of one core" in page
    assert f"{formats.MAX_MEMORY // 10**6} MB" in page
    assert f"{formats.MAX_BYTES // 10**6} MB" in page
