"""The download, against a real local server that answers in full, in part, wrongly, late, or not at all."""

import hashlib
import http.server
import socket
import threading
from contextlib import contextmanager, suppress

import keras
import pytest

from resnet_demo.errors import DownloadError, HashMismatchError
from resnet_demo.networks import download, official
from resnet_demo.networks.download import RemoteFile

CONTENT = bytes(range(256)) * 1000
MD5 = hashlib.md5(CONTENT).hexdigest()
NAME = "weights.h5"


class Handler(http.server.BaseHTTPRequestHandler):
    """`server.behaviour` is one of the words below; each GET is counted."""

    def do_GET(self):
        self.server.requests += 1
        behaviour = self.server.behaviour
        if behaviour == "never answers":
            self.server.released.wait(30)
            return
        if behaviour == "missing":
            self.send_error(404)
            return
        self.send_response(200)
        if behaviour != "no length":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if behaviour in ("cut off", "stalls"):
            self.wfile.write(CONTENT[:100_000])
            self.wfile.flush()
            if behaviour == "stalls":
                self.server.released.wait(30)
            return
        with suppress(ConnectionError):  # the first request hangs up after the headers
            self.wfile.write(CONTENT)

    def log_message(self, *_):
        pass


@contextmanager
def serving(behaviour: str):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.behaviour, server.requests, server.released = behaviour, 0, threading.Event()
    server.daemon_threads = False  # so that closing waits for them
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def file_at(server, md5=MD5) -> RemoteFile:
    return RemoteFile(NAME, f"http://127.0.0.1:{server.server_address[1]}/{NAME}", md5)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Keras' cache of models, empty; so are the temporary folder that may replace it and the Hub's cache."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return tmp_path / "keras" / "models"


@pytest.mark.parametrize("behaviour", ["whole", "no length"])
def test_a_whole_file_is_kept_and_reported(cache, behaviour, capsys):
    reports = []
    with serving(behaviour) as server:
        path = download.download(file_at(server), progress=lambda done, total: reports.append((done, total)))
    assert path == cache / NAME
    assert path.read_bytes() == CONTENT
    assert [p.name for p in cache.iterdir()] == [NAME]
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    assert capsys.readouterr().out == ""


def test_progress_grows(cache):
    reports = []
    release = threading.Event()

    def progress(done, total):
        reports.append((done, total))
        release.set()

    with serving("stalls") as server:

        def let_go():
            release.wait(30)
            server.released.set()

        threading.Thread(target=let_go).start()
        with pytest.raises(DownloadError):
            download.download(file_at(server), progress=progress)
    assert reports
    assert all(0 <= done <= 100_000 and total == len(CONTENT) for done, total in reports)


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        ("cut off", "100000 bytes read, 156000 more expected"),
        ("stalls", "timed out"),
        ("never answers", "no answer within 0.5 seconds|timed out"),
        ("missing", "404"),
    ],
)
def test_a_failed_download_leaves_nothing_behind(cache, behaviour, says):
    before = socket.getdefaulttimeout()
    with serving(behaviour) as server, pytest.raises(DownloadError, match=says) as caught:
        download.download(file_at(server), answer_seconds=0.5, silence_seconds=0.5)
    assert not cache.exists() or list(cache.iterdir()) == []
    assert "\n" not in str(caught.value)
    assert socket.getdefaulttimeout() == before


def test_a_server_that_is_not_there(cache):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/{NAME}"
        with pytest.raises(DownloadError, match=r"Received: Connection refused from http"):
            download.download(RemoteFile(NAME, url, MD5))


def test_a_name_server_that_does_not_answer(cache, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: release.wait(30) or [])
    try:
        with pytest.raises(DownloadError, match=r"no answer within 0\.3 seconds"):
            download.download(RemoteFile(NAME, f"http://weights.invalid/{NAME}", MD5), answer_seconds=0.3)
    finally:
        release.set()


