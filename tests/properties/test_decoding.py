"""Whatever the bytes, `read_photo` gives a photo or an ImageError, and never warns."""

import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from resnet_demo.errors import ImageError
from resnet_demo.photos import decoding, formats


@pytest.fixture(autouse=True, scope="module")
def _small_pictures_only():
    """A changed byte can make the size enormous; those are refused here sooner, to be quick."""
    with pytest.MonkeyPatch.context() as patch:
        for format_ in formats.MAX_PIXELS:
            patch.setitem(formats.MAX_PIXELS, format_, 200_000)
        yield


def _files():
    pixels = np.random.default_rng(0).integers(0, 256, (23, 37, 3), np.uint8)
    colour, deep = Image.fromarray(pixels), Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = {"save_all": True, "append_images": [colour.rotate(180)]}
    kinds = [
        *((colour, format_, {}) for format_ in decoding.FORMATS),
        *((colour, format_, {"exif": exif}) for format_ in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")),
        *((colour, format_, frames) for format_ in ("GIF", "PNG", "WEBP", "MPO")),
        (colour.convert("CMYK"), "JPEG", {}),
        (colour.quantize(), "PNG", {"transparency": 3}),
        (colour, "TIFF", {"compression": "tiff_lzw"}),
        *((deep, format_, {}) for format_ in ("PNG", "TIFF")),
    ]
    files = []
    for image, format_, options in kinds:
        stream = io.BytesIO()
        image.save(stream, format_, **options)
        files.append(stream.getvalue())
    return files


FILES = _files()


def _require_photo_or_sentence(data):
    try:
        photo = decoding.read_photo(data, name="some.file")
    except ImageError as error:
        sentence = str(error)
    else:
        assert photo.pixels.dtype == np.uint8
        assert photo.pixels.ndim == 3
        assert photo.pixels.shape[2] == 3
        assert photo.pixels.size > 0
        return
    assert "Received: some.file" in sentence
    assert "Accepted: " in sentence


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes(data):
    _require_photo_or_sentence(data)


@given(st.sampled_from(FILES), st.floats(0, 1))
@settings(max_examples=150, deadline=None)
@example(FILES[0], 1)
def test_any_truncation(file, part):
    _require_photo_or_sentence(file[: int(len(file) * part)])


@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_any_changed_bytes(file, changes, in_the_header):
    data = bytearray(file)
    for layer, value in changes:
        data[layer % min(len(data), 80 if in_the_header else len(data))] = value
    _require_photo_or_sentence(bytes(data))


@given(st.lists(st.sampled_from(FILES), min_size=2, max_size=2), st.floats(0, 1))
@settings(max_examples=80, deadline=None)
def test_one_file_running_into_another(files, part):
    first, second = files
    _require_photo_or_sentence(first[: int(len(first) * part)] + second[int(len(second) * part) :])
