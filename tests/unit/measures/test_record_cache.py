"""What is kept, how much of it, how long, and by how many threads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from resnet_demo.measures.record_cache import RecordCache, size_of
from resnet_demo.results.heatmaps import GradCam


def heatmap(side):
    return GradCam("layer", np.ones((side, side), np.float32), np.ones((2 * side, side), np.float32))


def never():
    raise AssertionError("measured twice")


def test_sizes_count_every_array():
    assert size_of(np.zeros((3, 5), np.float64)) - 120 in range(40, 100)
    assert size_of(heatmap(10)) - 3 * 400 in range(100, 400)
    assert size_of({"a": (heatmap(10), [heatmap(10)])}) > 2 * size_of(heatmap(10))


def test_a_record_is_measured_once_and_the_longest_unused_go_first():
    one = size_of(heatmap(100))
    cache = RecordCache(most_bytes=3 * one + one // 2)
    for key in "abc":
        cache.get(key, lambda: heatmap(100))
    cache.get("a", never)
    cache.get("d", lambda: heatmap(100))

    assert [cache.find(key) is not None for key in "abcd"] == [True, False, True, True]
    assert cache.bytes == 3 * one <= cache.most_bytes
    cache.put("c", heatmap(10))
    assert cache.bytes == 2 * one + size_of(heatmap(10)), "the old one under its key is gone"


def test_one_that_is_larger_than_all_is_given_but_not_kept():
    cache = RecordCache(most_bytes=1000)

    assert cache.get("a", lambda: heatmap(100)).layer == "layer"

    assert (len(cache), cache.bytes) == (0, 0)


def test_old_records_go_even_if_nobody_asks(monkeypatch):
    cache = RecordCache(seconds=0.2)
    cache.put("a", heatmap(10))
    assert cache.find("a") is not None
    for _ in range(100):
        if not len(cache):
            break
        time.sleep(0.05)
    assert (len(cache), cache.bytes, cache.find("a")) == (0, 0, None)
    now = time.monotonic()
    cache.put("b", heatmap(10))
    monkeypatch.setattr(time, "monotonic", lambda: now + 10)
    assert cache.find("b") is None


def test_by_default_nothing_is_kept_beyond_64_mb_or_for_more_than_half_an_hour(monkeypatch):
    cache = RecordCache()
    monkeypatch.setattr(cache, "_wake_later", lambda: None)  # whoever asks finds nothing old by itself
    mebibyte = np.broadcast_to(np.float32(0), 1 << 18)  # by its size, not in memory
    for key in range(100):
        cache.put(key, mebibyte)
        assert cache.bytes <= 64 << 20
    assert cache.find(99) is mebibyte
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 30 * 60)
    assert cache.find(99) is None


def test_threads_that_want_the_same_have_it_measured_once():
    cache, started, measured = RecordCache(), threading.Barrier(8), []

    def measure():
        measured.append(1)
        time.sleep(0.1)
        return heatmap(10)

    def ask(_):
        started.wait()
        return cache.get("a", measure)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))

    assert len(measured) == 1
    assert len({id(one) for one in found}) == 1


def test_an_error_is_told_to_all_who_wait_and_not_kept():
    cache, started = RecordCache(), threading.Barrier(3)

    def fail():
        time.sleep(0.1)
        raise ValueError("once")

    def ask(_):
        started.wait()
        with pytest.raises(ValueError, match="once"):
            cache.get("a", fail)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(ask, range(3)))
    assert cache.get("a", lambda: "measured") == "measured"
