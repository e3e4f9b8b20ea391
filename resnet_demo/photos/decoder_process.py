"""The decoder process: reads requests from its standard input, writes pictures to its standard output, for ever.

It imports Pillow and NumPy alone and is not forked from a process with a network in it. `decoder_pool` starts and feeds
it; its argument is how many bytes of memory it has for one picture. A request is a line of JSON, then the file's bytes
unless it names a path; an answer is a line of JSON, then the pixels.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from contextlib import ExitStack
from typing import Any, BinaryIO

from resnet_demo.errors import ImageError, NotAnImageError, Phrase
from resnet_demo.photos.formats import ACCEPTED
from resnet_demo.photos.pillow_decoder import Picture, decode


def main() -> None:
    """Answer until the standard input ends, as it does when the parent ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a C library prints is no answer
    _limit_memory(int(sys.argv[1]))
    while line := requests.readline():
        request = json.loads(line)
        answer, picture = _answer(request, requests)
        answers.write(json.dumps(answer).encode() + b"\n")
        if picture is not None:
            answers.write(picture.pixels.data.cast("B"))
        answers.flush()
        del picture  # before the next one needs the memory


def _answer(request: dict[str, Any], requests: BinaryIO) -> tuple[dict[str, Any], Picture | None]:
    with ExitStack() as files:
        try:
            if request["path"] is None:
                stream: BinaryIO = io.BytesIO(requests.read(request["bytes"]))
            else:
                stream = files.enter_context(open(request["path"], "rb"))
            _limit_seconds(request["seconds"])
            picture = decode(stream, request["name"], request["format"], request["max_pixels"])
        except ImageError as error:
            return _as_json(error), None
        except OSError as error:  # it was there a moment ago
            unread = NotAnImageError(
                "The file cannot be read. Received: {name}, {reason}. Accepted: {accepted}.",
                name=request["name"],
                reason=error.strerror or str(error),
                accepted=ACCEPTED,
            )
            return _as_json(unread), None
        finally:
            _limit_seconds(0)
    return {
        "shape": picture.pixels.shape,
        "format": picture.format,
        "notes": picture.notes,
        "size": picture.size,
    }, picture


def _as_json(error: ImageError) -> dict[str, Any]:
    """The error as JSON; what of its values is a `Phrase` stands apart."""
    phrases = {name: value for name, value in error.values.items() if isinstance(value, Phrase)}
    values = {name: value for name, value in error.values.items() if name not in phrases}
    return {"error": type(error).__name__, "template": error.template, "values": values, "phrases": phrases}


def _limit_memory(more: int) -> None:
    """Let the address space grow by so many bytes and no more. On Linux; elsewhere there is no such limit."""
    if sys.platform == "linux":
        import resource

        # psutil reads the same file; its import would be a tenth of this process's start.
        with open("/proc/self/statm", encoding="ascii") as statm:
            now = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + more, now + more))


def _limit_seconds(seconds: float) -> None:
    """Die after so many seconds of processor time from now on; 0: never. On Windows the parent's clock alone counts."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF ends a process that does not ask for it


if __name__ == "__main__":
    main()
