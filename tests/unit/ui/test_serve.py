"""Starting the page: what is wrong with how it was started is one sentence; and what is warm when it is ready."""

import json
import os
import runpy
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resnet_demo.networks import weights
from resnet_demo.ui.api import endpoints
from resnet_demo.ui.lanes import LANES
from resnet_demo.ui.serve import free_address

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = ("HOST", "PORT", "GRADIO_SERVER_PORT", "SPACE_ID", "RESNET_DEMO_WEIGHTS")


@pytest.fixture
def start(monkeypatch):
    """Run app.py in this process with nothing set but these; returns its names, or what it says as it gives up."""

    def start(name="__main__", **settings):
        for setting in SETTINGS:
            monkeypatch.delenv(setting, raising=False)
        for setting, value in settings.items():
            monkeypatch.setenv(setting, str(value))
        try:
            return runpy.run_path(str(ROOT / "app.py"), run_name=name)
        except SystemExit as stopped:
            return stopped.code

    return start


@pytest.fixture
def taken():
    """A port on which somebody else listens."""
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        yield somebody.getsockname()[1]


def is_one_sentence(said, received):
    """What is wrong, what was received, what is accepted; sys.exit turns a text into stderr and status 1."""
    return (
        isinstance(said, str)
        and "\n" not in said
        and f"Received: {received}" in said
        and "Accepted: " in said
    )


@pytest.mark.parametrize("port", ["abc", "99999", "0", "-1", "78.5"])
def test_a_port_that_is_none_is_one_sentence_before_any_weights(start, monkeypatch, port):
    monkeypatch.setattr(weights, "load", lambda: pytest.fail("the weights were loaded first"))
    assert is_one_sentence(start(PORT=port), f"PORT={port}.")
    assert is_one_sentence(start(GRADIO_SERVER_PORT=port), f"GRADIO_SERVER_PORT={port}.")


def test_a_taken_port_is_one_sentence_before_any_weights(start, monkeypatch, taken):
    monkeypatch.setattr(weights, "load", lambda: pytest.fail("the weights were loaded first"))
    said = start(PORT=taken)
    assert is_one_sentence(said, f"HOST=127.0.0.1, PORT={taken}.")
    assert "in use" in said


@pytest.mark.parametrize("host", ["203.0.113.1", "x" * 70])
def test_a_host_that_is_not_here_is_one_sentence(start, host):
    assert is_one_sentence(start(HOST=host), f"HOST={host}, PORT=7860.")


def damaged(folder):
    return b"\x89HDF\r\n\x1a\n" + bytes(100)


def other_network(folder):
    from safetensors.numpy import save

    return save({"a": np.zeros(3, np.float32)})


@pytest.mark.parametrize("content", [damaged, other_network, lambda _: b"", lambda _: b"PK\x03\x04"])
def test_weights_that_are_none_are_one_sentence(start, tmp_path, content):
    file = tmp_path / "some.h5"
    file.write_bytes(content(tmp_path))
    said = start("app", RESNET_DEMO_WEIGHTS=file)
    assert isinstance(said, str)
    assert "\n" not in said
    assert repr(str(file)) in said


