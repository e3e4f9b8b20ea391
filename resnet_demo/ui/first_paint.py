"""The page in its visitor's language from the first paint on.

Gradio lays a page out once, for everybody. Here each language has its own layout data, made of the one by the `Texts`
of the page; who asks for the page gets the one of the address's `?lang=`, else of the browser's Accept-Language.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resnet_demo.ui.hosting.monitoring import MonitoredBlocks
from resnet_demo.ui.language import Texts, preferred_language
from resnet_demo.views.messages.words import LANGUAGES, Words

HTML_LANGUAGE = {"en": "en", "zh": "zh-Hans"}  # as HTML calls them; page.js says the same
_asked: ContextVar[str] = ContextVar("language", default="en")


class SpokenBlocks(MonitoredBlocks):
    """A page whose `config`, which the browser builds it from, is in the language of the request at hand."""

    def speak(self, texts: Texts, chooser: Any) -> None:
        """Once all is laid out: what is said where, and the component (one of them) that holds the language."""
        self.texts, self.chooser = texts, chooser

    @property  # type: ignore[override]
    def config(self) -> dict[str, Any]:
        """Gradio's, in English where nobody asks."""
        language = _asked.get()
        if language not in self._configs:
            self._configs[language] = self._in(language)
        return self._configs[language]

    @config.setter
    def config(self, english: dict[str, Any]) -> None:
        self._configs = {"en": english}

    def _in(self, language: str) -> dict[str, Any]:
        said = {c._id: values for c, values in self.texts.first_paint(language)}
        said[self.chooser._id]["value"] = language
        english = self._configs["en"]
        components = [
            one | {"props": one["props"] | said[one["id"]]} if one["id"] in said else one
            for one in english["components"]
        ]
        return english | {"components": components, "title": Words(language)("title")}


class FirstPaint:
    """ASGI middleware: notes in which language the page is asked for, and has its HTML say so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; of the page itself the answer's `lang` is written."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or path.rstrip("/") not in ("", "/config"):
            await self.app(scope, receive, send)
            return
        language = asked_language(scope)
        token = _asked.set(language)
        try:
            await self.app(scope, receive, _spoken(send, language) if path == "/" else send)
        finally:
            _asked.reset(token)


def asked_language(scope: Scope) -> str:
    """What `?lang=` says, where it is a language we have; else what the browser prefers."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [""])[-1]
    return asked if asked in LANGUAGES else preferred_language(Headers(scope=scope).get("accept-language"))


def _spoken(send: Send, language: str) -> Send:
    """The answer with `<html lang>` as it is spoken; it is held back until it is whole, since its length changes."""
    start: Message = {}
    body = b""

    async def sent(message: Message) -> None:
        nonlocal start, body
        if message["type"] == "http.response.start":
            start = message
            return
        body += message.get("body", b"")
        if message.get("more_body"):
            return
        headers = MutableHeaders(raw=start["headers"])
        if (
            headers.get("content-type", "").startswith("text/html")
            and "content-encoding" not in headers
            and body
        ):
            body = body.replace(b'lang="en"', f'lang="{HTML_LANGUAGE[language]}"'.encode(), 1)
            headers["content-length"] = str(len(body))
        headers["content-language"] = HTML_LANGUAGE[language]
        headers.add_vary_header("Accept-Language")
        await send(start)
        await send({**message, "body": body, "more_body": False})

    return sent
