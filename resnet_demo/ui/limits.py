"""The one table of limits of a public server. README.md, "Limits", is this table; a test holds the two together.
How many pixels a photo may have is its format's business (`photos/`).

A host sets one by an environment variable of its name: RESNET_DEMO_HEAVY_QUEUE=4.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from resnet_demo.errors import OptionError

PREFIX = "RESNET_DEMO_"


def _limit(value: int, what: str, status: str) -> Any:
    return field(default=value, metadata={"what": what, "status": status})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a server takes on. Each field's metadata says what is limited, and the HTTP status beyond it."""

    upload_bytes: int = _limit(20_000_000, "bytes of an uploaded file", "413")
    body_bytes: int = _limit(1_000_000, "bytes of a request that is no upload", "413")
    text_letters: int = _limit(200, "letters of a text argument", "422")
    channels: int = _limit(64, "channels that one request of `/feature_maps` is given", "422")
    classes: int = _limit(1000, "classes that one request of `/classify` is given", "422")
    light_queue: int = _limit(48, "light requests that wait", "503")
    heavy_queue: int = _limit(24, "heavy requests that wait", "503")
    network_queue: int = _limit(4, "requests that wait for a network to be loaded, or to be built", "503")
    training_queue: int = _limit(1, "trainings in Learn that wait", "503")
    wait_seconds: int = _limit(10, "seconds that a request may be expected to wait", "503")
    run_seconds: int = _limit(30, "seconds that a request may run", "told in its answer")
    waiting_a_session: int = _limit(16, "requests of one session that wait or run", "429")
    waiting_an_address: int = _limit(32, "requests of one address that wait or run", "429")
    requests_a_minute: int = _limit(600, "requests of one address within a minute", "429")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """The table with what the host has set.

        Raises:
            OptionError: a limit that is no whole number from 1 on.
        """
        found = {}
        for limit in fields(cls):
            name = PREFIX + limit.name.upper()
            text = environment.get(name)
            if not text:
                continue
            if not (text.isascii() and text.isdecimal() and int(text)):
                raise OptionError(
                    "A limit is a whole number. Received: {name}={text}. Accepted: 1 or more.",
                    name=name,
                    text=text,
                )
            found[limit.name] = int(text)
        return cls(**found)

    def table(self) -> str:
        """The table as README.md has it."""
        lines = ["| limit | is | of | beyond it |", "|---|---|---|---|"]
        for limit in fields(self):
            value = f"{getattr(self, limit.name):,}"
            lines.append(
                f"| `{limit.name}` | {value} | {limit.metadata['what']} | {limit.metadata['status']} |"
            )
        return "\n".join(lines)


@cache
def limits() -> Limits:
    """The limits of this process."""
    return Limits.from_environment()