def test_a_program_ends_with_status_one_and_the_sentence_alone(taken):
    """Once as a shell sees it."""
    environment = {k: v for k, v in os.environ.items() if k not in SETTINGS}
    ended = subprocess.run(
        [sys.executable, ROOT / "app.py"],
        env=environment | {"PORT": str(taken)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [
        line for line in ended.stderr.splitlines() if not line.startswith(("I0000 ", "WARNING: All log"))
    ]  # without TensorFlow's notes on the processor
    assert ended.returncode == 1
    assert len(lines) == 1
    assert is_one_sentence(lines[0], f"HOST=127.0.0.1, PORT={taken}.")


def test_the_address_is_what_the_environment_says(monkeypatch):
    for setting in SETTINGS:
        monkeypatch.delenv(setting, raising=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
    assert free_address() == ("127.0.0.1", port)
    monkeypatch.setenv("SPACE_ID", "somebody/space")
    assert free_address() == ("0.0.0.0", port)
    monkeypatch.setenv("HOST", "localhost")
    monkeypatch.setenv("GRADIO_SERVER_PORT", "abc")
    monkeypatch.setenv("PORT", str(port))
    assert free_address() == ("localhost", port)


# In a process of its own, for Gradio leaves event loops open.
FIRST_VISIT = """
import json, runpy, sys
import gradio as gr
from resnet_demo.ui.serve import warm, warm_laboratory

space = runpy.run_path("app.py", run_name="app")  # what a Space imports
page, instrumented = space["demo"], space["networks"].get()
assert isinstance(page, gr.Blocks)
warm(instrumented)
warm_laboratory(instrumented)
traced = set(instrumented.engine._passes)
(tab,) = (b for b in page.blocks.values() if isinstance(b, gr.Tab) and b.id == "lab")
(opened,) = (f for f in page.fns.values() if (tab._id, "select") in f.targets and len(f.outputs) > 5)
block = instrumented.engine.architecture.blocks[4].name
lab = lambda block, order, x, language: opened.fn(
    sys.argv[1], None, block, order, x, "lesion", [block], 0.5, language, "bundled", ""
)
problem, *pictures = lab(block, "network", "ratio", "en")
assert not problem and all(pictures)
assert set(instrumented.engine._passes) == traced, set(instrumented.engine._passes) - traced

# Nothing is measured twice: how it is drawn, and going back to a block already seen, run no pass.
runs, run = [], instrumented.engine.run
instrumented.engine.run = lambda function, *arrays, **static: runs.append(function) or run(function, *arrays, **static)
for order, x, language in (("largest", "ratio", "en"), ("network", "novelty", "en"), ("network", "ratio", "zh")):
    problem, *pictures = lab(block, order, x, language)
    assert not problem and all(pictures)
assert not runs, runs
other = instrumented.engine.architecture.blocks[9].name
lab(other, "network", "ratio", "en")
assert [f.__name__ for f in runs] == ["_gated_logits"], runs  # its own gate
lab(block, "network", "ratio", "en")
assert len(runs) == 1, runs

# The overview too; and the laboratory was opened first, so all that is new is the heatmap at another layer.
by_name = lambda name: next(f.fn for f in page.fns.values() if getattr(f.fn, "__name__", "") == name)
runs.clear()
again, profile = by_name("show_again"), by_name("only_branches")
overview = lambda layer, measure, language: again(
    sys.argv[1], None, layer, None, "gradcam", 32, "bars", measure, language, "bundled", ""
)
first = overview(other, "mean_magnitude", "en")
assert [f.__name__ for f in runs] == ["_gradcam"], runs
assert overview(other, "rms", "zh") != overview(other, "std", "en") and len(runs) == 1
assert profile(sys.argv[1], None, other, "bars", "rms", "en", "bundled", "") and len(runs) == 1, runs
overview(block, "mean_magnitude", "en")
assert len(runs) == 2, runs
assert overview(other, "mean_magnitude", "en") == first and len(runs) == 2, runs

lanes = {}
for f in page.fns.values():
    if f.fn and f.queue is not False:
        public = f.api_visibility == "public"
        lanes.setdefault(f.concurrency_id, []).append([public, f.api_name if public else f.name])
print(json.dumps(lanes))
"""


@pytest.fixture(scope="module")
def first_visit():
    photo = ROOT / "assets" / "examples" / "golf-ball-in-grass.jpg"
    return subprocess.run(
        [sys.executable, "-c", FIRST_VISIT, photo],
        cwd=ROOT,
        env=os.environ | {"RESNET_DEMO_WEIGHTS": "bundled", "PORT": "abc"},  # no port is asked for
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_visit_of_the_laboratory_traces_nothing_and_nothing_is_measured_twice(first_visit):
    assert first_visit.returncode == 0, first_visit.stderr


def test_everything_has_its_lane(first_visit):
    """A queue of its own, as Gradio gives to what names none, would have no bound."""
    lanes = json.loads(first_visit.stdout.splitlines()[-1])
    names = {lane: {name for _, name in functions} for lane, functions in lanes.items()}
    assert lanes.keys() == LANES.keys()
    assert names["page"] == {"updates", "pick", "<lambda>", "forget"}  # which run no network
    assert names["loading"] == {"choose", "load"}
    assert names["building"] == {"show_networks", "show_if_open"}
    assert names["training"] == {"train"}
    public = {(lane, name) for lane, functions in lanes.items() for public, name in functions if public}
    assert public == {(endpoint.lane["concurrency_id"], endpoint.name) for endpoint in endpoints()}
