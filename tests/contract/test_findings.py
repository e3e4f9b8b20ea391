"""What is largest, and where, is found once, in `results/`; a view that looked again might find another."""

import ast
from pathlib import Path

import resnet_demo

PACKAGE = Path(resnet_demo.__file__).parent
# Not of the photo: where the walk's box stands at first, and which of two encodings is shorter.
OTHERS = {"views/learn/sum.py", "views/site/files.py"}


def looks(call: ast.Call) -> bool:
    """Whether a call looks for the largest or the smallest of several things, or for its place."""
    name = ast.unparse(call.func).rpartition(".")[2]
    return name.removeprefix("nan") in ("argmax", "argmin") or (
        name in ("max", "min") and any(keyword.arg == "key" for keyword in call.keywords)
    )


def test_no_view_looks_for_what_is_largest():
    found = set()
    for room in ("views", "cli"):
        for path in (PACKAGE / room).rglob("*.py"):
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            if any(isinstance(node, ast.Call) and looks(node) for node in nodes):
                found.add(path.relative_to(PACKAGE).as_posix())
    assert found == OTHERS
