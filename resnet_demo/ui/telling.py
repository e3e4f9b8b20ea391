"""How far a long answer has come, and that it may not take for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

import gradio as gr

from resnet_demo.errors import BusyError
from resnet_demo.ui.limits import limits


def teller(progress: gr.Progress | None, doing: str) -> Callable[[int, int], None]:
    """What a measure tells after each pass: the progress bar, and BusyError once it has run for too long."""
    latest = time.monotonic() + limits().run_seconds

    def tell(done: int, total: int) -> None:
        if time.monotonic() > latest:
            raise BusyError(
                "This takes too long. Received: {done} of {total} passes in {run_seconds} s. Accepted: "
                "fewer masks, or the same when the server has less to do.",
                done=done,
                total=total,
                run_seconds=limits().run_seconds,
            )
        if progress is not None:
            progress((done, total), desc=doing)

    return tell
