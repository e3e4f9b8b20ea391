"""The door: what a request is worth is told before it waits, and in its language.

One ASGI middleware looks at every request that asks for work or brings a file. Beyond a limit (`ui/limits.py`) it is
answered at once with the right status and one sentence; what passes is handed on as it came.

    413  an upload or a body too large          422  no such endpoint, or an argument that it does not take
    429  too many within a minute, or waiting   503  the queue is full (both with Retry-After)

Who has how much waiting is told by the queue itself (`ui/lanes.py`), which raises the last two.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resnet_demo.errors import (
    ArgumentError,
    Phrase,
    RequestTooLargeError,
    ResNetDemoError,
    TooManyRequestsError,
)
from resnet_demo.ui.arguments import completed, require_arguments
from resnet_demo.ui.gate import admit_all
from resnet_demo.ui.hosting.callers import address_of
from resnet_demo.ui.limits import limits
from resnet_demo.ui.refusals import UPLOAD, refusal

MULTIPART = 100_000  # bytes that a form may have beside its file
ADDRESSES = 10_000  # whose last minute is remembered

# Where Gradio takes work: by an endpoint's name, or by a function's number in the body.
BY_NAME = re.compile(r"/gradio_api/call/(?P<name>[^/]+)/?$")
BY_NUMBER = re.compile(
    r"/gradio_api/(?:queue/join|(?:run|api)/(?P<name>[^/]+))/?$"
)  # or by name, without a number
KEYWORDS = re.compile(r"/gradio_api/call/v2/(?P<name>[^/]+)/?$")
WAYS = (BY_NAME, BY_NUMBER, KEYWORDS)


class Admission:
    """The middleware; `page` is the one whose functions are asked for."""

    def __init__(self, app: ASGIApp, page: Any) -> None:
        self.app = app
        self.page = page
        self._seen: dict[str, deque[float]] = {}  # by address: when it asked, within the last minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or refuse it."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            if UPLOAD.search(path):
                self._require_rate(address_of(request))
                _require_length(request)
                send = _say_too_large(request, send)
            elif match := next(filter(None, (way.search(path) for way in WAYS)), None):
                self._require_rate(address_of(request))
                body = await _read(request, receive)
                receive = _again(self._admitted(match, body), receive)
            await self.app(scope, receive, send)
        except ResNetDemoError as error:  # of the queue, which answers before anything is sent
            await refusal(error, request)(scope, receive, send)

    def _require_rate(self, address: str) -> None:
        now, most = time.monotonic(), limits().requests_a_minute
        times = self._seen.pop(address, deque())
        while times and times[0] < now - 60:
            times.popleft()
        self._seen[address] = times  # the last to be forgotten
        while len(self._seen) > ADDRESSES:
            self._seen.pop(next(iter(self._seen)))
        if len(times) >= most:
            raise TooManyRequestsError(
                "There are too many requests from this address within a minute. Received: "
                "{count_of_times}. Accepted: ≤ {most}.",
                count_of_times=len(times) + 1,
                most=most,
            )
        times.append(now)

    def _admitted(self, match: re.Match[str], body: bytes) -> bytes:
        """The body, completed; ArgumentError unless it asks one of the page's functions with arguments it takes."""
        try:
            asked = json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ArgumentError(
                "A request is JSON, without NaN or infinity. Received: {body!r}, {count_of_body} bytes. "
                'Accepted: {{"data": [...]}}.',
                body=body[:40],
                count_of_body=len(body),
            ) from error
        name = match.groupdict().get("name")
        if match.re is KEYWORDS:
            self._require_keywords(name or "", asked)
            return body
        _require_shape(asked)
        function = self._function(name, asked.get("fn_index") if match.re is BY_NUMBER else None)
        given = asked["data"]
        asked["data"] = completed(function, given)
        require_arguments(function, asked["data"], self.page)
        admit_all(asked.get("event_data"))
        if function.collects_event_data and not isinstance(asked.get("event_data"), dict):
            raise ArgumentError(
                "This function answers to a click. Received: no `event_data`. Accepted: an object with what was hit."
            )
        return body if len(asked["data"]) == len(given) else json.dumps(asked).encode()

    def _function(self, name: str | None, number: int | None) -> Any:
        """Gradio's function of that number, or of that name."""
        functions = self.page.fns
        if number is not None:
            found = functions.get(number)
        else:
            found = next((f for f in functions.values() if f.api_name == name and name), None)
        if found is None or found.fn is None:
            raise self._unknown(name if number is None else number)
        return found

    def _require_keywords(self, name: str, asked: Any) -> None:
        """Of /call/v2, where the body is the arguments by their names."""
        if not isinstance(asked, dict):
            raise ArgumentError(
                'A request is an object. Received: {asked!r:.60}. Accepted: {{"top": 3}}.',
                asked=asked,
            )
        function = self._function(name, None)
        if function.api_visibility != "public":
            raise self._unknown(name)
        names = [block.label for block in function.inputs]
        for key in asked.keys() - set(names):
            raise ArgumentError(
                "There is no such argument. Received: {key!r:.60}. Accepted: {names}.",
                key=key,
                names=", ".join(names),
            )
        data = [asked.get(block.label, block.value) for block in function.inputs]
        require_arguments(function, data, self.page)

    def _unknown(self, name: Any) -> ArgumentError:
        public = ", ".join(f.api_name for f in self.page.fns.values() if f.api_visibility == "public")
        return ArgumentError(
            "There is no such endpoint. Received: {name!r:.60}. Accepted: {public}.",
            name=name,
            public=public,
        )


