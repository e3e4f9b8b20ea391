"""One file of weights: where it may lie on this machine, and its download when it does not."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pooch
import requests
from huggingface_hub import constants as hub
from rich import progress as bars
from rich.console import Console

from resnet_demo.errors import DownloadError, HashMismatchError

Progress = Callable[
    [int, int | None], None
]  # (bytes done, bytes in all or None where the server does not tell)

ANSWER_SECONDS = 5.0  # the server must have answered by then, name resolution included
SILENCE_SECONDS = 20.0  # a transfer that stands still for so long has been cut off


@dataclass(frozen=True)
class RemoteFile:
    """A file to download: its name, where it is, and the MD5 Keras publishes for it."""

    name: str
    url: str
    md5: str


def cache_folders() -> tuple[Path, Path]:
    """Where Keras keeps downloaded weights, and where it does so when that folder cannot be written to."""
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    return home / "models", Path(tempfile.gettempdir()) / ".keras" / "models"


def local_copies(name: str) -> list[Path]:
    """Every existing file called `name` in Keras' cache and in any repository of the Hub's cache.

    A Space fills the Hub's cache with `preload_from_hub`; from which repository is all one: the hash decides.
    """
    preloaded = sorted(Path(hub.HF_HUB_CACHE).glob(f"models--*/snapshots/*/**/{name}"))
    return [path for path in (*(folder / name for folder in cache_folders()), *preloaded) if path.is_file()]


def digest(path: Path, algorithm: str) -> str:
    """The file's "sha256" or "md5", as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def require_hash(path: Path, md5: str) -> None:
    """HashMismatchError, naming the file, unless its MD5 is `md5`."""
    received = digest(path, "md5")
    if received != md5:
        raise HashMismatchError(
            "The file is not the one its name promises, or it was cut off. Received: {path!r} with MD5 "
            "{received}. Accepted: MD5 {md5}.",
            path=str(path),
            received=received,
            md5=md5,
        )


def download(
    file: RemoteFile,
    *,
    progress: Progress | None = None,
    answer_seconds: float = ANSWER_SECONDS,
    silence_seconds: float = SILENCE_SECONDS,
) -> Path:
    """Download `file` with pooch into Keras' cache, whole and checked, or not at all.

    It is written beside its final place and moved there once its hash is right, so whatever stops the download, the
    cache never holds half a file. Where Keras' cache cannot be written to, a temporary folder stands in for it.

    Args:
        file: what to fetch.
        progress: called with (bytes done, bytes in all or None) for every 64 kB; without it a terminal shows a bar.
        answer_seconds: how long the server may take to answer at all.
        silence_seconds: how long the transfer may stand still.

    Returns:
        The file's path.

    Raises:
        DownloadError: no answer, an error from the server, or a transfer that broke off.
        HashMismatchError: a whole file came, but another one.
    """
    pooch.get_logger().setLevel("WARNING")  # it tells of each fetch on stderr
    try:
        _require_answer(file.url, answer_seconds)
        with _progress(file.name, progress) as report:
            http = pooch.HTTPDownloader(
                progressbar=_Counter(report), chunk_size=2**16, timeout=(answer_seconds, silence_seconds)
            )

            def fetch(url: str, path: str, _: Any) -> None:
                http(url, path, None)
                size = os.path.getsize(path)
                report(size, size)
                _require_own_hash(file, Path(path))

            known = f"md5:{file.md5}"
            return Path(pooch.retrieve(file.url, known, file.name, _writable_folder(), downloader=fetch))
    except HashMismatchError:
        raise
    except (OSError, requests.RequestException, TimeoutError) as error:
        raise DownloadError(
            "The weights could not be downloaded, and nothing was kept. Received: {reason} from {url}.",
            reason=_cause(error),
            url=file.url,
        ) from error


def _require_answer(url: str, seconds: float) -> None:
    """Open `url` and hang up after its headers, to learn within `seconds` that it answers.

    In a thread of its own, because no socket timeout covers a name server that does not answer.
    """
    answers: list[Exception | None] = []

    def ask() -> None:
        try:
            with requests.get(url, stream=True, timeout=seconds) as response:
                response.raise_for_status()
            answers.append(None)
        except Exception as error:
            answers.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    # Which of the two clocks ends first, the thread's or the socket's, is chance: both mean the same.
    if not answers or isinstance(answers[0], requests.Timeout):
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    if answers[0]:
        raise answers[0]


def _writable_folder() -> Path:
    """Keras' cache, or its stand-in; OSError where neither can be written to."""
    for folder in cache_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            return folder
        except OSError as error:
            reason = error
    raise reason


def _require_own_hash(file: RemoteFile, path: Path) -> None:
    received = digest(path, "md5")
    if received != file.md5:
        raise HashMismatchError(
            "The downloaded file is not the one its name promises, or was cut off, and was not kept. "
            "Received: {file!r} with MD5 {received} from {url}. Accepted: MD5 {md5}.",
            file=file.name,
            received=received,
            url=file.url,
            md5=file.md5,
        )


@dataclass
class _Counter:
    """What pooch takes for a progress bar: it adds up the bytes and reports them."""

    report: Progress
    total: int = 0
    done: int = field(default=0, init=False)

    def update(self, size: int) -> None:
        self.done += size  # of the last piece, too, the size of a whole one
        self.report(min(self.done, self.total or self.done), self.total or None)

    def reset(self) -> None:  # pooch's way to end: back to nothing, then all of it
        self.done = 0

    def close(self) -> None:
        pass


@contextlib.contextmanager
def _progress(name: str, progress: Progress | None) -> Iterator[Progress]:
    """The caller's progress, or a bar on stderr where that is a terminal."""
    if progress:
        yield progress
        return
    columns = (bars.TextColumn(name), bars.BarColumn(), bars.DownloadColumn(), bars.TransferSpeedColumn())
    with bars.Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _cause(error: BaseException) -> str:
    """What went wrong, on one line: in the system's words where it was the system that said so."""
    deepest: BaseException | None = error
    while deepest:
        if said := getattr(deepest, "strerror", None):
            return str(said)
        deepest = deepest.__cause__ or deepest.__context__
    return " ".join(str(error).split()) or type(error).__name__
