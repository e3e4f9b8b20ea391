"""The addresses this server answers at. Every other one is "not found", whatever Gradio has behind it.

Gradio has some seventy routes, among them lists of private functions (/openapi.json, /monitoring), a reader of files
by address, a proxy, and routes that edit the app's own source. The page, Gradio's clients and MCP clients need these:
"""

from __future__ import annotations

import re

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from resnet_demo.errors import ImageError
from resnet_demo.ui.gate import admit

DOORS = {
    "GET": re.compile(
        r"""
        /                                            # the page, and what it is made of
        | /config/?
        | /(assets|static|svelte)/.+
        | (/gradio_api)?/theme\.css
        | /favicon\.ico | /manifest\.json | /robots\.txt
        | /gradio_api/info/?                         # the public endpoints
        | /gradio_api/queue/data                     # answers, as they come
        | /gradio_api/call/(v2/)?[^/]+/[^/]+
        | /gradio_api/heartbeat/[^/]+                # a session lives as long as this is open
        | /gradio_api/upload_progress
        | /gradio_api/app_id                         # after a lost connection: whether it is still the same server
        | /gradio_api/startup-events                 # Gradio's own launch asks for it
        | /gradio_api/mcp(/|/http/?|/sse/?|/schema/?)?
        """,
        re.VERBOSE,
    ),
    "POST": re.compile(
        r"""
        /gradio_api/upload
        | /gradio_api/(call|call/v2|run)/[^/]+/?
        | /gradio_api/queue/join
        | /gradio_api/cancel
        | /gradio_api/mcp(/|/http/?|/messages/?)?
        """,
        re.VERBOSE,
    ),
}
FILE = "/gradio_api/file="


class Doors:
    """ASGI middleware: 404 for all but `DOORS` and the files that the file gate lets out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 404."""
        if scope["type"] != "http" or _open(scope):
            await self.app(scope, receive, send)
        else:  # in Starlette's own words, so that nobody learns which addresses Gradio knows
            await JSONResponse({"detail": "Not Found"}, 404)(scope, receive, send)


def _open(scope: Scope) -> bool:
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    if method == "GET" and path.startswith(FILE):
        try:
            admit(path.removeprefix(FILE))
        except ImageError:
            return False
        return True
    return method in DOORS and DOORS[method].fullmatch(path) is not None