def _require_length(request: Request) -> None:
    """An upload says how long it is, and is no longer than it may be; it is not read to find out."""
    most = limits().upload_bytes
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > most + MULTIPART:
        size = f"{int(length) / 1e6:.1f} MB" if length.isdecimal() else "?"
        raise _too_large(size)


def _too_large(size: str) -> RequestTooLargeError:
    return RequestTooLargeError(
        "The upload is too large. Received: {size}. Accepted: ≤ {upload_bytes:g} MB.",
        size=size,
        upload_bytes=limits().upload_bytes / 1000000.0,
    )


def _say_too_large(request: Request, send: Send) -> Send:
    """Gradio's own refusal of a file within the form, in our words."""
    refused = False

    async def say(message: Message) -> None:
        nonlocal refused
        if message["type"] == "http.response.start" and message["status"] == 413:
            refused = True
            size = int(request.headers["content-length"])
            await refusal(_too_large(f"{size / 1e6:.1f} MB"), request)(request.scope, request.receive, send)
        elif not refused:
            await send(message)

    return say


async def _read(request: Request, receive: Receive) -> bytes:
    """The body, as far as a request may go."""
    most = limits().body_bytes
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > most or int(request.headers.get("content-length", 0)) > most:
            raise RequestTooLargeError(
                "The request is too large. Received: > {most:,} bytes. Accepted: ≤ {most:,}.",
                most=most,
            )
    return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Receive what was read once more, then what comes after it."""
    read = False

    async def once_more() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once_more


def _require_shape(asked: Any) -> None:
    """The fields of Gradio's own body, of the types it expects."""
    if not isinstance(asked, dict) or not isinstance(asked.get("data"), list):
        raise ArgumentError(
            'A request has a list `data`. Received: {asked!r:.60}. Accepted: {{"data": [...]}}.',
            asked=asked,
        )
    kinds: dict[str, type] = {
        "fn_index": int,
        "trigger_id": int,
        "session_hash": str,
        "event_id": str,
        "oauth_token": str,
    }
    for key, kind in kinds.items():
        value = asked.get(key)
        if value is None:
            continue
        if (
            not isinstance(value, kind)
            or isinstance(value, bool)
            or (kind is str and not 0 < len(str(value)) <= 64)
        ):
            accepted = Phrase("a whole number") if kind is int else Phrase("1 to 64 letters")
            raise ArgumentError(
                "`{key}` is of another kind. Received: {value!r:.60}. Accepted: {accepted}.",
                key=key,
                value=value,
                accepted=accepted,
            )
    for key in ("simple_format", "batched"):
        if asked.get(key) not in (None, False) and not (key == "simple_format" and asked[key] is True):
            raise ArgumentError(
                "`{key}` is of another kind. Received: {asked!r:.60}. Accepted: false.",
                key=key,
                asked=asked[key],
            )


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
