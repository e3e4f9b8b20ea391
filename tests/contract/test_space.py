"""What a Hugging Face Space reads of us, the README's front matter and requirements.txt, and that they agree.

requirements.txt is the lock of the ranges in pyproject.toml.
"""

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
LOCK = [
    Requirement(line)
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    if line and not line.lstrip().startswith("#")
]
RANGES = [
    Requirement(line)
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
]
SYSTEMS = [
    {
        "sys_platform": system,
        "platform_machine": machine,
        "python_full_version": f"{python}.1",
        "python_version": python,
    }
    for system, machine in (
        ("linux", "x86_64"),
        ("linux", "aarch64"),
        ("darwin", "arm64"),
        ("win32", "AMD64"),
    )
    for python in ("3.11", "3.12", "3.13")
]
# import name: distribution name, where they differ
DISTRIBUTIONS = {"sklearn": "scikit-learn", "PIL": "pillow", "tf_keras_vis": "tf-keras-vis"}
# Guarded imports of what a user may have: torch to read its files, the rest by bench alone.
OPTIONAL = {"ray", "pyarrow", "torch", "torchvision", "pytorch_grad_cam", "playwright"}


@pytest.fixture(scope="module")
def front_matter():
    return yaml.safe_load(README.split("---")[1])


def pinned(name: str) -> str:
    (specifier,) = next(r for r in LOCK if r.name == name).specifier
    assert specifier.operator == "=="
    return specifier.version


def test_the_front_matter_is_whole_and_agrees_with_the_pins(front_matter):
    assert front_matter["sdk"] == "gradio"
    assert front_matter["sdk_version"] == pinned("gradio")
    assert front_matter["python_version"] == "3.11"
    assert (ROOT / front_matter["app_file"]).is_file()
    assert (ROOT / front_matter["thumbnail"]).is_file()
    assert front_matter["license"] == "apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
    assert 0 < len(front_matter["short_description"]) <= 60  # the Hub's limit
    assert front_matter["suggested_hardware"] == "cpu-basic"
    colours = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {front_matter["colorFrom"], front_matter["colorTo"]} <= colours
    assert {"title", "emoji", "tags"} <= set(front_matter)


def test_every_requirement_is_a_range_and_explained():
    """By a comment behind it or, where the line is long, above it."""
    explained = re.findall(
        r"""^    (?:["']([\w.-]+).*["'],  # \S|# \S.*\n    ["']([\w.-]+))""",
        (ROOT / "pyproject.toml").read_text("utf-8"),
        re.M,
    )
    names = {one or other for one, other in explained}
    for requirement in RANGES:
        assert {s.operator for s in requirement.specifier} == {">=", "<"}, requirement
        assert requirement.name in names, requirement.name


def needed(distribution: str, extras: set[str]) -> list[Requirement]:
    """What an installed distribution itself asks for, with these extras."""
    asked = map(Requirement, metadata.requires(distribution) or [])
    return [
        r
        for r in asked
        if not r.marker or any(r.marker.evaluate({"extra": extra}) for extra in extras | {""})
    ]


def test_the_lock_is_whole_and_within_the_ranges():
    """Everything that is installed for the ranges, on this machine, has its pin, however deep it lies."""
    pins = {}
    for requirement in LOCK:
        (specifier,) = requirement.specifier
        assert specifier.operator == "=="
        if not requirement.marker or requirement.marker.evaluate():
            pins[canonicalize_name(requirement.name)] = specifier.version
    wanted = [r for r in RANGES if not r.marker or r.marker.evaluate()]
    seen = set()
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        assert name in pins, f"{requirement}: run `make lock`"
        assert requirement.specifier.contains(pins[name], prereleases=True), f"{requirement}: run `make lock`"
        if (name, *requirement.extras) not in seen:
            seen.add((name, *requirement.extras))
            wanted += needed(name, requirement.extras)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: "-".join([*system.values()][:3]))
def test_each_system_has_one_pin_a_package_and_one_tensorflow(system):
    here = [r.name for r in LOCK if not r.marker or r.marker.evaluate(system)]
    assert len(here) == len(set(here))
    cpu = (system["sys_platform"], system["platform_machine"]) in {("linux", "x86_64"), ("win32", "AMD64")}
    expected = ["tensorflow-cpu" if cpu else "tensorflow"]
    assert [name for name in here if name in ("tensorflow", "tensorflow-cpu")] == expected
    assert not {"torch", "tensorflow-gpu"} & set(here)
    assert {canonicalize_name(r.name) for r in RANGES if not r.marker} <= set(here)


def test_every_import_is_a_requirement():
    required = {r.name.replace("-", "_") for r in RANGES} | {"tensorflow"}
    for path in (*(ROOT / "resnet_demo").rglob("*.py"), ROOT / "app.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in (
                {n.split(".")[0] for n in names} - {"resnet_demo", "__future__"} - sys.stdlib_module_names
            ):
                distribution = DISTRIBUTIONS.get(name, name).replace("-", "_")
                assert distribution in required | OPTIONAL, f"{path}: {name}"


def test_no_part_of_the_weights_is_too_large_for_a_plain_push():
    for path in (ROOT / "resnet_demo" / "assets").rglob("*"):
        assert path.stat().st_size < 10_000_000, path
