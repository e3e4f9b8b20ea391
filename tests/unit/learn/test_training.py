"""The training process trains what the experiment does, and ends when nobody looks any more."""

import os
import subprocess
import sys
import time

import pytest

from resnet_demo.errors import BusyError
from resnet_demo.learn import training
from resnet_demo.learn.training import train_apart

pytestmark = pytest.mark.slow


@pytest.fixture
def started(monkeypatch) -> list[subprocess.Popen]:
    """The processes that are started."""
    found = []

    class Noted(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            found.append(self)

    monkeypatch.setattr(training.subprocess, "Popen", Noted)
    return found


def test_it_trains_and_tells_how_far_it_is(started):
    reported = list(train_apart((8,), (0,), 1))
    assert [done for done, _, _ in reported] == sorted(done for done, _, _ in reported)
    done, total, runs = reported[-1]
    assert (done, total) == (2, 2)
    assert [(r.kind, r.depth, r.seed, len(r.train_error)) for r in runs] == [
        ("plain", 8, 0, 1),
        ("residual", 8, 0, 1),
    ]
    assert started[0].returncode == 0


def test_it_ends_when_the_reader_goes(started):
    running = train_apart()
    assert next(running)[:2] == (0, 32)
    next(running)
    assert started[0].poll() is None
    running.close()
    assert started[0].poll() is not None


def test_what_takes_too_long_is_ended_and_told(started):
    with pytest.raises(BusyError, match="0 of 32 epochs"):
        list(train_apart(most_seconds=0.2))
    assert started[0].poll() is not None


def test_it_ends_with_its_parent():
    code = (
        "from resnet_demo.learn.training import train_apart; import os, time\n"
        "running = train_apart(); next(running)\n"
        "import resnet_demo.learn.training as t, gc, subprocess\n"
        "print([o.pid for o in gc.get_objects() if isinstance(o, subprocess.Popen)][0], flush=True)\n"
        "time.sleep(1); os._exit(1)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    pid = int(printed.stdout)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        with open(f"/proc/{pid}/stat") as stat:
            if stat.read().split()[2] == "Z":  # ended, and nobody has asked how
                return
        time.sleep(0.2)
    pytest.fail("it runs on without its parent")
