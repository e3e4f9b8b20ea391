"""Imports go the ways that pyproject.toml, [tool.importlinter], allows; and those rules can be broken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint_imports(folder: Path) -> subprocess.CompletedProcess:
    """In a process of its own, whose package is that folder's."""
    code = "import sys, importlinter.cli as cli; sys.path.insert(0, ''); sys.exit(cli.lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_imports_go_one_way():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The package's code alone, somewhere else."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for path in (ROOT / "resnet_demo").rglob("*.py"):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("engine/engine.py", "from resnet_demo.ui import page", "Imports go one way"),
        ("views/axes.py", "from resnet_demo.networks import labels", "Views are drawn from results alone"),
        ("photos/decoding.py", "import keras", "TensorFlow is not needed"),
        ("measures/lab.py", "import gradio.themes", "Gradio is the page's"),
        ("cli/info.py", "from resnet_demo.ui import page", "The command line reaches the page"),
        ("ui/page.py", "import matplotlib.pyplot", "matplotlib is for files"),
        ("newroom/__init__.py", "", "Imports go one way"),
    ],
)
def test_each_rule_sees_an_arrow_the_other_way(copy, file, line, broken):
    """In a function, where it would come about late, as at the top."""
    path = copy / "resnet_demo" / file
    before = path.read_text("utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n\ndef late():\n    {line or 'pass'}\n")
    try:
        linted = lint_imports(copy)
        assert linted.returncode == 1
        assert any(row.startswith(broken) and " BROKEN" in row for row in linted.stdout.splitlines())
    finally:
        if before is None:
            shutil.rmtree(path.parent)
        else:
            path.write_text(before)
