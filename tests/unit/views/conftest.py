"""Read back what was drawn: everything the renderers return is well-formed XML."""

import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest


@pytest.fixture
def with_class() -> Callable[[ET.Element, str], list[ET.Element]]:
    """All elements below one that have a class, in document order."""

    def find(root: ET.Element, name: str) -> list[ET.Element]:
        return [element for element in root.iter() if name in element.get("class", "").split()]

    return find


@pytest.fixture
def percent() -> Callable[[str], float]:
    """Read "12.5%" as 12.5."""

    def read(text: str) -> float:
        assert text.endswith("%")
        return float(text[:-1])

    return read
