"""Decoding under limits: a picture whose cost its header does not tell is decoded in a process of its own.

A few decoder processes are started when they are first needed and kept. One that takes too long, too much memory, or
falls over a damaged file ends alone, and the picture is refused. The limit on processor time holds on Linux and macOS,
that on memory on Linux; on every system a clock in this process ends what takes far too long.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from resnet_demo import errors
from resnet_demo.photos.formats import MAX_MEMORY, MAX_SECONDS
from resnet_demo.photos.pillow_decoder import Picture, damaged, too_costly

PROCESSES = 2  # each may hold one picture of up to 400 MB
PATIENCE = 5  # a busy machine may give a process a fifth of a core


class DecoderPool:
    """Decoder processes: started when first needed, kept.

    Args:
        processes: at most so many; who comes later waits.
        seconds: of one core, for one picture; on the clock, `PATIENCE` times as many.
        memory: bytes, for one picture.
    """

    def __init__(self, processes: int = PROCESSES, seconds: float = MAX_SECONDS, memory: int = MAX_MEMORY):
        self.seconds, self.memory = seconds, memory
        self._turns = threading.Semaphore(processes)
        self._idle: list[subprocess.Popen[bytes]] = []
        self._owner = os.getpid()
        atexit.register(self.close)

    def decode(self, source: Path | bytes, name: str, format_: str, max_pixels: int) -> Picture:
        """As `pillow_decoder.decode`, of a file or its bytes, in a decoder process.

        Raises:
            ImageTooCostlyError: it took more than `seconds` of one core, or more than `memory`.
            ImageError: as `pillow_decoder.decode`.
        """
        request = {
            "name": name,
            "format": format_,
            "max_pixels": max_pixels,
            "seconds": self.seconds,
            "path": str(source.absolute()) if isinstance(source, Path) else None,
            "bytes": len(source) if isinstance(source, bytes) else 0,
        }
        with self._turns:
            process = self._take()
            clock = threading.Timer(PATIENCE * self.seconds, process.kill)
            clock.start()
            try:
                answer, pixels = _ask(process, request, source if isinstance(source, bytes) else b"")
            except (OSError, EOFError, ValueError):
                raise _reason(_end(process), name, format_) from None
            except BaseException:
                _end(process)  # it is in the middle of an answer
                raise
            finally:
                clock.cancel()
            self._idle.append(process)
        if "error" in answer:
            phrases = {name: errors.Phrase(text) for name, text in answer["phrases"].items()}
            raise getattr(errors, answer["error"])(answer["template"], **answer["values"] | phrases)
        return Picture(
            pixels, answer["format"], tuple(answer["notes"]), (answer["size"][0], answer["size"][1])
        )

    def close(self) -> None:
        """End the idle processes."""
        while self._owner == os.getpid() and self._idle:
            _end(self._idle.pop())

    def _take(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # forked: the processes are the parent's
            self._idle, self._owner = [], os.getpid()
        while self._idle:
            process = self._idle.pop()
            if process.poll() is None:
                return process
            _end(process)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "resnet_demo.photos.decoder_process", str(self.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libtiff and others talk
            env=os.environ
            | {
                "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
                "OPENBLAS_NUM_THREADS": "1",  # whose stacks would count as memory
                "MALLOC_ARENA_MAX": "1",
                "MALLOC_MMAP_THRESHOLD_": str(
                    1 << 20
                ),  # pictures go back to the system, not to a heap with holes
            },
        )


def _ask(
    process: subprocess.Popen[bytes], request: dict[str, Any], data: bytes
) -> tuple[dict[str, Any], Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request).encode() + b"\n")
    process.stdin.write(data)
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())  # ValueError where there is none
    if "error" in answer:
        return answer, None
    pixels = np.empty(answer["shape"], np.uint8)
    _fill(process.stdout, pixels.data.cast("B"))
    return answer, pixels


def _fill(stream: IO[bytes], buffer: memoryview) -> None:
    while len(buffer):
        count = stream.readinto(buffer)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        buffer = buffer[count:]


def _end(process: subprocess.Popen[bytes]) -> int:
    """Its exit code: its own, if it had ended before."""
    process.kill()
    code = process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):  # what it did not read any more
                pipe.close()
    return code


def _reason(code: int, name: str, format_: str) -> errors.ImageError:
    """Why a process ended without an answer."""
    slow = {-signal.SIGPROF, -signal.SIGKILL} if sys.platform != "win32" else {1}
    if code in slow:
        return too_costly(name, format_, errors.Phrase("takes longer"))
    return damaged(name, errors.Phrase("its decoder fell over it"))


POOL = DecoderPool()
