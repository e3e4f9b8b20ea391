"""The bench measures what it says; how fast anything is, is never asserted."""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import httpx
import keras
import pytest

from benchmarks import browser, folder, page, peers, report, timing
from benchmarks.passes import passes
from benchmarks.report import BOUNDS, as_table, measure
from benchmarks.timing import medians
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError
from resnet_demo.networks import weights
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.networks.resnet import resnet
from resnet_demo.networks.settled import Settled

EXAMPLE = Path(__file__).resolve().parents[2] / "assets" / "examples" / "golf-ball-in-grass.jpg"


def test_rounds_are_interleaved_after_two_warm_ups_and_each_has_its_own_order():
    calls = []
    tasks = {name: lambda name=name: calls.append(name) for name in "abcd"}
    found = medians(tasks, 6)
    assert calls[:8] == list("aabbccdd")
    rounds = [tuple(calls[i : i + 4]) for i in range(8, len(calls), 4)]
    assert [sorted(order) for order in rounds] == [list("abcd")] * 6
    assert len(set(rounds)) > 3
    assert set(found) == set("abcd")


def test_a_median_is_of_the_clock_and_of_the_processor(monkeypatch):
    """By clocks that a task moves: at its n-th round by 3 and by 1 second, n times over."""
    clocks = Counter()
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clocks["wall"])
    monkeypatch.setattr(timing.time, "process_time", lambda: clocks["cpu"])
    done = count(-1)  # twice to warm up

    def work():
        n = next(done)
        clocks.update(wall=3 * n, cpu=n)

    assert medians({"work": work}, 5) == {"work": (9.0, 3.0)}


def test_every_pass_does_its_work_on_the_bundled_weights(instrumented):
    tasks = passes(instrumented, EXAMPLE)
    assert tasks["forward"]().shape == (1, 10)
    assert tasks["keras_predict"]() == pytest.approx(tasks["forward"](), abs=1e-4)
    assert len(tasks["analysis"]().blocks) == 16
    assert len(tasks["lesion_all"]()) == 16
    assert len(tasks["gradients"]()) == 16
    assert tasks["ledger"]().error < 1e-4
    overview = "".join(tasks["overview"]())
    assert overview.count('class="rx-block') == 16
    assert overview.count("data:image/") >= 7  # photo, heatmap, five maps


def test_the_peer_draws_at_the_layer_that_was_asked_for(instrumented, example_batch):
    layer = instrumented.engine.architecture.blocks[-1].output
    heatmap = peers.tf_keras_vis(instrumented.network.model, example_batch[:1], layer, 3)()
    assert heatmap.shape == (1, 224, 224)


def test_the_folder_is_classified_whole(instrumented, monkeypatch):
    monkeypatch.setattr(folder, "PICTURES", 4)
    rates = folder.images_per_second(instrumented, [EXAMPLE], rounds=1)
    assert rates["pictures"] == 4
    assert rates["folder"] > 0


# Where those of the bounds stand that are no ratios, in thousandths.
ABSOLUTE = {"browser, s": ("median_ms", "browser"), "resident memory, GB": ("memory_mb", "resident_mb")}


@pytest.mark.parametrize("name", BOUNDS)
def test_the_table_says_which_bound_is_not_met(name):
    """A hundredth beyond the bound, and as much within it."""
    sign, bound = BOUNDS[name]
    for factor in (0.99, 1.01):
        measured = defaultdict(dict, median_ms={"forward": 2.0}, floor_ms=1.0)
        if name in ABSOLUTE:
            part, key = ABSOLUTE[name]
            measured[part][key] = 1000 * bound * factor
        else:
            measured["ratios"] = {name: bound * factor}
        (line,) = (line for line in as_table(measured).splitlines() if f"bound {sign} {bound:g}" in line)
        assert line.startswith(f"{name} ")
        assert ("NOT MET" in line) == ((factor > 1) == (sign == "≤"))


@pytest.fixture
def plain_instrumented():
    keras.utils.set_random_seed(3)
    model = resnet(18, plain=True, classes=10, input_shape=(64, 64, 3))
    known = weights.load("bundled").labels
    provenance = weights.Provenance("plain.keras", "its own graph", "", "plain.keras", (), 10)
    return InstrumentedModel(weights.Network(model, known, Settled(NAMED["caffe"], "assumed"), provenance))


def test_what_cannot_be_measured_is_said_before_anything_is(
    plain_instrumented, small_instrumented, monkeypatch
):
    monkeypatch.setattr(report, "passes", lambda *_: pytest.fail("it began to measure"))
    with pytest.raises(OptionError, match=r"Received: plain\.keras, a network without residual blocks\. Acc"):
        measure(plain_instrumented)
    with pytest.raises(
        OptionError, match=r"Received: small, a network without example images of its classes"
    ):
        measure(small_instrumented)


SHOWS_ITS_WEIGHTS = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["RESNET_DEMO_WEIGHTS"].encode())
server = http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Answer)
print("ready at", flush=True)
server.serve_forever()
"""


def test_the_page_serves_the_weights_that_are_measured(
    instrumented, small_instrumented, monkeypatch, tmp_path
):
    (tmp_path / "app.py").write_text(SHOWS_ITS_WEIGHTS)
    monkeypatch.setattr(page, "ROOT", tmp_path)
    network = small_instrumented.network
    of_a_file = replace(network, provenance=replace(network.provenance, path="folder/some.h5"))
    for measured, named in (
        (instrumented, "bundled"),
        (SimpleNamespace(network=of_a_file), str(Path.cwd() / "folder" / "some.h5")),
    ):
        with page.running(report.weights_of(measured)) as server:
            assert httpx.get(server.url).text == named


def test_playwrights_own_browser_is_taken_where_none_is_installed(monkeypatch):
    launched = []
    playwright = SimpleNamespace(chromium=SimpleNamespace(launch=lambda **options: launched.append(options)))
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    browser.launch(playwright)
    monkeypatch.setattr(browser.shutil, "which", lambda name: "/bin/" + name if "google" in name else None)
    browser.launch(playwright)
    assert [options["executable_path"] for options in launched] == [None, "/bin/google-chrome"]


def test_a_browser_that_cannot_start_is_none(monkeypatch):
    monkeypatch.setattr(browser.shutil, "which", lambda name: "/bin/false")
    assert not browser.available()
