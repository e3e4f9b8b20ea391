"""What a Hugging Face Space reads of us: the README's front matter and requirements.txt, and that they agree."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
REQUIREMENTS = [
    Requirement(line)
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
# import name: distribution name, where they differ
DISTRIBUTIONS = {"PIL": "pillow", "tf_keras_vis": "tf-keras-vis"}
# Guarded imports of what a user may have: torch to read its files, the rest by bench alone.
OPTIONAL = {"torch", "torchvision", "pytorch_grad_cam", "playwright"}


@pytest.fixture(scope="module")
def front_matter():
    return yaml.safe_load(README.split("---")[1])


def pinned(name: str) -> str:
    (specifier,) = next(r for r in REQUIREMENTS if r.name == name).specifier
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


def test_every_requirement_is_pinned_and_explained():
    for requirement in REQUIREMENTS:
        assert [s.operator for s in requirement.specifier] == ["=="], requirement
        assert re.search(rf"^\| [^|]*\b{re.escape(requirement.name)}\b[^|]* \| \S", README, re.M), (
            requirement.name
        )


def test_exactly_one_tensorflow_on_every_platform():
    flavours = [r for r in REQUIREMENTS if r.name in ("tensorflow", "tensorflow-cpu")]
    for platform, machine, expected in (
        ("linux", "x86_64", "tensorflow-cpu"),
        ("win32", "AMD64", "tensorflow-cpu"),
        ("linux", "aarch64", "tensorflow"),
        ("darwin", "arm64", "tensorflow"),
    ):
        environment = {"sys_platform": platform, "platform_machine": machine}
        assert [r.name for r in flavours if r.marker.evaluate(environment)] == [expected]


def test_every_import_is_a_requirement():
    required = {r.name.replace("-", "_") for r in REQUIREMENTS} | {"tensorflow"}
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
