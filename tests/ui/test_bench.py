"""The bench's visitor against the real page; how fast it is, is never asserted."""

import pytest

from benchmarks import page


@pytest.fixture(scope="module")
def running():
    with page.running("bundled") as server:
        yield server


def test_many_photos_look_at_every_place_and_then_come_from_many_users(running, ball, church, monkeypatch):
    monkeypatch.setattr(page, "PHOTOS", 3)
    monkeypatch.setattr(page, "USERS", 2)
    asked = []
    analyze = page.Visitor.analyze
    monkeypatch.setattr(
        page.Visitor,
        "analyze",
        lambda self, path, layer="": asked.append(layer) or analyze(self, path, layer),
    )

    measured = page.many_photos(running, [ball, church])

    assert asked[:3] == ["conv1", "pool1", "conv2_block1"]
    assert asked[3:] == [""] * 4  # two users, alone and together
    assert measured["users"] == 2
    assert measured["resident_mb"] > 200  # TensorFlow alone takes more


def test_a_place_that_is_none_fails_loudly(running, ball):
    visitor = page.Visitor(running.url)
    assert len(visitor.layers) == 18  # conv1, pool1 and the blocks
    with pytest.raises(ValueError, match="There is no such block or stage"):
        visitor.analyze(ball, "conv9_block9")
