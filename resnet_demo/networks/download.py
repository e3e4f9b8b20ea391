"""The official Keras ImageNet file: where it may lie on this machine, and its download when it does not."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import socket
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
from huggingface_hub import constants as hub

# Keras does not export these two; a copy of them here could disagree with the Keras that is installed.
from keras.src.applications.resnet import BASE_WEIGHTS_PATH, WEIGHTS_HASHES
from tqdm import tqdm

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


def official_resnet50() -> RemoteFile:
    """Keras' own ResNet50 file with its classifier; RESNET_DEMO_WEIGHTS_URL names a mirror of its folder."""
    name = "resnet50_weights_tf_dim_ordering_tf_kernels.h5"
    base = os.environ.get("RESNET_DEMO_WEIGHTS_URL") or BASE_WEIGHTS_PATH
    return RemoteFile(name, f"{base.rstrip('/')}/{name}", md5=WEIGHTS_HASHES["resnet50"][0])


def cache_folders() -> tuple[Path, Path]:
    """Where Keras keeps downloaded weights, and where it does so when that folder cannot be written to."""
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    return home / "models", Path(tempfile.gettempdir()) / ".keras" / "models"


def places(name: str) -> list[Path]:
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
            "The file is not the one its name promises, or it was cut off. "
            f"Received: {str(path)!r} with MD5 {received}. Accepted: MD5 {md5}."
        )


def download(
    file: RemoteFile,
    *,
    progress: Progress | None = None,
    answer_seconds: float = ANSWER_SECONDS,
    silence_seconds: float = SILENCE_SECONDS,
) -> Path:
    """Download `file` with `keras.utils.get_file` into Keras' cache, whole and checked, or not at all.

    It is fetched into a folder of its own beside its final place and moved there once its hash is right, so
    whatever stops the download, the cache never holds half a file. Where Keras' cache cannot be written to, a
    temporary folder stands in for it.

    Args:
        file: what to fetch.
        progress: called with (bytes done, bytes in all or None) a few times a second, from another thread;
            without it a terminal shows a bar.
        answer_seconds: how long the server may take to answer at all.
        silence_seconds: how long the transfer may stand still.

    Returns:
        The file's path.

    Raises:
        DownloadError: no answer, an error from the server, or a transfer that broke off.
        HashMismatchError: a whole file came, but another one.
    """
    try:
        size = _ask_size(file.url, answer_seconds)
        with _staging_folder() as staging, _progress(file.name, progress) as report:
            path = staging / file.name
            with _socket_timeout(silence_seconds), _watch(path, size, report):
                _get_file(file, staging)
            return path.replace(staging.parent / file.name)
    except HashMismatchError:
        raise
    except Exception as error:  # what get_file raises for a failed fetch is a bare Exception
        raise DownloadError(
            "The weights could not be downloaded, and nothing was kept. "
            f"Received: {_cause(error)} from {file.url}."
        ) from error


def _ask_size(url: str, seconds: float) -> int | None:
    """Open `url` and hang up after its headers, to learn within `seconds` that it answers, and its size.

    In a thread of its own, because no socket timeout covers a name server that does not answer.
    """
    answers: list[int | Exception | None] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(url, timeout=seconds) as response:
                length = response.headers.get("Content-Length")
                answers.append(int(length) if length else None)
        except urllib.error.HTTPError as error:
            error.close()
            answers.append(error)
        except Exception as error:
            answers.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    answer = answers[0]
    if isinstance(answer, Exception):
        raise answer
    return answer


@contextlib.contextmanager
def _staging_folder() -> Iterator[Path]:
    """A new folder inside Keras' cache, or inside its stand-in; gone afterwards with what is left in it."""
    for folder in cache_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            staging = tempfile.TemporaryDirectory(prefix="download-", dir=folder)
            break
        except OSError as error:
            reason = error
    else:
        raise reason
    with staging as name:
        yield Path(name)


def _get_file(file: RemoteFile, folder: Path) -> None:
    """Keras' own download and hash check, kept off stdout, which belongs to the command line's results."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            keras.utils.get_file(file.name, file.url, cache_dir=folder, cache_subdir="", file_hash=file.md5)
    except ValueError as error:  # what get_file raises for another hash
        raise HashMismatchError(
            "The downloaded file is not the one its name promises, or was cut off, and was not kept. "
            f"Received: {file.name!r} with MD5 {digest(folder / file.name, 'md5')} from {file.url}. "
            f"Accepted: MD5 {file.md5}."
        ) from error


@contextlib.contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    """Give sockets opened meanwhile a timeout; get_file has no such argument and would wait for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def _watch(path: Path, total: int | None, report: Progress) -> Iterator[None]:
    """Report how large `path` has grown while the body runs, and the whole of it at its end."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            with contextlib.suppress(FileNotFoundError):
                report(path.stat().st_size, total)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    size = path.stat().st_size
    report(size, size)


@contextlib.contextmanager
def _progress(name: str, progress: Progress | None) -> Iterator[Progress]:
    """The caller's progress, or a bar on stderr where that is a terminal."""
    if progress:
        yield progress
        return
    with tqdm(desc=name, unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _cause(error: Exception) -> str:
    """What went wrong, in the system's words, on one line."""
    if type(error) is urllib.error.URLError and isinstance(error.reason, Exception):
        error = error.reason
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split())
