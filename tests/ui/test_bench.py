"""The bench's visitor against the real page; how fast it is, is never asserted."""

import pytest

from benchmarks import page


@pytest.fixture(scope="module")
def running():
    with page.running("bundled") as server:
        yield server


@pytest.fixture
def asked(monkeypatch):
    """What the bench's visitors ask for, (photo's bytes, layer) each."""
    asked = []
    analyze = page.Visitor.analyze

    def recording(self, path, layer=""):
        asked.append((path.read_bytes(), layer))
        return analyze(self, path, layer)

    monkeypatch.setattr(page.Visitor, "analyze", recording)
    return asked


def test_memory_is_measured_after_different_photos_and_after_every_layer(
    running, ball, church, monkeypatch, asked
):
    monkeypatch.setattr(page, "PHOTOS", 3)
    measured = page.memory_after_photos(running, [ball, church])
    assert [layer for _, layer in asked] == ["", "", "", "conv1", "pool1", "conv2_block1"]
    assert len({photo for photo, _ in asked}) == 3
    assert all(size > 200 for size in measured.values())  # TensorFlow alone takes more


def test_users_come_one_by_one_and_all_at_once(running, ball, church, monkeypatch, asked):
    monkeypatch.setattr(page, "USERS", 2)
    assert page.many_users(running, [ball, church])["users"] == 2
    assert len(asked) == 4


def test_a_layer_that_is_none_fails_loudly(running, ball):
    visitor = page.Visitor(running.url)
    assert len(visitor.layers) == 18  # conv1, pool1 and the blocks
    with pytest.raises(ValueError, match="There is no such block or stage"):
        visitor.analyze(ball, "conv9_block9")
