"""The file gate, on a real server: only uploads of this server and its examples are read, whoever asks and however.

Every function of the page with a photo among its inputs is called, by number as well as by name.
"""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from PIL import Image

from resnet_demo.ui.api import endpoints

REFUSAL = "read only if it was uploaded"


@pytest.fixture(scope="module")
def guarded(server):
    """The server, and the folder that holds its upload folder and, beside it, a picture that nobody uploaded."""
    folder = server.log.parent
    Image.new("RGB", (64, 64), (200, 30, 30)).save(folder / "secret.png")
    return server, folder


@pytest.fixture(scope="module")
def config(guarded):
    return httpx.get(f"{guarded[0].url}/config").json()


def upload(url: str, name: str, data: bytes) -> str:
    return httpx.post(f"{url}/gradio_api/upload", files={"files": (name, data)}).raise_for_status().json()[0]


def events(response: httpx.Response) -> list[tuple[str, str]]:
    lines = response.text.split("\n")
    pairs = pairwise(lines)
    return [(a[7:], b[6:]) for a, b in pairs if a.startswith("event: ") and b.startswith("data: ")]


def by_name(url: str, endpoint: str, data: list) -> tuple[str, str]:
    """The last event of a call: its kind and its data."""
    asked = httpx.post(f"{url}/gradio_api/call/{endpoint}", json={"data": data})
    if asked.status_code != 200:
        return "error", asked.text
    return events(httpx.get(f"{url}/gradio_api/call/{endpoint}/{asked.json()['event_id']}", timeout=60))[-1]


def by_number(url: str, number: int, data: list) -> dict:
    """The last message of a call of a function by its number, the page's own way."""
    session = f"gate{number}"
    body = {"fn_index": number, "data": data, "session_hash": session, "trigger_id": None, "event_data": None}
    joined = httpx.post(f"{url}/gradio_api/queue/join", json=body)
    if joined.status_code != 200:
        return {"msg": "refused", "success": False, "output": {"error": joined.text}}
    with httpx.stream("GET", f"{url}/gradio_api/queue/data?session_hash={session}", timeout=60) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: ") and json.loads(line[6:])["msg"] == "process_completed":
                return json.loads(line[6:])
    raise AssertionError("no answer")


@pytest.fixture(scope="module")
def stolen(guarded):
    """Arguments that name files nobody gave the server, by what is wrong with them."""
    _, folder = guarded
    secret, uploads = folder / "secret.png", folder / "uploads"
    (uploads / "link.png").symlink_to(secret)
    (uploads / "linked").symlink_to(folder)
    meta = {"meta": {"_type": "gradio.FileData"}}
    return {
        "not uploaded": {"path": str(secret)},
        "not uploaded, with meta": {"path": str(secret), **meta},
        "text": {"path": "/etc/passwd"},
        "of the process": {"path": "/proc/self/environ"},
        "device": {"path": "/dev/zero"},
        "device, with meta": {"path": "/dev/zero", **meta},
        "folder": {"path": str(uploads)},
        "link": {"path": str(uploads / "link.png")},
        "link, with meta": {"path": str(uploads / "link.png"), **meta},
        "below a link": {"path": str(uploads / "linked" / "secret.png")},
        "dots": {"path": f"{uploads}/../secret.png"},
        "dots through a link": {"path": f"{uploads}/linked/../secret.png"},
        "missing": {"path": str(uploads / "nothing.png")},
        "relative": {"path": "README.md"},
        "null byte": {"path": "/etc/passwd\0.png"},
        "empty": {"path": ""},
        "number": {"path": 3},
        "deep": [[[[{"path": str(secret)}]]]],
        "inside another": {"path": None, "x": {"path": str(secret)}},
        "elsewhere": {"path": None, "url": "http://127.0.0.1:9/secret.png"},
    }


def test_no_endpoint_reads_what_was_not_uploaded(guarded, config, stolen):
    server, _ = guarded
    public = [d for d in config["dependencies"] if d["api_visibility"] == "public"]
    assert {d["api_name"] for d in public} == {endpoint.name for endpoint in endpoints()}
    for number, (what, argument) in enumerate(stolen.items()):
        chosen = public if number < 2 else [public[number % len(public)]]
        for endpoint in chosen:
            rest = [None] * (len(endpoint["inputs"]) - 1)
            kind, said = by_name(server.url, endpoint["api_name"], [argument, *rest])
            assert kind == "error", (what, endpoint["api_name"], said)
            assert REFUSAL in said, (what, endpoint["api_name"], said)


def test_no_private_function_reads_it_either(guarded, config, stolen):
    server, _ = guarded
    pictures = {c["id"] for c in config["components"] if c["type"] in ("image", "photoinput")}
    takers = [
        (d["id"], [i in pictures for i in d["inputs"]])
        for d in config["dependencies"]
        if pictures & set(d["inputs"])
    ]
    assert len(takers) > 15
    for number, layers in takers:
        data = [stolen["not uploaded"] if layer else None for layer in layers]
        answer = by_number(server.url, number, data)
        assert not answer["success"], number
        assert REFUSAL in str(answer["output"]), (number, answer)


def test_no_other_host_is_asked(guarded):
    server, _ = guarded
    asked = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    trap = HTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=trap.serve_forever, daemon=True).start()
    try:
        for argument in (
            {"path": f"http://127.0.0.1:{trap.server_port}/a.png"},
            {
                "path": f"http://127.0.0.1:{trap.server_port}/b.png",
                "url": f"http://127.0.0.1:{trap.server_port}/b.png",
                "meta": {"_type": "gradio.FileData"},
            },
        ):
            kind, said = by_name(server.url, "classify", [argument, 5])
            assert kind == "error"
            assert REFUSAL in said
        assert asked == []
    finally:
        trap.shutdown()
        trap.server_close()


def test_an_upload_and_an_example_are_read(guarded, ball):
    server, folder = guarded
    path = upload(server.url, "my ball.jpg", ball.read_bytes())
    assert Path(path).is_relative_to(folder / "uploads")
    for argument in (
        {"path": path},
        {"path": path, "meta": {"_type": "gradio.FileData"}},
        {"path": str(ball)},
    ):
        kind, said = by_name(server.url, "classify", [argument, 5])
        assert kind == "complete", said
        assert json.loads(said)[0][0]["label"] == "golf ball"


def test_an_uploads_address_cannot_be_guessed_from_its_content(guarded, ball):
    """Gradio salts the hash that names the folder: whoever does not know the address cannot make it."""
    import hashlib

    path = Path(upload(guarded[0].url, "ball.jpg", ball.read_bytes()))
    assert path.parent.name != hashlib.sha256(ball.read_bytes()).hexdigest()
    assert len(path.parent.name) >= 32


def test_a_large_upload_is_refused_while_it_arrives(guarded):
    server, folder = guarded
    answer = httpx.post(
        f"{server.url}/gradio_api/upload", files={"files": ("large.jpg", b"\xff\xd8" + bytes(21_000_000))}
    )
    assert answer.status_code == 413
    assert not [p for p in (folder / "uploads").rglob("*") if p.is_file() and p.stat().st_size > 20_000_000]


def test_a_file_over_the_limit_is_refused_by_its_size(guarded, ball):
    server, _ = guarded
    path = Path(upload(server.url, "grows.jpg", ball.read_bytes()))
    shutil.copy(ball, path)
    with path.open("r+b") as file:
        file.truncate(20_000_001)  # sparse
    kind, said = by_name(server.url, "classify", [{"path": str(path)}, 5])
    path.unlink()
    assert kind == "error"
    assert "up to 20 MB" in said
