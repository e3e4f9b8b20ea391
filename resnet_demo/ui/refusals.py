"""How one of our errors is told to who asked: its sentence in their language, its code, and its HTTP status.

This is the only place that words an error for Gradio's clients, for MCP's and for any other caller.
"""

from __future__ import annotations

import re
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from resnet_demo.errors import (
    ArgumentError,
    FaultError,
    ImageTooLargeError,
    RequestError,
    RequestTooLargeError,
    ResNetDemoError,
    StorageError,
    TooManyRequestsError,
    TooManyWaitingError,
)
from resnet_demo.ui.hosting.callers import is_a_tools
from resnet_demo.ui.language import preferred_language
from resnet_demo.views.messages.words import Words

UPLOAD = re.compile(r"/gradio_api/upload/?$")
AGAIN = (429, 503)  # with Retry-After
CODE = "X-Error-Code"  # of a refused upload, whose body is the sentence alone
# The statuses of which Gradio's own client keeps no body, and so no code, as it is told for a tool.
KEPT = {422: 400, 503: 429}


def refusal(error: ResNetDemoError, request: Request) -> Response:
    """The error as an answer: its status, and its sentence in the language that the request asks for.

    Gradio's own clients read a 422 as a list of what is wrong, so it is one; `error` holds the sentence for all others,
    and `code` the error's code.
    """
    status = status_of(error)
    if is_a_tools(request):
        status = KEPT.get(status, status)
    sentence = _words_of(request).error(error)
    headers = (
        {"Retry-After": str(error.retry_after)} if isinstance(error, RequestError) and status in AGAIN else {}
    )
    if UPLOAD.search(request.url.path):  # the page shows an upload's answer as it is
        return PlainTextResponse(sentence, status, headers | {CODE: error.code})
    detail: Any = sentence
    if status == 422:
        named = re.match(r"`(\w+)`", str(error))
        name = named[1] if named else "request"
        detail = [{"__type__": "validate", "is_valid": False, "parameter_name": name, "message": sentence}]
    return JSONResponse({"error": sentence, "code": error.code, "detail": detail}, status, headers)


def status_of(error: ResNetDemoError) -> int:
    """The HTTP status of one of our errors."""
    if isinstance(error, (RequestTooLargeError, ImageTooLargeError)):
        return 413
    if isinstance(error, (TooManyRequestsError, TooManyWaitingError)):
        return 429
    if isinstance(error, StorageError):
        return 507
    if isinstance(error, FaultError):
        return 500
    return 503 if isinstance(error, RequestError) and not isinstance(error, ArgumentError) else 422


def as_gradio_error(error: ResNetDemoError, function: Any, request: Any) -> gr.Error:
    """The error of a request that had its turn, as Gradio tells it; of a fault of ours alone the log is told too.

    Args:
        error: ours.
        function: Gradio's function that was asked. To a caller of the API, the error's code is its title.
        request: Gradio's or Starlette's; None where there is none.
    """
    words = _words_of(request)
    title = error.code if function.api_visibility == "public" else words("error_title")
    return gr.Error(words.error(error), title=title, print_exception=isinstance(error, FaultError))


def with_code(error: ResNetDemoError, request: Request) -> str:
    """The error as a tool's answer, which is one text: as Gradio writes a title before a sentence."""
    return f"{error.code}: {_words_of(request).error(error)}"


def _words_of(request: Any) -> Words:
    """The words of the language that a request asks for; the page asks for the one that it is in (page.js)."""
    return Words(preferred_language(request.headers.get("accept-language") if request else None))
