"""Which photos of a site are finished, in a file beside its index, so that a run that was killed goes on."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from resnet_demo.results.classes import Label
from resnet_demo.views.site.entry import Entry


class FinishedPages:
    """The photos that are done, by address: a line each, written as soon as the photo's page is.

    Args:
        path: the file; one of other work, or of another version, is begun anew.
        key: what the work is, but for its photos: the network and the options.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self._entries: dict[str, Entry] = {}
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        if lines[:1] != [key]:
            path.write_text(f"{key}\n", "utf-8")
        for line in lines[1:] if lines[:1] == [key] else ():
            try:
                entry = _entry(json.loads(line))
            except (ValueError, TypeError, KeyError):  # the line that was being written
                continue
            if (path.parent / "photos" / f"{entry.slug}.html").is_file():
                self._entries[entry.slug] = entry

    def find(self, slug: str) -> Entry | None:
        """What is remembered of a photo; None where it is to be done."""
        return self._entries.get(slug)

    def add(self, entry: Entry) -> None:
        """The photo's page is written."""
        if entry.slug in self._entries:
            return
        self._entries[entry.slug] = entry
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")

    def remove(self) -> None:
        """The site is whole."""
        self.path.unlink(missing_ok=True)


def _entry(found: dict[str, Any]) -> Entry:
    blocks = tuple(tuple(numbers) for numbers in found.pop("blocks"))
    return Entry(**found | {"label": Label(**found["label"]), "blocks": blocks})
