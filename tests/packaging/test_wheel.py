"""The wheel, installed in an empty environment away from the checkout, predicts and serves.

The environment holds what the wheel asks for, at the versions of requirements.txt, and nothing else. uv fills it in a
second out of its cache, and the first time in as long as the registry takes to send TensorFlow.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "resnet_demo"

pytestmark = pytest.mark.slow


def run(*command, **options) -> subprocess.CompletedProcess:
    result = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=200, check=False, **options
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy, so that neither the checkout gains a folder nor an old one's files get in."""
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(PACKAGE, source / "resnet_demo", ignore=shutil.ignore_patterns("__pycache__", "*.pyi"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", source / "dist", source)
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Iterator[Path]:
    """The `bin` of an environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("environment")
    uv = [sys.executable, "-m", "uv"]
    run(*uv, "venv", "--clear", "--python", sys.executable, folder)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    install = [*uv, "pip", "install", "--python", scripts / "python", wheel, "-c", ROOT / "requirements.txt"]
    if index := os.environ.get("PIP_INDEX_URL"):  # uv does not ask for pip's settings
        install += ["--default-index", index]
    done = subprocess.run([*map(str, install)], capture_output=True, text=True, timeout=280, check=False)
    if "Failed to fetch" in done.stderr or "error sending request" in done.stderr:
        pytest.skip(f"the package registry does not answer: {done.stderr}")
    assert done.returncode == 0, done.stderr
    yield scripts
    shutil.rmtree(folder)  # 2 GB where the cache is on another disk


@pytest.fixture(scope="module")
def away(tmp_path_factory) -> dict[str, Any]:
    """Where the commands run: a folder with nothing in it but a photo, nothing set that leads back here, and no
    internet, so that without being told otherwise they take the bundled weights."""
    folder = tmp_path_factory.mktemp("away")
    shutil.copy(PACKAGE / "assets/examples/golf-ball-in-grass.jpg", folder / "photo.jpg")
    unset = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "RESNET_DEMO_WEIGHTS", "HOST", "PORT", "SPACE_ID"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    caches = {"KERAS_HOME": str(folder / "keras"), "HF_HOME": str(folder / "hub"), "NO_PROXY": "127.0.0.1"}
    return {"cwd": folder, "env": environment | nowhere | caches | {"TF_CPP_MIN_LOG_LEVEL": "2"}}


def test_the_wheel_holds_what_the_code_reads(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    kept = {
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".pyi")
    }
    assert kept <= held
    assert {name for name in held if ".dist-info/" not in name} == kept
    assert {"resnet_demo/py.typed", "resnet_demo/assets/weights/imagenette-1-of-3.safetensors"} <= kept


def test_the_wheel_asks_for_ranges(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(archive.read(name).decode())
    asked = [Requirement(line) for line in metadata.get_all("Requires-Dist")]
    runtime = [r for r in asked if "extra" not in str(r.marker)]
    assert {"gradio", "keras", "numpy"} <= {r.name for r in runtime}
    assert {s.operator for r in runtime for s in r.specifier} == {">=", "<"}


def test_nothing_but_what_it_asks_for_is_there(installed):
    held = "import importlib.metadata as m; print(*{d.name.lower() for d in m.distributions()})"
    names = set(run(installed / "python", "-I", "-c", held).stdout.split())
    assert {"resnet_demo", "gradio", "keras", "safetensors"} <= names
    assert not names & {"pytest", "hypothesis", "torch", "locust", "mypy"}


def test_it_predicts(installed, away):
    where = run(installed / "python", "-c", "import resnet_demo; print(resnet_demo.__file__)", **away).stdout
    assert Path(where).is_relative_to(installed.parent)
    done = run(installed / "resnet-demo", "predict", "photo.jpg", **away)
    assert done.stdout.splitlines()[:2] == ["photo.jpg", "Input image shape: (1, 224, 224, 3)"]
    assert re.search(r"^  n03445777  golf ball +\d", done.stdout, re.M)
    assert done.stderr.startswith(
        "Bundled Imagenette weights, for want of the official Keras ImageNet file: "
    )


def test_it_serves(installed, away):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    log = (away["cwd"] / "log").open("w+")
    server = subprocess.Popen(
        [installed / "resnet-demo", "serve"],
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=away["cwd"],
        env=away["env"] | {"PORT": port},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 200
        while f"ready at {url}" not in (printed := Path(log.name).read_text()):
            assert server.poll() is None, printed
            assert time.monotonic() < until, printed
            time.sleep(0.2)
        assert b"ResNet Explorer" in urllib.request.urlopen(url).read()
        answer = Client(url, verbose=False).predict(
            handle_file(away["cwd"] / "photo.jpg"), api_name="/classify"
        )
        assert "golf ball" in str(answer)
    finally:
        server.terminate()
        server.wait(30)
        log.close()
