"""Write docs/architecture.md: which room imports which, as the code has it.

python tools/draw_architecture.py
"""

import ast
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "resnet_demo"
TEXT = """# Architecture

Each room of `resnet_demo/` knows one thing. An arrow means "imports", the number beside it how many modules of the
one import a module of the other. Arrows point down only: `pyproject.toml`, `[tool.importlinter]`, has the rules,
`make check` keeps them, and `make architecture` draws this picture anew from the code.

```mermaid
flowchart TD
{arrows}
```

| room | what it knows | modules | lines |
|---|---|---:|---:|
{sizes}

The analysis re-wires the Keras graph once: BatchNorm is folded into the convolutions, every addition becomes
S + gate·F, and sums leave TensorFlow instead of activations.
`benchmarks/`, `tools/` and `tests/` are not in the package.

## Before and after

Python at `85d54d6^`, the last commit before these rooms were built, and at `1efefee`:

| | files before | lines before | files after | lines after |
|---|---:|---:|---:|---:|
| `resnet_demo/` without the bench | 110 | 12238 | 315 | 33050 |
| the bench: `resnet_demo/bench/`, then `benchmarks/` | 10 | 644 | 14 | 1129 |
| `tests/` | 91 | 11893 | 183 | 24582 |
| `tools/` | 22 | 1969 | 18 | 1559 |
| the longest file of the package | `ui/words.py` | 683 | `engine/engine.py` | 379 |

The second pair of columns also holds what came since: people's own networks, the atlas, the lessons, the server's
limits and watch. The counts of a folder at a commit are

    git ls-tree -r --name-only COMMIT FOLDER/ | grep -c '\\.py$'
    git archive COMMIT FOLDER | tar xO --wildcards '*.py' | wc -l
"""


def rooms(graph: grimp.ImportGraph) -> list[str]:
    """The package's immediate parts, by name: folders, and modules that others import."""
    return sorted(
        child.removeprefix(f"{PACKAGE}.")
        for child in graph.find_children(PACKAGE)
        if not child.endswith(".__main__")
    )


def modules_of(graph: grimp.ImportGraph, room: str) -> set[str]:
    """The room itself and every module in it."""
    return {f"{PACKAGE}.{room}", *graph.find_descendants(f"{PACKAGE}.{room}")}


def arrows(graph: grimp.ImportGraph) -> list[str]:
    """One mermaid line for each two rooms of which one imports the other."""
    names = rooms(graph)
    lines = []
    for importer in names:
        for imported in names:
            inside = modules_of(graph, imported)
            pairs = {
                module
                for module in modules_of(graph, importer)
                if graph.find_modules_directly_imported_by(module) & inside
            }
            if pairs and importer != imported:
                lines.append(f"    {importer} -->|{len(pairs)}| {imported}")
    return lines


def sizes(graph: grimp.ImportGraph) -> list[str]:
    """One table row a room: what its own docstring says of it, its modules and their lines."""
    rows = []
    for room in rooms(graph):
        folder = ROOT / PACKAGE / room
        files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
        lines = sum(len(path.read_text("utf-8").splitlines()) for path in files)
        own = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
        docstring = ast.get_docstring(ast.parse(own.read_text("utf-8"))) or ""
        rows.append(f"| `{room}` | {docstring.splitlines()[0]} | {len(files)} | {lines} |")
    return rows


def text() -> str:
    """The whole of docs/architecture.md."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    return TEXT.format(arrows="\n".join(arrows(graph)), sizes="\n".join(sizes(graph)))


if __name__ == "__main__":
    (ROOT / "docs" / "architecture.md").write_text(text(), "utf-8")
