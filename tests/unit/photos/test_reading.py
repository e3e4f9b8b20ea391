"""What phones, scanners and microscopes write is read, and what was done is said."""

import hashlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from resnet_demo.errors import HeicError, NotAnImageError
from resnet_demo.photos.decoding import Photo, photo_from_pixels, read_photo
from resnet_demo.photos.formats import sniff_format
from resnet_demo.photos.rendering import STRIP

ORIENTATION = 0x0112


def _noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def _encode(image, format_, **options):
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()


def _exif(orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def _chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png16(values):
    """A PNG of 16 bits a channel, which Pillow does not write: uint16 (h, w, channels)."""
    height, width, channels = values.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(*c) for c in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def _tiff16(values, order):
    """A TIFF of 16 bits a channel: uint16 (h, w, 3); order is "<" or ">"."""
    height, width, channels = values.shape
    data = values.astype(f"{order}u2").tobytes()
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, channels, 8 + 2 + 12 * 9 + 4),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 8 + 2 + 12 * 9 + 4 + 6),
        (277, 3, 1, channels),
        (278, 3, 1, height),
        (279, 4, 1, len(data)),
    ]
    directory = b"".join(
        struct.pack(f"{order}HHI", tag, kind, count)
        + (
            struct.pack(f"{order}HH", value, 0)
            if kind == 3 and count == 1
            else struct.pack(f"{order}I", value)
        )
        for tag, kind, count, value in entries
    )
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    bits = struct.pack(f"{order}HHH", 16, 16, 16)
    return head + struct.pack(f"{order}H", len(entries)) + directory + bytes(4) + bits + data


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_of_several_strips_is_turned_whole(orientation):
    pixels = _noise(901, 1203)  # neither divides into strips
    assert pixels[..., 0].size > 2 * STRIP
    file = _encode(Image.fromarray(pixels), "PNG", exif=_exif(orientation), compress_level=0)

    photo = read_photo(file)

    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file))))
    np.testing.assert_array_equal(photo.pixels, upright)
    assert photo.size == upright.shape[1::-1]


def test_alpha_over_several_strips():
    pixels = np.dstack([_noise(901, 1203), _noise(901, 1203, 1)[..., :1]])

    photo = read_photo(_encode(Image.fromarray(pixels), "PNG", compress_level=0))

    alpha = pixels[..., 3:] / 255.0
    np.testing.assert_allclose(photo.pixels, pixels[..., :3] * alpha + 255 * (1 - alpha), atol=1)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("format_", ["JPEG", "BMP"])
def test_a_very_large_picture_is_read_at_half_its_size(format_, orientation):
    """As phones of 108 megapixels write them; here of a little more than the limit, 25 million pixels."""
    stored = Image.new("RGB", (6001, 4203), (30, 140, 200))
    stored.paste((250, 20, 20), (0, 0, 1000, 600))  # red at the top left
    options = {"exif": _exif(orientation)} if format_ == "JPEG" else {}

    photo = read_photo(_encode(stored, format_, **options))

    turned = orientation == 6 and format_ == "JPEG"
    assert photo.notes == (("reduced", "upright") if turned else ("reduced",))
    assert photo.size == ((4203, 6001) if turned else (6001, 4203))
    assert photo.pixels.shape == ((3001, 2102, 3) if turned else (2102, 3001, 3))
    red = photo.pixels[100, -100] if turned else photo.pixels[100, 100]
    np.testing.assert_allclose(red.astype(int), [250, 20, 20], atol=6)
    np.testing.assert_allclose(photo.pixels[-50, 50].astype(int), [30, 140, 200], atol=6)


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}], ids=["", "progressive", "444"]
)
def test_a_jpeg_that_lacks_only_its_end_marker_is_read(options):
    file = _encode(Image.fromarray(_noise(61, 83)), "JPEG", quality=90, **options)
    assert file.endswith(b"\xff\xd9")

    photo = read_photo(file[:-2])

    assert photo.notes == ("no_end_marker",)
    np.testing.assert_array_equal(photo.pixels, read_photo(file).pixels)


