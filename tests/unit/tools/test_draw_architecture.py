"""The picture of the imports: what a small package imports, and what the one in docs/ shows."""

import re
import sys
from pathlib import Path

import grimp
import pytest

from tools import draw_architecture

DOCS = Path(__file__).resolve().parents[3] / "docs" / "architecture.md"


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Three rooms: two modules of `top` import `below`, one of them twice; `alone` imports nothing."""
    files = {
        "__init__.py": "",
        "top/__init__.py": "",
        "top/a.py": "from smallpackage.below import b\nfrom smallpackage import below\n",
        "top/c.py": "def late():\n    import smallpackage.below.b\n",
        "below/__init__.py": "",
        "below/b.py": "import os\n",
        "alone.py": "",
    }
    for name, content in files.items():
        path = tmp_path / "smallpackage" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(draw_architecture, "PACKAGE", "smallpackage")
    yield grimp.build_graph("smallpackage", cache_dir=None)
    sys.modules.pop("smallpackage", None)


def test_arrows_count_the_modules_that_import(small):
    assert draw_architecture.rooms(small) == ["alone", "below", "top"]
    assert draw_architecture.arrows(small) == ["    top -->|2| below"]


def test_the_picture_in_docs_has_every_room():
    """Its numbers may be of yesterday; a room that it lacks, or has too many, is wrong."""
    graph = grimp.build_graph("resnet_demo", cache_dir=None)
    assert re.findall(r"^\| `(\w+)` \|", DOCS.read_text("utf-8"), re.M) == draw_architecture.rooms(graph)
