"""The upload folder, in which uploads and the pictures of answers lie: where it is, and when what is deleted.

A file is deleted some minutes after the last session that has to do with it has ended, and at a day's age in any case,
whoever left it there: what a server leaves behind that was killed is cleared away by the next one.
"""

from __future__ import annotations

import errno
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resnet_demo.errors import OptionError, StorageError
from resnet_demo.ui.refusals import refusal

SESSIONS = 10_000
DAY = 86400.0  # seconds that a file is kept at most
FAREWELL = "RESNET_DEMO_FAREWELL_SECONDS"
FAREWELL_SECONDS = 600.0  # after a session's end, for a phone that looked away for a moment comes back
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


def prepare_upload_folder() -> Path:
    """Set up this server's upload folder: GRADIO_TEMP_DIR, or one of its own that only this user can read.

    Raises:
        OptionError: it cannot be written to, or belongs to somebody else.
    """
    try:
        if not os.environ.get("GRADIO_TEMP_DIR"):
            mine = Path(tempfile.gettempdir()).resolve() / f"resnet-explorer-{_user()}"
            mine.mkdir(mode=0o700, exist_ok=True)
            if mine.is_symlink() or mine.stat().st_uid != _user():
                raise PermissionError(f"{mine} belongs to somebody else")
            os.environ["GRADIO_TEMP_DIR"] = str(mine)
        folder = Path(os.environ["GRADIO_TEMP_DIR"])
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(4096))
    except OSError as error:
        raise OptionError(
            "The folder for uploads cannot be written to ({reason}). Received: GRADIO_TEMP_DIR={folder}. "
            "Accepted: a folder with room that this user may write to.",
            reason=error.strerror or error,
            folder=os.environ.get("GRADIO_TEMP_DIR", ""),
        ) from error
    return folder


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def sweep(folder: Path, age: float = DAY) -> None:
    """Delete the files in `folder` that have been there for more than `age` seconds, and folders left empty."""
    limit = time.time() - age
    for path in sorted(folder.rglob("*"), reverse=True):  # what is inside comes first
        with suppress(OSError):  # another server of this user's may be at it too
            if path.lstat().st_ctime < limit:
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


class SessionFiles:
    """Which files of the upload folder belong to which of the last `SESSIONS` sessions."""

    def __init__(self, page: gr.Blocks) -> None:
        self._page = page
        self._lock = threading.Lock()
        self._files: dict[str, set[str]] = {}
        self._ended: dict[str, float] = {}  # when, by time.monotonic

    def note(self, session: str, value: Any) -> None:
        """Whatever file is named in `value`, an argument or an answer, belongs to the session, which is alive."""
        with self._lock:
            self._ended.pop(session, None)
            self._files.setdefault(session, set()).update(_paths(value))
            while (
                len(self._files) > SESSIONS
            ):  # of sessions that nobody ever ended: age is left to delete their files
                self._files.pop(next(iter(self._files)))

    def end(self, session: str) -> None:
        """The session has ended, or so it seems."""
        with self._lock:
            self._ended[session] = time.monotonic()

    def delete_ended(self, farewell: float | None = None) -> list[str]:
        """Delete the files of the sessions that ended more than `farewell` seconds ago and did not come back.

        Returns those sessions.
        """
        if farewell is None:
            farewell = float(os.environ.get(FAREWELL) or FAREWELL_SECONDS)
        limit = time.monotonic() - farewell
        with self._lock:
            over = [session for session, ended in self._ended.items() if ended <= limit]
            for session in over:
                del self._ended[session]
                for path in self._files.pop(session, ()):
                    if not any(path in others for others in self._files.values()):
                        self._delete(path)
        return over

    def _delete(self, path: str) -> None:
        shown = (getattr(block, "keep_in_cache", ()) for block in self._page.blocks.values())
        if not Path(path).is_relative_to(get_upload_folder()) or any(path in kept for kept in shown):
            return
        with suppress(OSError):
            os.unlink(path)
            os.rmdir(os.path.dirname(path))
        for known in self._page.temp_file_sets:  # Gradio's lists of what to delete some day
            known.discard(path)


def _paths(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("path"), str):
            yield os.path.abspath(value["path"])
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _paths(part)


def no_room() -> StorageError:
    """What is told to who would need a file written, where that fails with one of `NO_ROOM`."""
    return StorageError(
        "The server cannot keep files now: its upload folder is full or cannot be written to."
    )


class Storage:
    """ASGI middleware: where the upload folder takes nothing more, an upload is told so, with status 507."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except OSError as error:
            if begun or error.errno not in NO_ROOM:
                raise
            full = no_room()
            print(f"{full} {error.strerror}", flush=True)
            await refusal(full, Request(scope))(scope, receive, send)
