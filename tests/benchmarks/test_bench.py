"""The bench measures what it says; how fast anything is, is never asserted."""

import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import keras
import pytest

from benchmarks import browser, folder, page, peers, report
from benchmarks.passes import passes
from benchmarks.report import as_table, measure
from benchmarks.timing import medians
from resnet_demo.errors import OptionError
from resnet_demo.measures.overview import InstrumentedModel
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


def test_waiting_takes_time_but_no_cpu():
    found = medians({"wait": lambda: time.sleep(0.02), "work": lambda: sum(range(400_000))}, 3)
    assert found["wait"].wall > 0.02 > found["wait"].cpu
    assert found["work"].cpu > 0


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


@pytest.mark.parametrize(
    ("measured", "missed"),
    [
        ({"ratios": {"analysis / forward": 1.24}}, False),
        ({"ratios": {"analysis / forward": 1.26}}, True),
        ({"median_ms": {"browser": 1490.0}}, False),
        ({"median_ms": {"browser": 1510.0}}, True),
        ({"memory_mb": {"resident_mb": 1199.0}}, False),
        ({"memory_mb": {"resident_mb": 1201.0}}, True),
        ({"ratios": {"tf_keras_vis / analysis": 5.9}}, True),
        ({"ratios": {"tf_keras_vis / analysis": 6.1}}, False),
    ],
)
def test_the_table_says_which_bound_is_not_met(measured, missed):
    parts = {name: {} for name in ("start", "memory_mb", "users", "folder", "left_out")}
    rest = {
        "machine": {"cores": 2},
        "floor_ms": 1.0,
        "median_ms": {"forward": 2.0},
        "ratios": {},
        "cpu_ratios": {},
    }
    assert ("NOT MET" in as_table(parts | rest | measured)) is missed


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
