"""`evaluate` and `atlas` over a small data set, against plain loops; kill and resume; Parquet."""

import csv
import json
import math
import shutil

import numpy as np
import pytest
from PIL import Image

from resnet_demo.assets import EXAMPLES
from resnet_demo.atlas import local, store
from resnet_demo.atlas.work import Work, Worker, network_key
from resnet_demo.errors import OptionError
from resnet_demo.measures.as_it_forms import as_it_forms
from resnet_demo.measures.logit_attribution import logit_attribution
from resnet_demo.measures.overview import analyze
from resnet_demo.photos.decoding import read_photo

OWN = {"golf-ball-in-grass": "golf ball", "cathedral-at-night": "church", "old-gas-pump": "gas pump"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Three of the examples in class folders, one of them twice; a box; a file that is no photo; a foreign class."""
    root = tmp_path_factory.mktemp("data")
    for stem, label in OWN.items():
        (root / label).mkdir()
        shutil.copy(EXAMPLES / f"{stem}.jpg", root / label)
    shutil.copy(EXAMPLES / "cathedral-at-night.jpg", root / "golf ball" / "really-a-church.jpg")
    (root / "church" / "damaged.jpg").write_bytes(b"\xff\xd8no photo")
    (root / "platypus").mkdir()
    shutil.copy(EXAMPLES / "cathedral-at-night.jpg", root / "platypus")
    (root / "golf ball" / "golf-ball-in-grass.xml").write_text(
        "<annotation><bndbox><xmin>10</xmin><ymin>20</ymin><xmax>300</xmax><ymax>250</ymax></bndbox></annotation>"
    )
    return root


@pytest.fixture
def run(run):
    """With the bundled weights."""
    return lambda *arguments: run(*arguments, "--weights", "bundled")


def test_evaluate_counts_what_a_loop_counts(data, run, instrumented):
    status, out, err = run(
        "evaluate", data, "--json", "--scores", "gradcam,conv5_block3,pointing,average_drop"
    )
    found = json.loads(out)
    assert status == 1
    assert "damaged.jpg" in err
    assert "platypus" in err
    assert [u["file"].rsplit("/", 1)[1] for u in found["unreadable"]] == ["damaged.jpg"]
    assert (found["images"], found["top1"], found["top5"]) == (4, 0.75, 0.75)
    assert found["confusions"] == [{"label": "golf ball", "said": "church", "images": 1}]
    photo = read_photo(data / "golf ball" / "golf-ball-in-grass.jpg")
    height, width = photo.pixels.shape[:2]
    heat = analyze(instrumented, photo, 8).gradcam.heatmap
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    y, x = (row + 0.5) * height / 224, (column + 0.5) * width / 224
    assert found["scores"]["gradcam"]["conv5_block3"]["pointing"] == (10 <= x <= 300 and 20 <= y <= 250)
    assert found["boxed"] == 1
    assert found["boxes_area"] == pytest.approx(290 * 230 / (height * width), rel=0.02)
    assert 0 <= found["scores"]["gradcam"]["conv5_block3"]["average_drop"] <= 1


def test_classification_alone(data, run):
    found = json.loads(run("evaluate", data, "--json", "--scores", "none", "--limit", "2")[1])
    assert found["scores"] == {}
    assert found["images"] + len(found["unreadable"]) == 2


@pytest.mark.slow
def test_every_method_and_score_has_a_number(data, run):
    found = json.loads(
        run(
            "evaluate", data, "--json", "--limit", "1", "--steps", "2", "--scores",
            "gradcam,gradcam_shortcut,gradcam_residual,gradcam++,ledger,conv5_block3,conv4_block2",
        )[1]
    )  # fmt: skip
    for method in ("gradcam", "gradcam_shortcut", "gradcam_residual", "gradcam++", "ledger"):
        assert set(found["scores"][method]) == {"conv5_block3", "conv4_block2"}
        for values in found["scores"][method].values():
            shares = {"insertion", "deletion", "average_drop", "increase"}
            correlations = {"sanity", "sanity_last", "stability"}
            assert set(values) == shares | correlations | (
                {"pointing", "energy"} if found["boxed"] else set()
            )
            for name, value in values.items():
                assert value is None or (-1 if name in correlations else 0) <= value <= 1


@pytest.mark.slow
def test_which_layer_is_told_by_every_score_and_written_as_a_table(data, run, tmp_path):
    arguments = (
        "--limit",
        "2",
        "--steps",
        "2",
        "--scores",
        "conv5_block3,conv2_block1,insertion,deletion,sanity",
    )
    _, out, _ = run("evaluate", data, "--out", tmp_path, *arguments)
    found = json.loads((tmp_path / "evaluation.json").read_text("utf-8"))
    layers = found["scores"]["gradcam"]
    head, *lines = csv.reader((tmp_path / "layers.csv").read_text("utf-8").splitlines())
    assert head == ["method", "layer", "insertion", "deletion", "sanity"]
    assert {line[1]: [float(v) for v in line[2:]] for line in lines} == {
        layer: [values[name] for name in head[2:]] for layer, values in layers.items()
    }
    assert (tmp_path / "reliability.svg").stat().st_size > 5_000
    with Image.open(tmp_path / "reliability.png") as diagram:
        assert len(diagram.convert("RGB").getcolors(1 << 24)) > 50
    best = found["best_layers"]["gradcam"]
    assert best["insertion"] == max(layers, key=lambda layer: layers[layer]["insertion"])
    assert best["deletion"] == min(layers, key=lambda layer: layers[layer]["deletion"])
    assert best["sanity"] == min(layers, key=lambda layer: abs(layers[layer]["sanity"]))
    table = [line.split() for line in out.splitlines()]
    assert ["best", best["insertion"], best["deletion"], best["sanity"]] in table


def test_a_mistyped_score_is_told_at_once(data, run):
    status, _, err = run("evaluate", data, "--scores", "gradcam,conv9_block1")
    assert status == 1
    assert "conv9_block1" in err


def test_the_atlas_is_a_loop_over_single_photos(data, run, instrumented, tmp_path):
    path = tmp_path / "atlas.json"
    scores = ("--scores", "conv5_block3,conv4_block6,pointing,insertion,average_drop", "--steps", "3")
    status, _, _ = run("atlas", data, "--out", path, "--lab", *scores)
    assert status == 1  # one file could not be read
    found = json.loads(path.read_text("utf-8"))
    targets = {"golf ball": 8, "church": 4, "gas pump": 7}
    photos = [(p, targets[p.parent.name]) for p in sorted(data.glob("*/*.jpg")) if p.parent.name in targets]
    photos = [(p, t) for p, t in photos if p.name != "damaged.jpg"]
    loops = []
    for file, target in photos:
        photo = read_photo(file)
        analysis = analyze(instrumented, photo, target)
        batch = instrumented.batch(photo)
        entries = logit_attribution(instrumented, batch, target).entries
        formed = as_it_forms(instrumented, batch, target).steps[1:]
        loops.append(
            [
                {
                    "ratio": b.ratio,
                    "novelty": b.novelty,
                    "closed_gates": b.closed_gates,
                    "ledger": e.contribution,
                    "as_it_forms": f.logit,
                    "as_it_forms_probability": f.probability,
                }
                | {"change": math.nan if b.change is None else b.change, "shortcut_rms": b.shortcut.rms}
                for b, e, f in zip(analysis.blocks, entries, formed, strict=True)
            ]
        )
    assert found["images"] == len(loops) == 4
    for i, block in enumerate(found["blocks"]):
        for quantity in loops[0][0]:
            values = np.array([loop[i][quantity] for loop in loops])
            values = values[np.isfinite(values)]
            assert block[quantity]["count"] == len(values)
            if len(values):
                assert block[quantity]["mean"] == pytest.approx(values.mean(), rel=1e-4, abs=1e-5)
                assert block[quantity]["std"] == pytest.approx(values.std(), rel=1e-3, abs=1e-5)
    assert {"gradient", "lesion"} <= set(found["blocks"][0])
    assert len(found["lesions"]["without"]) == 16
    assert len(found["lesions"]["without_pairs"]) == 120
    assert not path.with_name("atlas.json.part").exists()
    judged = json.loads(run("evaluate", data, "--json", *scores)[1])
    for layer, values in found["scores"]["gradcam"].items():
        means = {name: one["mean"] for name, one in values.items()}
        assert means == pytest.approx(judged["scores"]["gradcam"][layer])
        assert (values["pointing"]["count"], values["insertion"]["count"]) == (1, 4)
    assert set(found["scores"]["gradcam"]) == {"conv5_block3", "conv4_block6"}
    assert found["boxes_area"]["mean"] == pytest.approx(judged["boxes_area"])


def test_parquet_holds_the_same_as_json(data, run, tmp_path):
    pytest.importorskip("pyarrow")
    for name in ("a.json", "a.parquet"):
        run("atlas", data, "--out", tmp_path / name)
    assert store.read(tmp_path / "a.parquet") == store.read(tmp_path / "a.json")


def test_a_killed_run_goes_on_and_counts_nothing_twice(data, run, tmp_path, monkeypatch):
    monkeypatch.setattr(local, "CHUNK", 1)
    monkeypatch.setattr("resnet_demo.atlas.work.CHUNK", 1)
    monkeypatch.setattr("resnet_demo.atlas.local.chunks.__defaults__", (1,))
    monkeypatch.setattr("resnet_demo.atlas.local.go_through.__defaults__", (1, 1))
    whole, killed = tmp_path / "whole.json", tmp_path / "killed.json"
    run("atlas", data, "--out", whole)
    chunk, calls, resumed = Worker.chunk, [], []

    def dies(self, number):
        calls.append(number)
        if number == 2 and not resumed:
            raise KeyboardInterrupt
        return chunk(self, number)

    monkeypatch.setattr(Worker, "chunk", dies)
    assert run("atlas", data, "--out", killed)[0] == 130
    assert not killed.exists()
    resumed.append(calls.copy())
    calls.clear()
    run("atlas", data, "--out", killed)
    assert sorted(calls) == [2, 3, 4]
    first, second = (json.loads(path.read_text("utf-8")) for path in (whole, killed))
    assert first["blocks"] == second["blocks"]
    assert first["images"] == second["images"] == 4


def test_what_a_network_eats_is_part_of_the_work(instrumented):
    """A run that was killed is not gone on with under another preprocessing, nor by a worker with another."""
    own, other = instrumented, instrumented.fed("torch", "--preprocessing")
    assert network_key(own) == network_key(instrumented.fed("caffe", "--preprocessing")) != network_key(other)
    work = Work((), "evaluate", "none", network=network_key(own))
    Worker(work, own)
    with pytest.raises(OptionError, match="another network"):
        Worker(work, other)


@pytest.mark.parametrize("out", ["missing/atlas.json", "."])
def test_an_impossible_file_gets_a_sentence(data, run, tmp_path, out):
    status, _, err = run("atlas", data, "--out", tmp_path / out)
    assert status == 1
    assert "cannot be written" in err


def test_a_data_set_of_other_classes_is_told(tmp_path, run):
    (tmp_path / "platypus").mkdir()
    shutil.copy(EXAMPLES / "cathedral-at-night.jpg", tmp_path / "platypus")
    status, _, err = run("evaluate", tmp_path)
    assert status == 1
    assert "knows no class" in err
