"""The Dockerfile is linted, and what it names is there; the workflow builds it."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def test_it_is_linted():
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint has no wheel for this machine")
    checked = subprocess.run([linter, "--no-color", DOCKERFILE], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_it_copies_what_there_is_and_runs_as_nobody_special():
    found = instructions()
    admitted = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    copied = {argument.split()[0] for name, argument in found if name == "COPY"}
    assert copied == admitted
    assert all((ROOT / path).exists() for path in copied)
    names = [name for name, _ in found]
    assert dict(found)["USER"] == "10001"
    assert names.index("USER") < names.index("CMD")


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (None, False)])
def test_its_health_check_asks_whether_the_server_is_ready(status, healthy):
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    command = json.loads(re.search(r"CMD (\[.*\])", dict(instructions())["HEALTHCHECK"])[1])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = HTTPServer(("127.0.0.1", port), Answer) if status else None
    if server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        ended = subprocess.run(
            [sys.executable, *command[1:]],
            env=os.environ | {"PORT": str(port)},
            capture_output=True,
            check=False,
        )
    finally:
        if server:
            server.shutdown()
            server.server_close()
    assert (ended.returncode == 0) == healthy
    assert asked == (["/healthz"] if status else [])
