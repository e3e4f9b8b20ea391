"""`hf://org/name` against a local server that speaks the Hub's API: whole, missing, gated, and not there at all."""

import hashlib
import http.server
import json
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from resnet_demo.errors import DownloadError, WeightsNotFoundError
from resnet_demo.networks import weights
from resnet_demo.networks.checkpoints.variables import variable_shapes
from resnet_demo.networks.geometry import standard

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAMES = ["kite", "tench", "golf ball"]


class Hub(http.server.BaseHTTPRequestHandler):
    """One repository, "someone/resnet"; "someone/secret" is gated."""

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer()

    def answer(self, body=True):
        path, _, _ = self.path.partition("?")
        self.server.asked.append(path)
        folder: Path = self.server.folder
        if "someone/secret" in path:
            return self.reply(403, b"", {"X-Error-Code": "GatedRepo"}, body)
        if path == "/api/models/someone/resnet/revision/main":
            return self.json({"id": "someone/resnet", "sha": COMMIT, "siblings": []}, body)
        if path == f"/api/models/someone/resnet/tree/{COMMIT}":
            return self.json([entry(file) for file in sorted(folder.iterdir())], body)
        if path.startswith("/api/models/someone/resnet/revision/"):
            return self.reply(404, b"", {"X-Error-Code": "RevisionNotFound"}, body)
        start = f"/someone/resnet/resolve/{COMMIT}/"
        if path.startswith(start) and (file := folder / path.removeprefix(start)).is_file():
            headers = {"ETag": f'"{blob(file)}"', "X-Repo-Commit": COMMIT}
            return self.reply(200, file.read_bytes(), headers, body)
        return self.reply(404, b"", {"X-Error-Code": "RepoNotFound"}, body)

    def json(self, content, body):
        self.reply(200, json.dumps(content).encode(), {"Content-Type": "application/json"}, body)

    def reply(self, status, content, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *_):
        pass


def blob(file: Path) -> str:
    return hashlib.sha1(file.read_bytes()).hexdigest()


def entry(file: Path) -> dict:
    return {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": blob(file)}


@contextmanager
def hub(folder: Path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.folder, server.asked = folder, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def use(tmp_path, monkeypatch):
    """Have huggingface_hub ask this port of this machine, as HF_ENDPOINT has it, with a cache of its own."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")

    def at(port: int) -> None:
        url = f"http://127.0.0.1:{port}"
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", url)
        template = url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)

    return at


@pytest.fixture
def repository(tmp_path):
    """A ResNet-18 of three classes with what stands beside it, and files that nobody needs."""
    folder = tmp_path / "repository"
    folder.mkdir()
    rng = np.random.default_rng(5)
    tensors = {
        n: rng.random(s, np.float32) for n, s in variable_shapes(standard(18), 3, conv_bias=True).items()
    }
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"id2label": dict(enumerate(NAMES))}))
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"image_mean": [0.5] * 3, "image_std": [0.5] * 3})
    )
    (folder / "pytorch_model.bin").write_bytes(b"the same once more")
    (folder / "README.md").write_text("a card")
    return folder


def test_a_repository_is_downloaded_once_with_what_stands_beside_the_weights(repository, use):
    with hub(repository) as server:
        use(server.server_address[1])
        network = weights.load("hf://someone/resnet")
        fetched = {path.rpartition("/")[2] for path in server.asked if "/resolve/" in path}
    assert fetched == {"model.safetensors", "config.json", "preprocessor_config.json"}
    assert network.provenance.name == "hf://someone/resnet"
    assert (
        network.provenance.sha256
        == hashlib.sha256((repository / "model.safetensors").read_bytes()).hexdigest()
    )
    assert [label.english for label in network.labels] == NAMES
    assert (network.preprocessing.value.name, network.preprocessing.origin) == (
        "tf",
        "preprocessor_config.json",
    )
    # The server is gone: what it gave was kept.
    assert weights.load("hf://someone/resnet").provenance.sha256 == network.provenance.sha256


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("hf://someone/other", WeightsNotFoundError, "has no such repository or revision"),
        ("hf://someone/resnet@v9", WeightsNotFoundError, "has no such repository or revision"),
        ("hf://someone/secret", DownloadError, "asks for an account that was let in"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(repository, use, name, error, says):
    with hub(repository) as server:
        use(server.server_address[1])
        with pytest.raises(error, match=says) as caught:
            weights.load(name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_a_network_it_is_one_sentence(use):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        use(unused.getsockname()[1])
        with pytest.raises(DownloadError, match="The Hugging Face Hub cannot be reached") as caught:
            weights.load("hf://someone/resnet")
    assert "\n" not in str(caught.value)
