"""Imports go one way: ui, cli -> views, measures -> engine -> networks, graph, photos -> errors.

Heavy packages stay in their rooms.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "resnet_demo"

BELOW = {"errors", "assets", "graph", "networks", "photos", "engine", "measures"}
ROOMS = {
    "errors": set(),
    "assets": set(),
    "photos": {"errors"},
    "graph": {"errors"},
    "networks": {"errors", "assets", "graph", "photos"},
    "engine": {"errors", "graph", "networks", "photos"},
    "measures": BELOW,
    "views": {"errors"},
    "ui": BELOW | {"views"},
    "cli": BELOW | {"views"},
}
FORBIDDEN = {
    "tensorflow": {"views", "photos"},
    "keras": {"views", "photos"},
    "gradio": ROOMS.keys() - {"ui"},
    "matplotlib": ROOMS.keys() - {"views", "cli"},
}


def imported(path: Path) -> set[str]:
    """Every module a file imports, wherever in the file it does so."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def rooms_entered(path: Path) -> set[str]:
    parts = [name.split(".") for name in imported(path)]
    return {p[1] for p in parts if p[0] == "resnet_demo" and len(p) > 1 and p[1] in ROOMS}


FILES = sorted(p for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE or p.stem in ROOMS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_imports_only_what_its_room_may(path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert room in ROOMS, f"{path}: a room this test does not know"
    assert rooms_entered(path) <= ROOMS[room] | {room}
    outside = {name.split(".")[0] for name in imported(path)}
    assert not {package for package, rooms in FORBIDDEN.items() if room in rooms} & outside


def test_the_rule_sees_an_arrow_the_other_way(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from resnet_demo.ui import page\n    import gradio.themes\n")
    assert rooms_entered(wrong) == {"ui"}
    assert "gradio.themes" in imported(wrong)
