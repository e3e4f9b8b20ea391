"""The wheel, installed away from the checkout, predicts and serves.

The environment it goes into is empty but for a path to the packages of the running one, because installing TensorFlow
anew would take minutes. resnet_demo itself is not reached over that path: it comes out of the wheel.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import zipfile
from email.parser import Parser
from pathlib import Path

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
def installed(wheel, tmp_path_factory) -> Path:
    """The `bin` of an environment that holds the wheel."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        scripts / "python",
        "install",
        "--no-deps",
        "--no-index",
        wheel,
    )
    (packages,) = folder.glob("**/site-packages")
    (packages / "running.pth").write_text(sysconfig.get_paths()["purelib"])  # read after the wheel's own
    return scripts


@pytest.fixture(scope="module")
def away(tmp_path_factory) -> dict:
    """Where the commands run: a folder with nothing in it but a photo, and nothing set that leads back here."""
    folder = tmp_path_factory.mktemp("away")
    shutil.copy(PACKAGE / "assets/examples/golf-ball-in-grass.jpg", folder / "photo.jpg")
    unset = {"PYTHONPATH", "RESNET_DEMO_WEIGHTS", "HOST", "PORT", "SPACE_ID"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    return {"cwd": folder, "env": environment | {"TF_CPP_MIN_LOG_LEVEL": "2"}}


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


def test_it_predicts(installed, away):
    where = run(installed / "python", "-c", "import resnet_demo; print(resnet_demo.__file__)", **away).stdout
    assert Path(where).is_relative_to(installed.parent)
    printed = run(installed / "resnet-demo", "predict", "photo.jpg", "--weights", "bundled", **away).stdout
    assert printed.splitlines()[:2] == ["photo.jpg", "Input image shape: (1, 224, 224, 3)"]
    assert re.search(r"^  n03445777  golf ball +\d", printed, re.M)


def test_it_serves(installed, away):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    log = (away["cwd"] / "log").open("w+")
    server = subprocess.Popen(
        [installed / "resnet-demo", "serve", "--port", port, "--weights", "bundled"],
        stdout=log,
        stderr=subprocess.STDOUT,
        **away,
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
