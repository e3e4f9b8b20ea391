"""Files that are no photo get one sentence, in the page's language, and leave no traceback."""

import struct
import zlib

import pytest

pytestmark = pytest.mark.browser


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is and has nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.fixture
def bad_files(tmp_path, ball):
    """Each bad file with a part of what is said of it in English and in Chinese."""
    contents = {
        "words.png": (b"these are words", "not a picture we can read", "无法读取"),
        "vast.png": (
            png_header(20000, 20000),
            "20000×20000 pixels. Accepted: up to 80 million pixels of PNG",
            "图片太大",
        ),
        "half.jpg": (ball.read_bytes()[:20000], "damaged or cut off", "已损坏或不完整"),
    }
    for name, (data, *_) in contents.items():
        (tmp_path / name).write_bytes(data)
    return {tmp_path / name: said for name, (_, *said) in contents.items()}


@pytest.mark.parametrize("chinese", [False, True], ids=["english", "chinese"])
def test_a_bad_file_gets_one_sentence(visit, server, bad_files, ball, chinese):
    visitor = visit(chinese=chinese)
    page = visitor.page
    for path, said in bad_files.items():
        page.set_input_files("#photo input[type=file]", path)
        alert = page.locator("[role=alert]:visible", has_text=path.name)
        alert.wait_for()
        visitor.settled()
        assert said[chinese] in alert.inner_text()
        assert ("Accepted" in alert.inner_text()) != chinese
        assert page.locator(".re-panel:visible").count() == 0
        page.get_by_label("Remove Image").or_(page.get_by_label("Clear")).or_(
            page.get_by_label("清除")
        ).first.click()
        page.locator("[role=alert]:visible").wait_for(state="detached")
    visitor.photo(ball)  # and the page works on
    assert page.locator(".rx-river [data-block]").count() == 16
    assert "Traceback" not in server.output()


def test_a_bad_second_photo_is_told_where_it_was_given(visit, bad_files, ball):
    visitor = visit()
    visitor.photo(ball)
    visitor.tab("compare", "#by-class .rx-waterfall")
    visitor.page.set_input_files("#other-photo input[type=file]", next(iter(bad_files)))
    visitor.page.locator("#both-photos [role=alert]").wait_for()
    assert visitor.page.locator("#by-class .rx-waterfall").is_visible()
    assert visitor.page.locator("#other-photo").is_visible()
