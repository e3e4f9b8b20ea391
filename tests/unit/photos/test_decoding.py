"""What a person would call a photo is read as they would expect; everything else gets one sentence."""

import io
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from PIL import Image

from resnet_demo.errors import ImageTooLargeError, NotAnImageError
from resnet_demo.networks.preprocessing import NAMED, to_batch
from resnet_demo.photos.decoding import Photo, photo_from_pixels, read_photo

ORIENTATION = 0x0112


def _picture(height=24, width=40):
    """Smooth, so that lossy formats keep it, and asymmetric: red to the right, green down, a blue corner."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(20, 250, width)
    pixels[..., 1] = np.linspace(10, 200, height)[:, np.newaxis]
    pixels[: height // 3, : width // 4, 2] = 220
    return pixels


def _encode(pixels, format_="PNG", mode=None, **options):
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    (image.convert(mode) if mode else image).save(stream, format_, **options)
    return stream.getvalue()


def _exif(orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def _png_header(width, height):
    """A whole PNG file of so many pixels, none of which is there: only its header can be read."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_formats_keep_every_pixel(format_):
    photo = read_photo(_encode(_picture(), format_))

    assert (photo.format, photo.notes) == (format_, ())
    assert photo.pixels.dtype == np.uint8
    np.testing.assert_array_equal(photo.pixels, _picture())


@pytest.mark.parametrize("format_", ["JPEG", "WEBP", "AVIF", "GIF"])
def test_lossy_formats_keep_the_picture(format_):
    photo = read_photo(_encode(_picture(), format_))

    assert photo.format == format_
    assert photo.pixels.shape == (24, 40, 3)
    assert np.abs(photo.pixels.astype(int) - _picture()).mean() < 12


def test_a_path_bytes_and_an_open_file_are_read_alike(tmp_path):
    path = tmp_path / "a picture.png"
    path.write_bytes(_encode(_picture()))

    with path.open("rb") as stream:
        photos = [read_photo(path), read_photo(str(path)), read_photo(path.read_bytes()), read_photo(stream)]

    assert [p.name for p in photos] == ["a picture.png", "a picture.png", "the picture", "the picture"]
    for photo in photos:
        np.testing.assert_array_equal(photo.pixels, _picture())
    assert read_photo(path, name="mine").name == "mine"


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_of_the_eight_orientations_is_turned_upright(orientation, format_):
    upright = _picture()
    stored = {  # how a camera held that way wrote it down; by the EXIF standard, where row 0 and column 0 are
        1: upright,  # top, left
        2: upright[:, ::-1],  # top, right
        3: upright[::-1, ::-1],  # bottom, right
        4: upright[::-1],  # bottom, left
        5: upright.transpose(1, 0, 2),  # left, top
        6: upright.transpose(1, 0, 2)[::-1],  # right, top
        7: upright.transpose(1, 0, 2)[::-1, ::-1],  # right, bottom
        8: upright.transpose(1, 0, 2)[:, ::-1],  # left, bottom
    }[orientation]

    photo = read_photo(_encode(np.ascontiguousarray(stored), format_, exif=_exif(orientation)))

    np.testing.assert_array_equal(photo.pixels, upright)
    assert photo.notes == (() if orientation == 1 else ("upright",))


@pytest.mark.parametrize("format_", ["JPEG", "WEBP", "AVIF"])
def test_photos_of_phones_are_turned_upright(format_):
    stored = np.ascontiguousarray(_picture().transpose(1, 0, 2)[::-1])

    photo = read_photo(_encode(stored, format_, exif=_exif(6)))

    assert photo.notes == ("upright",)
    assert photo.pixels.shape == (24, 40, 3)
    assert photo.pixels[2, 2, 2] > 150, "the blue corner is at the top left again"


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_there_is_not_turns_nothing(orientation):
    photo = read_photo(_encode(_picture(), exif=_exif(orientation)))

    assert photo.notes == ()
    np.testing.assert_array_equal(photo.pixels, _picture())


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_does_no_harm(format_):
    photo = read_photo(_encode(_picture(), format_, exif=b"Exif\0\0no such thing"))

    assert photo.pixels.shape == (24, 40, 3)
    assert photo.notes == ()


def test_greyscale():
    grey = _picture()[..., 0]

    photo = read_photo(_encode(grey))

    assert photo.notes == ("grayscale",)
    np.testing.assert_array_equal(photo.pixels, np.repeat(grey[..., np.newaxis], 3, axis=2))


def test_black_and_white():
    photo = read_photo(_encode(_picture(), mode="1"))

    assert photo.notes == ("grayscale",)
    assert set(np.unique(photo.pixels)) == {0, 255}


