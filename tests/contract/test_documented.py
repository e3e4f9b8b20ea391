"""README and docs/ tell of everything a user can call: commands, endpoints, tabs; each module says what it is."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_demo import errors
from resnet_demo.cli import build_parser
from resnet_demo.results.forms import FORMS
from resnet_demo.ui.api import endpoints
from resnet_demo.ui.page import TABS
from resnet_demo.views.messages.words import Words

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text("utf-8")
API = (ROOT / "docs/api.md").read_text("utf-8")
SOURCES = sorted((ROOT / "resnet_demo").rglob("*.py"))


def commands() -> list[str]:
    (action,) = (a for a in build_parser()._actions if a.choices)
    return list(action.choices)


@pytest.mark.parametrize("command", commands())
def test_each_command_is_documented(command):
    for text in (README, CHINESE, (ROOT / "docs/command-line.md").read_text("utf-8")):
        assert f"python -m resnet_demo {command}" in text


def test_each_endpoint_is_documented_and_no_other():
    names = {endpoint.name for endpoint in endpoints()}
    assert names == set(re.findall(r"^\| `/(\w+)` \|", API, re.M))
    assert names > FORMS.keys()  # each of the laboratory's measures, and those that take more than a class


@pytest.mark.parametrize(
    ("language", "text", "heading", "bold"),
    [
        ("en", README, "What it shows", r"^\*\*(.+?)\.\*\* \S"),
        ("zh", CHINESE, "它展示什么", r"^\*\*(.+?)。\*\*\S"),
    ],
)
def test_each_tab_is_a_heading_of_the_readme_and_no_other(language, text, heading, bold):
    """In the page's words and order."""
    shows = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    words = Words(language)
    assert re.findall(bold, shows, re.M) == [words(f"tab_{tab}") for tab in ("overview", *TABS)]


def test_each_error_is_in_the_tree_that_its_module_draws():
    drawn = set(re.findall(r"\b(\w+Error)\b", errors.__doc__))
    defined = {name for name in vars(errors) if name.endswith("Error")}
    assert drawn == defined
    for name in defined - {"ResNetDemoError"}:
        assert issubclass(getattr(errors, name), errors.ResNetDemoError)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_everything_public_says_what_it_is(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), path
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path}: {node.name}"


def test_nothing_is_called_utils():
    assert not [
        p for p in (ROOT / "resnet_demo").rglob("*") if re.search(r"utils?|helpers?|misc|common", p.stem)
    ]


@pytest.mark.parametrize("text", [README, CHINESE], ids=["en", "zh"])
def test_links_of_the_readme_lead_somewhere(text):
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def test_the_manual_builds_and_each_page_of_docs_is_in_its_list(tmp_path):
    """Strictly: no link in it leads nowhere."""
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path],
        cwd=ROOT,
        check=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    listed = re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M)
    assert {page.name for page in (ROOT / "docs").glob("*.md")} <= set(listed)
    assert "ledger" in (tmp_path / "quantities" / "index.html").read_text("utf-8")
