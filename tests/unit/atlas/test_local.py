"""A run that is killed goes on where it was, and counts no photo twice."""

import json
import threading

import pytest

from resnet_demo.atlas.local import SavedProgress, chunks, go_through, work_key


class Sum:
    """Counts numbers; the simplest thing that counts."""

    def __init__(self, seen=()):
        self.seen = list(seen)

    def add(self, chunk):
        self.seen += chunk

    def state(self):
        return {"seen": self.seen}


def through(count, saved, measure=list, size=4, at_once=1):
    parts = chunks(count, size)
    found_of = lambda number: measure(parts[number])  # noqa: E731
    *_, (done, found) = go_through(count, found_of, Sum(), lambda s: Sum(s["seen"]), saved, size, at_once)
    return done, found.seen


def test_chunks_are_all_photos_once():
    assert [i for chunk in chunks(37, 8) for i in chunk] == list(range(37))
    assert chunks(0) == []


@pytest.mark.parametrize("killed_at", [0, 1, 3, 9])
def test_kill_and_resume(tmp_path, killed_at):
    saved = SavedProgress(tmp_path / "part.json", work_key("data", "weights"))
    calls = []

    def measure(chunk):
        if len(calls) == killed_at:
            raise KeyboardInterrupt
        calls.append(chunk)
        return chunk

    with pytest.raises(KeyboardInterrupt):
        through(38, saved, measure)
    resumed = []
    done, seen = through(38, saved, lambda chunk: resumed.append(chunk) or chunk)
    assert (done, sorted(seen)) == (38, list(range(38)))
    assert len(resumed) == 10 - killed_at
    saved.remove()
    assert not list(tmp_path.iterdir())


def test_other_work_is_not_gone_on_with(tmp_path):
    path = tmp_path / "part.json"
    through(8, SavedProgress(path, work_key("data", "weights")))
    calls = []
    through(8, SavedProgress(path, work_key("data", "others")), lambda chunk: calls.append(chunk) or chunk)
    assert len(calls) == 2


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"key": None})])
def test_a_file_of_another_kind_is_not_gone_on_with(tmp_path, content):
    path = tmp_path / "part.json"
    path.write_text(content)
    assert through(5, SavedProgress(path, "key"))[1] == list(range(5))


def test_nothing_is_kept_without_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert through(9, SavedProgress(None, "key")) == (9, list(range(9)))
    assert not list(tmp_path.iterdir())


def test_chunks_under_way_together_are_counted_in_order(tmp_path):
    """The second starts before the first is done, and none is lost where one of them fails."""
    second = threading.Event()

    def measure(chunk):
        if chunk.start == 4:
            second.set()
        assert second.wait(10)
        return chunk

    assert through(38, SavedProgress(None, ""), measure, at_once=2)[1] == list(range(38))

    def dies(chunk):
        if chunk.start == 20:
            raise KeyboardInterrupt
        return chunk

    saved = SavedProgress(tmp_path / "part.json", "key")
    with pytest.raises(KeyboardInterrupt):
        through(38, saved, dies, at_once=2)
    assert saved.read() == (set(range(5)), {"seen": list(range(20))})
    assert through(38, saved, at_once=2)[1] == list(range(38))
