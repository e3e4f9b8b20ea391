"""What is wrong with a host's machine is one sentence, and what is told to visitors names no folder."""

import errno
import os
import signal
import socket
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from resnet_demo.errors import DownloadError, HashMismatchError, OptionError, WeightsNotFoundError
from resnet_demo.networks import bundle, download, weights
from resnet_demo.ui import serve
from resnet_demo.ui.hosting.monitoring import Monitor
from resnet_demo.ui.hosting.uploads import SessionFiles, Storage, no_room, prepare_upload_folder, sweep
from resnet_demo.views.sections.network import without_folders


@pytest.fixture
def unset(monkeypatch, tmp_path):
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    monkeypatch.undo()


def test_the_upload_folder_is_this_users_alone(unset):
    folder = prepare_upload_folder()
    assert folder.parent == unset
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.environ.pop("GRADIO_TEMP_DIR") == str(folder)
    assert prepare_upload_folder() == folder  # a second server of this user's


def test_an_upload_folder_that_somebody_else_laid_out_is_refused(unset, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (unset / f"resnet-explorer-{os.getuid()}").symlink_to(elsewhere)
    with pytest.raises(OptionError, match="somebody else"):
        prepare_upload_folder()


def test_an_upload_folder_that_takes_nothing_is_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file"))
    with pytest.raises(OptionError, match=r"Received: GRADIO_TEMP_DIR=.*file\. Accepted: a folder with room"):
        prepare_upload_folder()


def test_what_is_old_is_swept_away_and_what_is_new_is_kept(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "old.png").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    sweep(tmp_path, 1000)
    assert (tmp_path / "a" / "b" / "old.png").exists()
    sweep(tmp_path, -1)
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_comes_back_in_time_keeps_its_files(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    kept = SimpleNamespace(keep_in_cache={str(tmp_path / "shown.png")})
    files = SessionFiles(SimpleNamespace(blocks={1: kept}, temp_file_sets=[]))
    names = ["mine.jpg", "ours.png", "shown.png", "foreign.txt"]
    mine, ours, shown, foreign = (tmp_path / name for name in names)
    outside = tmp_path.parent / "outside.txt"
    for path in (mine, ours, shown, foreign, outside):
        path.write_text("")
    files.note("a", [{"path": str(mine)}, [{"image": {"path": str(ours)}}], {"path": str(shown)}])
    files.note("a", {"path": str(outside)})
    files.note("b", [{"path": str(ours)}])
    files.end("a")
    files.note("a", None)
    files.delete_ended(0)
    assert mine.exists()
    files.end("a")
    files.delete_ended(60)
    assert mine.exists()
    files.delete_ended(0)
    assert [path.exists() for path in (mine, ours, shown, foreign, outside)] == [
        False,
        True,
        True,
        True,
        True,
    ]
    files.end("b")
    files.delete_ended(0)
    assert not ours.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES])
def test_a_full_disk_is_told_with_its_status(number, capsys):
    async def full(scope, receive, send):
        raise OSError(number, os.strerror(number), "/secret/place")

    client = TestClient(Storage(full))
    answer = client.post("/gradio_api/upload")
    assert (answer.status_code, answer.text) == (507, str(no_room()))
    chinese = client.post("/gradio_api/queue/join", headers={"Accept-Language": "zh"})
    assert (chinese.status_code, chinese.json()["code"]) == (507, "storage")
    assert "上传文件夹已满" in chinese.json()["error"]
    assert os.strerror(number) in capsys.readouterr().out


def test_other_errors_stay_what_they_are():
    async def broken(scope, receive, send):
        raise ConnectionResetError(errno.ECONNRESET, "gone")

    with pytest.raises(ConnectionResetError):
        TestClient(Storage(broken)).get("/")


def test_a_port_that_was_taken_meanwhile_is_one_sentence(instrumented, monkeypatch, tmp_path):
    """Two servers at once: both found the port free, one of them was faster."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(serve, "launch_options", lambda page: {})

    def launch(**options):
        raise OSError("Cannot find empty port in range: 7860-7860.")

    page = SimpleNamespace(launch=launch, monitor=Monitor())
    networks = SimpleNamespace(get=lambda: instrumented)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(
            OptionError, match=r"any more\. Received: HOST=127\.0\.0\.1, PORT=7860\. Accepted"
        ):
            serve.serve(page, networks, "127.0.0.1", 7860)
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("file", ["imagenette.json", "imagenette-2-of-3.safetensors"])
def test_bundled_weights_that_are_missing_are_one_sentence(monkeypatch, tmp_path, file):
    for path in weights.BUNDLE.parent.glob("imagenette*"):
        if path.name != file:
            (tmp_path / path.name).symlink_to(path)
    monkeypatch.setattr(weights, "BUNDLE", tmp_path / "imagenette.json")
    with pytest.raises(WeightsNotFoundError, match=re_escape(file)):
        weights.load("bundled")


def test_bundled_weights_that_are_damaged_are_one_sentence(monkeypatch, tmp_path):
    for path in weights.BUNDLE.parent.glob("imagenette*"):
        (tmp_path / path.name).symlink_to(path)
    damaged = tmp_path / "imagenette-2-of-3.safetensors"
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.unlink()
    damaged.write_bytes(content)
    monkeypatch.setattr(weights, "BUNDLE", tmp_path / "imagenette.json")
    with pytest.raises(HashMismatchError, match="imagenette-2-of-3"):
        weights.load("bundled")
    assert bundle.unpack  # the bundle's own tests are in networks/


def re_escape(name: str) -> str:
    return name.replace(".", r"\.")


def test_without_a_network_the_start_waits_a_second_for_an_answer(monkeypatch, tmp_path):
    """A network that swallows everything: somebody listens and never answers."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("RESNET_DEMO_WEIGHTS", raising=False)
    waited = []
    real = download._require_answer

    def require_answer(url, seconds):
        waited.append(seconds)
        real(url, min(seconds, 0.1))

    monkeypatch.setattr(download, "_require_answer", require_answer)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("RESNET_DEMO_WEIGHTS_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        network = weights.load()
        with pytest.raises(DownloadError):
            weights.load("imagenet")
    assert waited == [1.0, 5.0]
    assert network.provenance.name == "bundled Imagenette"
    assert "no answer" in network.provenance.reason


def test_visitors_are_told_a_files_name_and_not_its_folder():
    text = "The file is not the one. Received: '/home/ann/.keras/models/w.h5' with MD5 1. It isn't C:'\\a\\b.h5'."
    assert without_folders(text) == "The file is not the one. Received: 'w.h5' with MD5 1. It isn't C:'b.h5'."
    assert Path("/home").name not in without_folders("'/home/x'")