@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["", "progressive"])
@pytest.mark.parametrize("missing", [6, 12, 40, 300, 2000])
def test_a_jpeg_that_lacks_pixels_too_is_refused(missing, options):
    file = _encode(Image.fromarray(_noise(61, 83)), "JPEG", quality=90, **options)

    with pytest.raises(NotAnImageError, match="damaged or cut off"):
        read_photo(file[:-missing])


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_fewer_bits_in_a_16_bit_png_are_not_shown_black(bits, channels):
    values = np.random.default_rng(bits).integers(0, 2**bits, (31, 47, channels)).astype(np.uint16)
    values[0, 0, 0] = 2**bits - 1
    if channels in (2, 4):
        values[..., -1] = 65535

    photo = read_photo(_png16(values))

    expected = np.rint(values[..., : 3 if channels > 2 else 1] * (255 / (2**bits - 1)))
    np.testing.assert_array_equal(photo.pixels, np.broadcast_to(expected, (31, 47, 3)))
    assert f"range_of_{bits}_bits" in photo.notes
    assert ("alpha_over_white" in photo.notes) == (channels in (2, 4))


@pytest.mark.parametrize("order", ["<", ">"])
def test_twelve_bits_in_a_16_bit_colour_tiff(order):
    values = np.random.default_rng(1).integers(0, 4096, (31, 47, 3)).astype(np.uint16)

    photo = read_photo(_tiff16(values, order))

    np.testing.assert_array_equal(photo.pixels, np.rint(values * (255 / 4095)))
    assert photo.notes == ("range_of_12_bits",)


def test_compressed_too():
    values = np.random.default_rng(1).integers(0, 4096, (31, 47)).astype(np.uint16)

    photo = read_photo(_encode(Image.fromarray(values), "TIFF", compression="tiff_lzw"))

    np.testing.assert_array_equal(photo.pixels[..., 0], np.rint(values * (255 / 4095)))
    assert photo.notes == ("range_of_12_bits", "grayscale")


def test_sixteen_bit_colour_that_uses_all_bits_keeps_its_high_bytes():
    values = np.random.default_rng(1).integers(0, 65536, (31, 47, 3)).astype(np.uint16)

    photo = read_photo(_png16(values))

    np.testing.assert_array_equal(photo.pixels, values >> 8)
    assert photo.notes == ("sixteen_bit",)


def test_a_black_picture_of_16_bits_is_black():
    assert (read_photo(_png16(np.zeros((5, 4, 3), np.uint16))).pixels == 0).all()
    assert (read_photo(_encode(Image.fromarray(np.zeros((5, 4), np.uint16)), "PNG")).pixels == 0).all()


def _box(major, *compatible):
    brands = major + bytes(4) + b"".join(compatible)
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + bytes(500)


@pytest.mark.parametrize("brands", [(b"heic",), (b"mif1", b"heic"), (b"heix", b"mif1"), (b"msf1", b"hevc")])
def test_heic_is_named_and_how_to_convert_it(brands):
    with pytest.raises(HeicError) as error:
        read_photo(_box(*brands), name="IMG_0001.HEIC")

    sentence = str(error.value)
    assert "HEIC" in sentence
    assert "Received: IMG_0001.HEIC" in sentence
    assert "JPEG" in sentence


def test_avif_in_a_general_box_is_avif():
    assert sniff_format(_box(b"mif1", b"avif")) == "AVIF"
    assert sniff_format(_box(b"isom", b"mp42")) is None


def test_the_digest_is_that_of_the_file(tmp_path):
    file = _encode(Image.fromarray(_noise(9, 7)), "PNG")
    (tmp_path / "a.png").write_bytes(file)
    expected = hashlib.sha256(file).hexdigest()

    assert [read_photo(source).digest for source in (file, io.BytesIO(file), tmp_path / "a.png")] == [
        expected
    ] * 3
    assert read_photo(_encode(Image.fromarray(_noise(9, 7)), "BMP")).digest != expected


def test_pixels_without_a_file_have_a_digest_of_their_own():
    digests = [
        photo_from_pixels(pixels).digest
        for pixels in (_noise(9, 7), _noise(8, 7), _noise(9, 7, 1), _noise(9, 7).reshape(7, 9, 3))
    ]

    assert len(set(digests)) == 4
    assert Photo("another name", "array", _noise(9, 7)).digest == digests[0]
