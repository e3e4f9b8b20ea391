"""The file gate: every path that a request names passes here, on the API's endpoints and the page's own alike.

A caller writes whatever path it likes. One is let in only if this server wrote the file into its upload folder (an
upload, or an example picture that a visitor chose, which Gradio puts there) or ships it as an example; and only a
regular file that is no link and within the size limit. Gradio's own check is skipped where a caller leaves out the
file's `meta`, and it fetches addresses on other hosts: here both are refused before Gradio looks at them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.caching import CacheMissError
from gradio.exceptions import ComponentProcessingError
from gradio.utils import get_upload_folder

from resnet_demo.assets import EXAMPLES
from resnet_demo.errors import FaultError, FileNotAdmittedError, ImageTooLargeError, ResNetDemoError
from resnet_demo.ui.hosting.uploads import NO_ROOM, no_room
from resnet_demo.ui.limits import limits
from resnet_demo.ui.refusals import as_gradio_error

DEPTH = 8  # of lists and objects inside one argument


def admit(path: str) -> Path:
    """The file's own path, with no link in it, if this server may read it for a caller.

    Raises:
        FileNotAdmittedError: not an upload of this server nor one of its examples, or no regular file. The sentence
            is the same whether there is such a file or not.
        ImageTooLargeError: more than an upload may have.
    """
    try:
        written = Path(os.path.abspath(path))
        found = Path(path).resolve(strict=True)
        status = os.lstat(found)
    except (
        OSError,
        ValueError,
        RuntimeError,
    ) as error:  # ValueError: a null byte; RuntimeError: links in a circle
        raise _refusal() from error
    # The upload folder itself may be reached by a link (/tmp on macOS); below it there is none.
    uploads = Path(get_upload_folder()).absolute()
    uploaded = written.is_relative_to(uploads) and found == uploads.resolve() / written.relative_to(uploads)
    inside = uploaded or found.is_relative_to(EXAMPLES.resolve())
    if not inside or not stat.S_ISREG(status.st_mode):
        raise _refusal()
    most = limits().upload_bytes
    if status.st_size > most:
        raise ImageTooLargeError(
            "The file is too large. Received: {found}, {st_size:.1f} MB. Accepted: up to {most:g} MB.",
            found=found.name,
            st_size=status.st_size / 1000000.0,
            most=most / 1000000.0,
        )
    return found


def _refusal() -> FileNotAdmittedError:
    return FileNotAdmittedError(
        "A photo is read only if it was uploaded to this server. Received: a path that was not. "
        "Accepted: what /upload answers, or one of the examples."
    )


def admit_all(value: Any) -> None:
    """`admit` every path in one argument of a request, however deep; values without a path pass."""
    for path in _paths(value, DEPTH):
        if not isinstance(path, str):
            raise _refusal()
        admit(path)


def _paths(value: Any, depth: int) -> Iterator[Any]:
    if depth == 0:
        raise _refusal()
    if isinstance(value, dict):
        if value.get("path") is not None:
            yield value["path"]
        elif value.get("url") is not None:
            yield value["url"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            if isinstance(part, (dict, list)):
                yield from _paths(part, depth - 1)


class GatedBlocks(gr.Blocks):
    """A page whose every argument passes the gate before any component sees it, and whose every error is a sentence.

    What an input takes, where its component does not say it for every visitor (`ui/arguments.py`), is said by its id:

    Attributes:
        checks: of a text box: raises one of our errors for a text it does not take.
        choices: of a chooser: the values it has now.
        answering: what holds while a request of these inputs and values is looked at; it gives whether what is asked
            then is at hand.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.checks: dict[int, Callable[[str], Any]] = {}
        self.choices: Mapping[int, Callable[[], Iterable[Any]]] = {}
        self.answering: Callable[[Sequence[Any], Sequence[Any]], AbstractContextManager[bool]] = (
            lambda _inputs, _values: nullcontext(True)
        )

    def function_of(self, block_fn: Any) -> Any:
        """Gradio's function, of itself or of its number."""
        return self.fns[block_fn] if isinstance(block_fn, int) else block_fn

    async def process_api(self, block_fn: Any, *args: Any, **options: Any) -> dict[str, Any]:
        """As Gradio's; whatever goes wrong is told as one sentence of ours, in the request's language."""
        try:
            return await super().process_api(block_fn, *args, **options)
        except (gr.Error, CacheMissError):
            raise
        except Exception as error:
            raise as_gradio_error(_ours(error), self.function_of(block_fn), options.get("request")) from error

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> list[Any]:
        """As Gradio's, behind the gate."""
        admit_all(inputs)
        values: list[Any] = await super().preprocess_data(block_fn, inputs, state, explicit_call)
        return values

    async def postprocess_data(self, block_fn: Any, predictions: Any, state: Any) -> list[Any]:
        """As Gradio's for the page; what an endpoint gives is an answer already (`ui/answer_files.py`)."""
        function = self.function_of(block_fn)
        if function.api_visibility != "public":
            return await super().postprocess_data(block_fn, predictions, state)
        return [predictions] if len(function.outputs) == 1 else list(predictions)


def _ours(error: Exception) -> ResNetDemoError:
    """What the error is to who asked; an error of ours, once more, where Gradio put one of its own around it."""
    cause = error.__cause__ if isinstance(error, ComponentProcessingError) else error
    if isinstance(cause, ResNetDemoError):
        return cause
    if isinstance(cause, OSError) and cause.errno in NO_ROOM:
        return no_room()
    return FaultError("The server failed at this request, which is a fault of its own.")
