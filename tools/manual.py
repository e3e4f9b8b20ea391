"""Hooks of mkdocs: some files that do not lie in docs/ are pages of the manual, so that each text stands once."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = (
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "resnet_demo/results/schema/analysis.schema.json",
    "resnet_demo/assets/weights/README.md",
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add them, flat."""
    for name in OUTSIDE:
        files.append(File.generated(config, in_manual(name), abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Links that lead out of docs/, or into it from outside, lead to where the manual has those files."""
    markdown = markdown.replace("](docs/", "](")
    for name in OUTSIDE:
        markdown = re.sub(rf"\]\((\.\./)?{re.escape(name)}", f"]({in_manual(name)}", markdown)
    return markdown


def in_manual(name: str) -> str:
    """Where the manual has a file of the project."""
    return "model-card.md" if name.endswith("weights/README.md") else PurePosixPath(name).name