def test_palette():
    image = Image.fromarray(np.array([[0, 1, 2], [2, 2, 1]], np.uint8), "P")
    image.putpalette([255, 0, 0, 0, 90, 0, 1, 2, 3])

    photo = read_photo(_encode(image))

    assert photo.notes == ()
    np.testing.assert_array_equal(photo.pixels[0], [[255, 0, 0], [0, 90, 0], [1, 2, 3]])


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
def test_sixteen_bit(format_):
    deep = np.array([[0, 257, 25700], [65535, 128, 129]], np.uint16)

    photo = read_photo(_encode(deep, format_))

    assert photo.notes == ("sixteen_bit", "grayscale")
    np.testing.assert_array_equal(photo.pixels[..., 1], [[0, 1, 100], [255, 0, 1]])


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_wider_grey_is_scaled_from_its_own_range(dtype):
    photo = read_photo(_encode(np.array([[-1000, 0], [3000, 500]], dtype), "TIFF"))

    assert photo.notes == ("own_range", "grayscale")
    np.testing.assert_array_equal(photo.pixels[..., 0], [[0, 64], [255, 96]])


def test_a_flat_floating_point_picture_is_black():
    assert (read_photo(_encode(np.full((3, 4), 7.5, np.float32), "TIFF")).pixels == 0).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_floating_point_picture_without_numbers_is_refused(value):
    with pytest.raises(NotAnImageError, match="values that are not numbers"):
        read_photo(_encode(np.array([[value, 1, 2]], np.float32), "TIFF"))


def test_cmyk():
    photo = read_photo(_encode(_picture(), "TIFF", mode="CMYK"))

    assert photo.notes == ("cmyk",)
    np.testing.assert_allclose(photo.pixels.astype(int), _picture(), atol=1)


def test_alpha_is_laid_over_white():
    rgba = np.dstack([_picture(), np.full((24, 40), 255, np.uint8)])
    rgba[0, :, 3] = 0
    rgba[1, :, 3] = 51  # a fifth

    photo = read_photo(_encode(rgba))

    assert photo.notes == ("alpha_over_white",)
    assert (photo.pixels[0] == 255).all()
    np.testing.assert_allclose(photo.pixels[1], 0.8 * 255 + 0.2 * _picture()[1], atol=1)
    np.testing.assert_array_equal(photo.pixels[2:], _picture()[2:])


def test_a_transparent_palette_entry_is_white_too():
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    image.putpalette([9, 9, 9, 200, 0, 0])

    photo = read_photo(_encode(image, transparency=0))

    assert photo.notes == ("alpha_over_white",)
    np.testing.assert_array_equal(photo.pixels, [[[255, 255, 255], [200, 0, 0]]])


def test_grey_with_alpha_tells_both():
    assert read_photo(_encode(_picture(), mode="LA")).notes == ("grayscale", "alpha_over_white")


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animated_picture_the_first_frame_is_read(format_):
    frames = [Image.fromarray(np.full((6, 9, 3), grey, np.uint8)) for grey in (40, 120, 200)]

    photo = read_photo(_encode(frames[0], format_, save_all=True, append_images=frames[1:]))

    assert photo.notes == ("first_frame",)
    np.testing.assert_allclose(photo.pixels.astype(int), 40, atol=3)


def test_a_phones_second_picture_is_no_frame():
    second = Image.fromarray(_picture()[::-1].copy())

    photo = read_photo(_encode(_picture(), "MPO", save_all=True, append_images=[second]))

    assert (photo.format, photo.notes) == ("JPEG", ())
    assert photo.pixels[2, 2, 2] > 150


def test_a_single_pixel_is_a_photo():
    photo = read_photo(_encode(np.array([[[10, 20, 30]]], np.uint8)))

    batch = to_batch([photo], NAMED["caffe"])

    np.testing.assert_allclose(batch[0, 100, 50], [30 - 103.939, 20 - 116.779, 10 - 123.68], rtol=1e-6)


@pytest.mark.parametrize(
    ("width", "height", "received"),
    [
        (9000, 9000, "9000×9000 pixels"),
        (20000, 20000, "20000×20000 pixels"),
        (2**31 - 1, 2**31 - 1, "2147483647×2147483647 pixels"),
    ],
)
def test_a_picture_too_large_is_refused_by_its_header(width, height, received):
    tracemalloc.start()

    with pytest.raises(ImageTooLargeError) as error:
        read_photo(_png_header(width, height), name="huge.png")

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(error.value) == (
        f"The picture is too large. Received: huge.png, {received}. Accepted: up to 80 million pixels of PNG."
    )
    assert peak < 2_000_000, "nothing was decoded"