def test_another_file_is_refused_by_name_and_not_kept(cache):
    wrong = hashlib.md5(b"another").hexdigest()
    with serving("whole") as server, pytest.raises(HashMismatchError) as caught:
        download.download(file_at(server, md5=wrong))
    assert NAME in str(caught.value)
    assert MD5 in str(caught.value)
    assert wrong in str(caught.value)
    assert list(cache.iterdir()) == []


def test_a_broken_file_in_the_cache_survives_a_failure_and_is_replaced_by_a_success(cache):
    cache.mkdir(parents=True)
    (cache / NAME).write_bytes(CONTENT[:10])
    with serving("cut off") as server, pytest.raises(DownloadError):
        download.download(file_at(server))
    assert (cache / NAME).read_bytes() == CONTENT[:10]
    with serving("whole") as server:
        download.download(file_at(server))
    assert (cache / NAME).read_bytes() == CONTENT


def test_a_cache_that_cannot_be_written_to(cache, tmp_path):
    cache.parent.write_text("a file where the folder should be: no one, root included, can write into it")
    with serving("whole") as server:
        path = download.download(file_at(server))
    assert path == tmp_path / "tmp" / ".keras" / "models" / NAME
    assert path.read_bytes() == CONTENT
    assert download.local_copies(NAME) == [path]


def test_no_folder_can_be_written_to(cache, tmp_path):
    cache.parent.write_text("")
    (tmp_path / "tmp" / ".keras").write_text("")
    with serving("whole") as server, pytest.raises(DownloadError, match=r"File exists|Not a directory"):
        download.download(file_at(server))


def test_files_on_disk_are_found_in_order(cache, tmp_path):
    preloaded = tmp_path / "hub" / "models--someone--resnet" / "snapshots" / "abc" / "deep" / NAME
    preloaded.parent.mkdir(parents=True)
    preloaded.write_bytes(CONTENT)
    assert download.local_copies(NAME) == [preloaded]
    cache.mkdir(parents=True)
    (cache / NAME).write_bytes(CONTENT)
    assert download.local_copies(NAME) == [cache / NAME, preloaded]
    assert download.local_copies("other.h5") == []


def test_require_hash(tmp_path):
    (tmp_path / NAME).write_bytes(CONTENT)
    download.require_hash(tmp_path / NAME, MD5)
    (tmp_path / NAME).write_bytes(CONTENT[:-1])
    with pytest.raises(HashMismatchError, match=r"weights\.h5"):
        download.require_hash(tmp_path / NAME, MD5)


@pytest.mark.parametrize("name", ["resnet50", "resnet50v2"])
def test_the_official_file_is_the_one_keras_itself_would_fetch(monkeypatch, name):
    asked = {}

    def record(name, origin, **options):
        asked.update(options, name=name, origin=origin)
        raise InterruptedError

    monkeypatch.delenv("RESNET_DEMO_WEIGHTS_URL", raising=False)
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", record)
    with pytest.raises(InterruptedError):
        getattr(keras.applications, official.TITLES[name])()
    file = official.remote_file(name)
    assert (file.name, file.url, file.md5) == (asked["name"], asked["origin"], asked["file_hash"])


def test_all_official_files_are_six_different_ones_that_keras_has():
    files = [official.remote_file(name) for name in official.TITLES]
    assert len({file.md5 for file in files}) == len({file.url for file in files}) == 6
    assert all(hasattr(keras.applications, title) for title in official.TITLES.values())


def test_a_mirror_can_be_named(monkeypatch):
    monkeypatch.setenv("RESNET_DEMO_WEIGHTS_URL", "http://127.0.0.1:1/mirror/")
    assert official.remote_file("resnet101v2").url == (
        "http://127.0.0.1:1/mirror/resnet101v2_weights_tf_dim_ordering_tf_kernels.h5"
    )


def test_the_keras_cache_is_where_keras_says(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert download.cache_folders()[0] == tmp_path / ".keras" / "models"
