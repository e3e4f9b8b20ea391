"""What a visitor is told whose request fails at its turn: one sentence in their language, and its code."""

import asyncio
import errno
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from resnet_demo.errors import BusyError
from resnet_demo.ui.gate import GatedBlocks
from resnet_demo.ui.photo_input import PhotoInput

BUSY = BusyError(
    "The server is busy; please try again a little later. Received: {n}. Accepted: {m}.", n=3, m=2
)


@pytest.fixture
def error_of():
    """Have a page's function raise an error, or answer about a photo, and get what Gradio is told."""

    async def asked(raised, public, language, photo):
        def answer(_photo):
            raise raised

        with GatedBlocks() as page:
            box = PhotoInput(label="photo", type="filepath")
            gr.Button().click(answer, box, None, api_visibility="public" if public else "private")
        request = SimpleNamespace(headers={"accept-language": language})
        with pytest.raises(gr.Error) as caught:
            await page.process_api(0, [photo], request=request)
        return caught.value

    def ask(raised, public, language, photo=None):
        return asyncio.run(asked(raised, public, language, photo))

    return ask


@pytest.mark.parametrize(
    ("raised", "code", "english", "chinese"),
    [
        (OSError(errno.ENOSPC, "full"), "storage", "cannot keep files now", "上传文件夹已满"),
        (ZeroDivisionError("of /secret/place"), "fault", "a fault of its own", "服务器自身的问题"),
    ],
    ids=["full disk", "fault"],
)
def test_what_is_no_error_of_ours_becomes_one(error_of, raised, code, english, chinese):
    error = error_of(raised, True, "en")
    assert (error.title, english in error.message) == (code, True)
    assert error.print_exception == (code == "fault")  # the log is told of what has to be mended
    error = error_of(raised, False, "zh-CN")
    assert (error.title, chinese in error.message) == ("没有成功", True)


def test_a_file_of_elsewhere_is_told_in_the_pages_language(error_of, monkeypatch):
    """By the gate, and, where a photo comes to its box by another way, by the box."""
    for _ in range(2):
        error = error_of(BUSY, True, "zh", {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}})
        assert error.title == "file_not_admitted"
        assert error.message.startswith("只读取上传到本服务器的照片")
        assert not error.print_exception
        monkeypatch.setattr("resnet_demo.ui.gate.admit_all", lambda value: None)
        monkeypatch.setattr(
            "gradio.processing_utils.async_move_files_to_cache",
            lambda value, *_, **__: asyncio.sleep(0, value),
        )


def test_nobody_is_told_a_traceback_of_ours(error_of):
    error = error_of(BUSY, True, "en")
    assert (error.title, error.message, error.print_exception) == ("busy", str(BUSY), False)
    assert Path(__file__).name not in error.message