def test_a_large_picture_of_few_bytes_is_not_decoded(monkeypatch):
    squeezed = _encode(Image.new("L", (9500, 9500)), compress_level=1)

    def decoded(*_):
        raise AssertionError("it was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)

    assert len(squeezed) < 1_000_000
    with pytest.raises(ImageTooLargeError, match="9500×9500"):
        read_photo(squeezed)


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"<html></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.4",
        b"\0" * 500,
        b"P6 0 3 255\n",
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(NotAnImageError) as error:
        read_photo(data, name="notes.txt")

    assert str(error.value) == (
        "This is not a picture we can read. Received: notes.txt. "
        "Accepted: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, PPM."
    )


def test_formats_we_do_not_name_are_not_opened():
    with pytest.raises(NotAnImageError, match="not a picture we can read"):
        read_photo(_encode(_picture(), "ICO"))


@pytest.mark.parametrize("empty", [b"", io.BytesIO(b"")], ids=["bytes", "stream"])
def test_an_empty_file_is_refused(empty):
    with pytest.raises(NotAnImageError, match=r"The file is empty\. Received: nothing\.jpg, 0 bytes"):
        read_photo(empty, name="nothing.jpg")


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM"])
def test_a_truncated_picture_is_refused(format_):
    data = _encode(_picture(200, 300), format_)

    with pytest.raises(NotAnImageError, match=r"cut\.png") as error:
        read_photo(data[: len(data) // 2], name="cut.png")

    assert "Accepted: " in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(NotAnImageError, match=r"Received: gone\.png, No such file or directory"):
        read_photo(tmp_path / "gone.png")
    with pytest.raises(NotAnImageError, match="Is a directory"):
        read_photo(tmp_path)


def test_pixels_can_be_a_photo():
    photo = photo_from_pixels(_picture(), name="drawn")

    assert (photo.name, photo.format, photo.notes) == ("drawn", "array", ())
    np.testing.assert_array_equal(photo.pixels, _picture())


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 5), np.uint8),
        np.zeros((4, 5, 4), np.uint8),
        np.zeros((4, 5, 3)),
        np.zeros((0, 5, 3), np.uint8),
    ],
    ids=["grey", "four channels", "float", "none"],
)
def test_other_arrays_are_no_photo(pixels):
    with pytest.raises(NotAnImageError, match=r"Pixels are uint8 \(H, W, 3\), RGB. Received: "):
        photo_from_pixels(pixels)


def test_too_many_pixels_are_refused():
    pixels = np.broadcast_to(np.uint8(0), (9000, 9000, 3))

    with pytest.raises(ImageTooLargeError, match="9000×9000"):
        photo_from_pixels(pixels)


READ_ALL = """
import sys, warnings
from resnet_demo.photos.decoding import read_photo
if sys.argv[1] == "unfiltered":
    warnings.simplefilter("always")
read_photo(sys.argv[2])
"""


def test_pillows_warnings_do_not_reach_the_user(tmp_path):
    """In a process of its own, for pytest has filters of its own; without ours, this picture warns."""
    exif = Image.Exif()
    exif[0x010F] = "a maker's long name"
    path = tmp_path / "exif.jpg"
    path.write_bytes(_encode(_picture(), "JPEG", exif=exif.tobytes()[:-12]))  # cut off

    def said(filters):
        command = [sys.executable, "-c", READ_ALL, filters, path]
        return subprocess.run(command, capture_output=True, text=True, check=True).stderr

    assert said("ours") == ""
    assert said("unfiltered").count("Warning: ") == 1


def test_threads_that_decode_leave_the_filters_of_warnings_alone():
    before = list(warnings.filters)
    content = _encode(_picture(400, 600), "JPEG")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(read_photo, [content] * 200))

    assert warnings.filters == before


@pytest.mark.parametrize("preprocessing", ["caffe", "torch", "tf"])
def test_preprocessing_is_that_of_keras_applications(preprocessing):
    photos = [photo_from_pixels(_picture()), photo_from_pixels(_picture(31, 17)[::-1].copy())]
    before = [p.pixels.copy() for p in photos]

    batch = to_batch(photos, NAMED[preprocessing], (20, 30))

    resized = [Image.fromarray(p.pixels).resize((30, 20), Image.Resampling.BILINEAR) for p in photos]
    expected = keras.applications.imagenet_utils.preprocess_input(
        np.stack([np.array(image, np.float32) for image in resized]), mode=preprocessing
    )
    assert batch.shape == (2, 20, 30, 3)
    assert batch.dtype == np.float32
    np.testing.assert_allclose(batch, expected, rtol=0, atol=1e-5)
    for photo, pixels in zip(photos, before, strict=True):
        np.testing.assert_array_equal(photo.pixels, pixels)


def test_numbers_of_preprocessing_by_hand():
    photo = photo_from_pixels(np.full((5, 7, 3), [255, 0, 51], np.uint8))

    np.testing.assert_allclose(
        to_batch([photo], NAMED["caffe"])[0, 3, 3], [51 - 103.939, -116.779, 255 - 123.68], rtol=1e-6
    )
    np.testing.assert_allclose(
        to_batch([photo], NAMED["torch"])[0, 3, 3], [0.515 / 0.229, -0.456 / 0.224, -0.206 / 0.225], rtol=1e-5
    )


def test_the_whole_photo_is_resized_not_cropped():
    pixels = np.zeros((60, 200, 3), np.uint8)
    pixels[:, :20] = 255  # a tenth at the left edge

    batch = to_batch([Photo("wide", "array", pixels)], NAMED["torch"], (224, 224))

    white = batch[0, :, :, 0] > 1
    assert white.mean() == pytest.approx(0.1, abs=0.01)
    assert white[:, :20].all()
