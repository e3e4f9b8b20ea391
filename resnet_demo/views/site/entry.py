"""What a site remembers of each photo once its page is written."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from resnet_demo.results.blocks import Kind
from resnet_demo.results.classes import Label
from resnet_demo.results.dossier import Dossier

BLOCK_COLUMNS = ("ratio", "novelty", "closed_gates", "lesion", "ledger")


@dataclass(frozen=True)
class Entry:
    """One photo.

    Attributes:
        slug: its address.
        name: its file's.
        index, label, probability: the top class.
        own: the index of the class that it shows; None where that is not known.
        blocks: of each block the numbers `BLOCK_COLUMNS`; None where one is not defined or was not measured.
    """

    slug: str
    name: str
    index: int
    label: Label
    probability: float
    own: int | None
    blocks: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class SiteBlock:
    """A block as its page names it."""

    name: str
    kind: Kind
    shape: tuple[int, int, int]


def entry_of(found: Dossier, slug: str) -> Entry:
    """What is remembered of a photo; which class it shows is not known yet."""
    top = found.ranked[0]
    return Entry(
        slug,
        found.analysis.image.name,
        top.index,
        top.label,
        top.probability,
        None,
        tuple(
            (
                block["ratio"],
                block["novelty"],
                block["closed_gates"],
                block.get("lesion", {}).get("logit_change"),
                block.get("ledger"),
            )
            for block in found.numbers["blocks"]
        ),
    )


def slug_of(name: str, content: bytes) -> str:
    """A photo's address: its file's name in small letters, and a digest of what is in it, so that it stays the same."""
    letters = slug_of_class(name.rsplit(".", 1)[0])[:60].strip("-") or "photo"
    return f"{letters}-{hashlib.sha256(content).hexdigest()[:8]}"


def slug_of_class(name: str) -> str:
    """A name as an address: its letters and digits, in small, a hyphen for whatever is between them."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
