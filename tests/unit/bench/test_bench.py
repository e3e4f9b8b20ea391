"""The bench measures what it says; how fast anything is, is never asserted."""

from pathlib import Path

import pytest

from resnet_demo.bench import folder, machine, peers
from resnet_demo.bench.passes import passes
from resnet_demo.bench.report import BOUNDS, as_table
from resnet_demo.bench.timing import medians

EXAMPLE = Path(__file__).resolve().parents[3] / "assets" / "examples" / "golf-ball-in-grass.jpg"


def test_rounds_are_interleaved_after_two_warm_ups():
    calls = []
    tasks = {name: lambda name=name: calls.append(name) for name in "ab"}
    found = medians(tasks, 3)
    assert calls == ["a", "a", "b", "b", *"ababab"]
    assert set(found) == {"a", "b"}
    assert all(seconds >= 0 for seconds in found.values())


def test_every_pass_does_its_work_on_the_bundled_weights(explorer):
    tasks = passes(explorer, EXAMPLE)
    assert tasks["forward"]().shape == (1, 10)
    assert tasks["keras_predict"]() == pytest.approx(tasks["forward"](), abs=1e-4)
    assert len(tasks["analysis"]().blocks) == 16
    assert len(tasks["lesion_all"]()) == 16
    assert len(tasks["gradients"]()) == 16
    assert tasks["ledger"]().error < 1e-4
    overview = "".join(tasks["overview"]())
    assert overview.count('class="rx-block') == 16
    assert overview.count("data:image/") >= 7  # photo, heatmap, five maps


def test_the_peer_draws_at_the_layer_that_was_asked_for(explorer, example_batch):
    layer = explorer.engine.architecture.blocks[-1].output
    heatmap = peers.tf_keras_vis(explorer.network.model, example_batch[:1], layer, 3)()
    assert heatmap.shape == (1, 224, 224)


def test_the_folder_is_classified_whole(explorer, monkeypatch):
    monkeypatch.setattr(folder, "PICTURES", 4)
    rates = folder.images_per_second(explorer, [EXAMPLE], rounds=1)
    assert rates["pictures"] == 4
    assert rates["folder"] > 0
    assert rates["folder_over_forward"] == pytest.approx(rates["folder"] / rates["forward"])


def test_the_machine_is_told():
    facts = machine.facts()
    assert facts["cores"] >= 1
    assert {"processor", "memory_gb", "python", "tensorflow", "keras", "gradio", "numpy"} <= set(facts)
    assert machine.multiply_rate(rounds=1) > 1e8


@pytest.mark.parametrize(("ratio", "missed"), [(1.39, False), (1.41, True)])
def test_the_table_says_which_bound_is_not_met(ratio, missed):
    parts = {name: {} for name in ("start", "memory_mb", "users", "folder", "left_out")}
    table = as_table(
        {
            "machine": {"cores": 2},
            "floor_ms": 1.0,
            "median_ms": {"forward": 2.0},
            "ratios": {"analysis / forward": ratio},
            **parts,
        }
    )
    assert ("NOT MET" in table) is missed


def test_bounds_are_read_the_right_way():
    assert BOUNDS["folder / batch forward"][0] == "≥"
    assert BOUNDS["forward / floor"][0] == "≤"
