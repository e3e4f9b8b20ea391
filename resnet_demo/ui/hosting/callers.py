"""Whose request it is, by its address: what limits and turns count by.

A tool's call (MCP) becomes a request of this server to itself. It brings the address of the one who called the tool, in
a header that nobody else can write: with it goes a secret that this process made when it started.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

from starlette.requests import Request

HEADER = "x-resnet-demo-caller"
_SECRET = secrets.token_hex(32)


def address_of(request: Request) -> str:
    """Whose request it is. Behind a proxy that the server trusts (FORWARDED_ALLOW_IPS), the one it names."""
    return _behind_a_tool(request) or (request.client.host if request.client else "")


def is_a_tools(request: Request) -> bool:
    """Whether this server makes the request to itself, for the caller of a tool."""
    return bool(_behind_a_tool(request))


def _behind_a_tool(request: Request) -> str:
    secret, _, caller = request.headers.get(HEADER, "").partition(" ")
    return caller if hmac.compare_digest(secret.encode(), _SECRET.encode()) else ""


def on_behalf_of(request: Request, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request that this server makes to itself for `request`.

    X-Forwarded-For is left out: it would be believed, for it comes from this machine.
    """
    kept = {name: value for name, value in headers.items() if name.lower() not in ("x-forwarded-for", HEADER)}
    return kept | {HEADER: f"{_SECRET} {address_of(request)}"}
