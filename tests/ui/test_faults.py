"""A server that is killed, stopped, or has no room, and what its visitors and its host are told."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from resnet_demo.assets import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder_and_port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    (folder / "uploads").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return folder, probe.getsockname()[1]


class Running:
    """A server as a process of its own, always on the same port and with the same upload folder."""

    def __init__(self, folder_and_port, name, as_a_user, **environment):
        folder, port = folder_and_port
        self.uploads, self.log, self.url = folder / "uploads", folder / name, f"http://127.0.0.1:{port}"
        settings = {"RESNET_DEMO_WEIGHTS": "bundled", "GRADIO_TEMP_DIR": str(self.uploads), **environment}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*as_a_user, sys.executable, str(ROOT / "app.py")],
                env=os.environ | {"HOST": "127.0.0.1", "PORT": str(port), **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while "is ready at" not in self.output():
            assert self.process.poll() is None, self.output()
            time.sleep(0.1)

    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def begin(self, endpoint: str, photo: Path, *rest) -> str:
        """Begin a call; its answer is at the address that is returned."""
        address = f"{self.url}/gradio_api/call/{endpoint}"
        event = httpx.post(address, json={"data": [{"path": str(photo)}, *rest]}).raise_for_status().json()
        return f"{address}/{event['event_id']}"


@pytest.fixture(scope="module")
def photo():
    return EXAMPLES / "golf-ball-in-grass.jpg"


@pytest.fixture(scope="module")
def killed(folder_and_port, photo):
    """A server that was killed in the middle of a request; its files are still there."""
    server = Running(folder_and_port, "killed.txt", [], RESNET_DEMO_FAREWELL_SECONDS="1")
    yield server
    server.process.kill()
    server.process.wait()


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


class Session:
    """A visitor's session, which lives as long as its heartbeat is read."""

    def __init__(self, url: str, name: str) -> None:
        self.url, self.name, self.client = url, name, httpx.Client(timeout=60)
        self.heart = self.client.send(
            self.client.build_request("GET", f"{url}/gradio_api/heartbeat/{name}"), stream=True
        )

    def gradcam(self, photo: Path) -> None:
        upload = {"files": (photo.name, photo.read_bytes())}
        path = self.client.post(f"{self.url}/gradio_api/upload", files=upload).json()[0]
        asked = {"data": [{"path": path}, "", ""], "session_hash": self.name}
        address = f"{self.url}/gradio_api/call/gradcam"
        event = self.client.post(address, json=asked).json()["event_id"]
        assert "event: complete" in self.client.get(f"{address}/{event}").text

    def close(self) -> None:
        self.heart.close()
        self.client.close()


def test_files_go_with_the_last_session_that_used_them(killed, photo):
    before = files(killed.uploads)
    other = EXAMPLES / "cathedral-at-night.jpg"
    first, second = Session(killed.url, "first"), Session(killed.url, "second")
    first.gradcam(other)
    of_first = files(killed.uploads) - before
    assert len(of_first) == 2  # the photo and its heatmap
    for session in (first, second):  # the same photo and the same heatmap are the same files
        session.gradcam(photo)
    of_both = files(killed.uploads) - before - of_first
    assert len(of_both) == 2
    first.close()
    wait_until(lambda: not of_first & files(killed.uploads))
    assert of_both <= files(killed.uploads)
    second.close()
    wait_until(lambda: files(killed.uploads) == before)


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.fixture(scope="module")
def as_a_user():
    """What to put before a command so that permissions bind it: root's do not, unless it gives up that power."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]


@pytest.fixture(scope="module")
def again(killed, folder_and_port, photo, as_a_user):
    """The server that was started again where the other had been killed in mid-request."""
    killed.begin("lesion", photo, "")
    httpx.post(f"{killed.url}/gradio_api/upload", files={"files": ("left.jpg", photo.read_bytes())})
    killed.process.kill()
    killed.process.wait()
    server = Running(folder_and_port, "again.txt", as_a_user)
    yield server
    server.process.kill()
    server.process.wait()


def test_killed_in_mid_request_it_starts_again_at_the_same_place(again, photo):
    assert httpx.get(f"{again.url}/healthz").status_code == 200
    answer = httpx.get(again.begin("classify", photo, 5), timeout=60).text
    assert "golf ball" in answer


def test_without_room_it_says_so_and_works_on_once_there_is_some(again, photo):
    again.uploads.chmod(0o500)
    try:
        answer = httpx.post(f"{again.url}/gradio_api/upload", files={"files": ("b.jpg", photo.read_bytes())})
        assert answer.status_code == 507
        assert "upload folder is full or cannot be written to" in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
        said = httpx.get(
            again.begin("gradcam", photo, "", "conv3_block2"), timeout=60
        ).text  # its picture has no place
        assert "event: error" in said
        assert "upload folder is full or cannot be written to" in said
        assert str(again.uploads) not in answer.text + said
        assert "golf ball" in httpx.get(again.begin("classify", photo, 5), timeout=60).text  # has no picture
    finally:
        again.uploads.chmod(0o700)
    assert "event: complete" in httpx.get(again.begin("gradcam", photo, "", "conv3_block2"), timeout=60).text
    assert "Traceback" not in again.output()


def test_told_to_stop_it_finishes_what_runs_and_takes_nothing_new(again, photo):
    address = again.begin("lesion", photo, "")
    with httpx.stream("GET", f"{again.url}/gradio_api/heartbeat/somebody") as open_page:
        next(open_page.iter_lines())  # a page that stays open keeps no server alive
        again.process.send_signal(signal.SIGTERM)
        wait_until(lambda: httpx.get(f"{again.url}/healthz").status_code == 503)
        refused = httpx.post(
            f"{again.url}/gradio_api/call/classify", json={"data": [{"path": str(photo)}, 5]}
        )
        answer = httpx.get(address, timeout=60).text
    assert refused.status_code == 503
    assert "being stopped" in refused.json()["detail"]
    assert "event: complete" in answer
    assert len(json.loads(re.findall("data: (.*)", answer)[-1])[0]) == 16
    again.process.wait(10)
    assert again.process.returncode == 0
    assert "Traceback" not in again.output()
    with pytest.raises(httpx.ConnectError):
        httpx.get(again.url)
