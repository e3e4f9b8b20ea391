"""The page as a host runs it: a checkout that cannot be written to, one folder for the rest, no weights at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project without a single writable file or folder."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "app.py", folder)
    for part in ("resnet_demo", "assets"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.pyi"))
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(path.stat().st_mode & ~0o222)
    yield folder
    for path in everything:
        path.chmod(path.stat().st_mode | 0o200)
    assert sorted(everything) == sorted([folder, *folder.rglob("*")])  # nothing was written into it


@pytest.fixture(scope="module")
def as_a_user() -> list[str]:
    """What to put before a command so that permissions bind it: root's do not, unless it gives up that power."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv to give that up")
    return ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]


def test_it_runs_from_a_read_only_checkout(checkout, as_a_user, served, tmp_path, ball):
    refused = subprocess.run(
        [
            *as_a_user,
            sys.executable,
            "-c",
            "import resnet_demo; print(resnet_demo.__path__[0]); open('new', 'w')",
        ],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.stdout.strip() == str(checkout / "resnet_demo")
    assert "PermissionError" in refused.stderr

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    layers = dict.fromkeys(
        ("HOME", "TMPDIR", "GRADIO_TEMP_DIR", "XDG_CACHE_HOME", "KERAS_HOME"), str(scratch)
    )
    # Nothing answers at this proxy, so the official weights cannot be had and the bundled ones are taken.
    away = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    with served(checkout, tmp_path / "output.txt", as_a_user, **layers, **away) as server:
        assert "Weights: bundled Imagenette, 10 classes" in server.output()
        assert "Traceback" not in server.output()
        page = httpx.get(server.url)
        assert page.status_code == 200
        assert "ResNet Explorer" in page.text
        client = Client(server.url, verbose=False)
        assert client.predict(handle_file(ball), api_name="/classify")[0]["label"] == "golf ball"
        client.close()
