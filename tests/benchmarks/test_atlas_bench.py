"""The atlas' rates: counted from the first chunk to the last, over as many photos as are said."""

import pytest

from benchmarks import atlas
from resnet_demo.atlas.local import CHUNK


def test_a_rate_counts_from_the_first_chunk_on(monkeypatch):
    clock = iter([100.0, 102.0, 110.0])  # what came before is loading
    monkeypatch.setattr(atlas.time, "perf_counter", lambda: next(clock))
    assert atlas.rate([(0, None), (16, None), (32, None), (80, None)]) == pytest.approx(64 / 10)


def test_the_photos_are_taken_over_and_over(small_instrumented, tmp_path):
    photos = [tmp_path / name for name in ("a.jpg", "b.jpg", "c.jpg")]
    work = atlas.work_of(small_instrumented, photos)
    assert len(work.items) == atlas.CHUNKS * CHUNK
    assert [item.path for item in work.items[:4]] == [str(p) for p in (*photos, photos[0])]
    assert (work.kind, work.scores, work.lab) == ("atlas", "none", False)
