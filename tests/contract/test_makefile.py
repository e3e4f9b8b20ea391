"""What the Makefile installs for the tests is what pyproject.toml says, never gigabytes of CUDA; lint comes first."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]


def torch_of(system: str, folder: Path) -> Requirement:
    """What `make setup-dev` asks pip for on a system, whose `uname` says its name."""
    uname = folder / "uname"
    uname.write_text(f"#!/bin/sh\necho {system}\n")
    uname.chmod(0o755)
    printed = subprocess.run(
        ["make", "--dry-run", "--always-make", "setup-dev"],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (line,) = (line for line in printed.splitlines() if "install_torch.sh" in line)
    return Requirement(line.split('"')[1])


def test_pypis_build_for_linux_is_not_what_is_asked_for(tmp_path):
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (pinned,) = (Requirement(line).specifier for line in declared["torch"])
    version = next(iter(pinned)).version
    linux, elsewhere = torch_of("Linux", tmp_path), torch_of("Darwin", tmp_path)
    assert elsewhere.specifier == pinned
    assert linux.specifier == SpecifierSet(f"=={version}+cpu")
    assert not linux.specifier.contains(version)  # PyPI's: it has no versions with a + in them
    assert pinned.contains(f"{version}+cpu")


def test_lint_comes_before_the_tests():
    """What answers in seconds is asked first, by whoever runs everything."""
    asked = re.findall(r"^make (\S+)", (ROOT / ".ci/run").read_text("utf-8"), re.M)
    assert asked == ["lint", "test", "check"]
    for target in (*asked, "test-fast", "coverage", "lock", "wheel", "architecture"):
        assert re.search(rf"^{target}:.* ## \S", (ROOT / "Makefile").read_text("utf-8"), re.M), target
