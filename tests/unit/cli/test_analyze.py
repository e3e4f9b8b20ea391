import json
import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from matplotlib.figure import Figure
from PIL import Image

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures import overview
from resnet_demo.measures.gates import gated_logits
from resnet_demo.networks import weights
from resnet_demo.networks.labels import label_for_wnid
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results.analysis_json import schema
from resnet_demo.views.figures import files
from resnet_demo.views.number_format import percent

MAGNITUDES = ["mean_magnitude", "rms", "std"]
BLOCK = [
    "name",
    "stage",
    "kind",
    "shape",
    "shortcut",
    "residual",
    "sum",
    "output",
    "ratio",
    "cosine",
    "novelty",
]
BLOCK += ["energy", "closed_gates", "change"]
PLAIN_FILES = {"analysis.json", "arrays.npz", "heatmap.png"} | {
    f"features_{layer}.png" for layer in ("conv1", "pool1", "conv2", "conv3", "conv4", "conv5")
}
BLOCK_FILES = {
    "blocks.csv",
    "profile.png",
    "profile.svg",
    *(f"block_maps_conv{stage}.png" for stage in (2, 3, 4, 5)),
}
LAB_FILES = {f"{name}.{kind}" for name in ("lab", "ledger") for kind in ("png", "svg")}


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.default_rng(4).integers(0, 256, (45, 80, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def no_figures(monkeypatch):
    """For tests of something else: figures take most of the time."""
    monkeypatch.setattr(files, "_figures", lambda *_: ())
    monkeypatch.setattr(files, "_lab_figures", lambda *_: ())


@pytest.fixture
def empty_pictures(monkeypatch):
    """Figures are made but not rendered; their files are empty."""
    monkeypatch.setattr(Figure, "savefig", lambda _, path, metadata: path.touch())


@pytest.mark.slow
def test_bundled_weights_whole(run, examples, tmp_path, instrumented):
    """One run on the real ResNet50, all that it writes against `overview.analyze`."""
    out_dir = tmp_path / "new" / "folder"
    file = examples / "golf-ball-in-grass.jpg"
    arguments = (
        "analyze",
        file,
        "--out",
        out_dir,
        "--weights",
        "bundled",
        "--target",
        "gas pump",
        "--top",
        3,
    )
    status, out, err = run(*arguments, "--json")
    assert status == 0
    assert err == "Bundled Imagenette weights, as asked for.\n"
    assert out == (out_dir / "analysis.json").read_text("utf-8")
    numbers = json.loads(out)
    assert list(numbers)[:2] == ["schema_version", "image"]
    assert list(numbers)[2:] == ["weights", "network", "predictions", "target", "gradcam", "stages", "blocks"]
    assert list(numbers["weights"]) == ["name", "variant", "sha256", "classes"]
    assert numbers["predictions"][0]["label"] == "golf ball"
    assert len(numbers["predictions"]) == 3
    assert numbers["target"]["label"] == "gas pump"
    assert [block["name"] for block in numbers["blocks"]][::15] == ["conv2_block1", "conv5_block3"]
    assert len(numbers["blocks"]) == 16
    for block in numbers["blocks"]:
        assert list(block) == BLOCK
        assert [list(block[tensor]) for tensor in ("shortcut", "residual", "sum", "output")] == [
            MAGNITUDES
        ] * 4
        assert sum(block["energy"].values()) == pytest.approx(1, abs=1e-4)

    assert numbers["gradcam"]["layer"] == "conv5_block3_out"
    assert [len(stage["means"]) for stage in numbers["stages"]] == [16] * 6

    expected = overview.analyze(instrumented, read_photo(file), target=7, top=3)
    np.testing.assert_allclose(
        [block["ratio"] for block in numbers["blocks"]], [block.ratio for block in expected.blocks], rtol=1e-4
    )
    assert numbers["gradcam"]["maximum"] == pytest.approx(expected.gradcam.gradcam.max(), rel=1e-4)
    with np.load(out_dir / "arrays.npz") as arrays:
        assert set(arrays) == set(expected.arrays())
        assert arrays["gradcam"].shape == (7, 7)
        assert arrays["heatmap"].shape == (224, 224)
        assert arrays["share_map/conv3_block2"].shape == (28, 28)
        for name, array in expected.arrays().items():
            assert arrays[name].dtype == np.float32
            np.testing.assert_allclose(arrays[name], array, rtol=1e-3, atol=1e-5)
    assert {path.name for path in out_dir.iterdir()} == PLAIN_FILES | BLOCK_FILES
    for path in out_dir.glob("*.png"):
        with Image.open(path) as figure:
            assert min(figure.size) > 300
            assert len(figure.convert("RGB").getcolors(1 << 24)) > 50  # drawn, not blank


@pytest.mark.usefixtures("no_figures")
def test_lab_adds_its_numbers(run, tiny, photo, tmp_path):
    status, out, _ = run("analyze", photo, "--out", tmp_path / "out", "--lab", "--json")
    numbers = json.loads(out)
    assert status == 0
    assert list(numbers)[5:] == ["target", "gradcam", "stages", "blocks", "ledger", "as_it_forms"]
    assert [step["blocks"] for step in numbers["as_it_forms"]] == list(range(9))
    assert numbers["as_it_forms"][-1]["logit"] == pytest.approx(numbers["target"]["logit"], rel=1e-5)
    ledger = numbers["ledger"]
    assert list(ledger) == ["stem", "class_bias", "projection_biases", "blocks", "sum", "logit", "error"]
    assert ledger["sum"] == pytest.approx(ledger["logit"], rel=1e-4, abs=1e-5)
    assert ledger["logit"] == pytest.approx(numbers["target"]["logit"], rel=1e-5)
    for block, contribution in zip(numbers["blocks"], ledger["blocks"], strict=True):
        assert list(block) == [*BLOCK, "gradient", "lesion", "ledger"]
        assert list(block["gradient"]) == ["shortcut_rms", "residual_rms", "cosine"]
        assert list(block["lesion"]) == ["logit_change", "probability_change", "top1"]
        assert block["ledger"] == contribution


@pytest.mark.usefixtures("no_figures")
def test_pairs_are_every_two_blocks(run, tiny, photo, tmp_path):
    arguments = ("analyze", photo, "--out", tmp_path / "out", "--pairs", "--lab")
    status, out, _ = run(*arguments, "--json")
    numbers = json.loads(out)
    Draft202012Validator(schema()).validate(numbers)
    names = [block["name"] for block in numbers["blocks"]]
    pairs = numbers["double_lesion"]
    assert (status, [tuple(one["blocks"]) for one in pairs]) == (0, list(combinations(names, 2)))
    model = InstrumentedModel(tiny)
    gates = np.ones((1, len(names)))
    gates[0, [0, 1]] = 0
    batch, target = model.batch(read_photo(photo)), numbers["target"]["index"]
    without = gated_logits(model.engine, batch, gates)[0]
    assert pairs[0]["top1"] == without.argmax()
    assert pairs[0]["logit_change"] == pytest.approx(without[target] - numbers["target"]["logit"], abs=1e-4)
    worst = min(pairs, key=lambda one: one["logit_change"])
    text = run(*arguments)[1]
    assert f"of {len(pairs)} pairs change the top class" in text
    assert re.search(rf"  {worst['blocks'][0]} +{worst['blocks'][1]} ", text)


@pytest.mark.slow
@pytest.mark.usefixtures("no_figures")
def test_scores_test_the_heatmap_and_the_layers(run, tiny, photo, tmp_path, monkeypatch):
    arguments = ("analyze", photo, "--out", tmp_path / "out", "--scores", "--at", "conv3_block1")
    status, out, _ = run(*arguments, "--json")
    numbers = json.loads(out)
    Draft202012Validator(schema()).validate(numbers)
    assert (status, numbers["belief"]["layer"]) == (0, "conv3_block1")
    text = run(*arguments)[1]
    for share in (numbers["belief"]["deletion"]["area"], numbers["belief"]["centre"]["insertion"]["area"]):
        assert percent(share) in text
    rows = [line.split() for line in text.split("Which layer:")[1].splitlines()]
    for layer, values in numbers["layer_scores"]["layers"].items():
        assert [layer, *map(percent, values.values())] in rows
    monkeypatch.setattr(
        weights, "load", lambda *_: replace(tiny, outputs=replace(tiny.outputs, activation="none"))
    )
    status, out, _ = run(*arguments, "--json")
    assert (status, json.loads(out)["left_out"].keys()) == (0, {"belief", "layer_scores"})


@pytest.mark.slow
@pytest.mark.usefixtures("empty_pictures")
def test_text_names_classes_blocks_lab_and_files(run, tiny, photo, tmp_path):
    status, out, _ = run(
        "analyze", photo, "--out", tmp_path / "out", "--at", "conv3", "--target", "2", "--lab"
    )
    lines = out.splitlines()
    assert status == 0
    assert lines[:2] == ["photo.png", "Input image shape: (1, 64, 32, 3)"]
    explained = next(line for line in lines if line.startswith("Explained: 2,"))
    assert explained.endswith("Grad-CAM at conv3_block2_out")
    assert (
        sum(line.lstrip().startswith("conv5_block2 ") for line in lines) == 3
    )  # the profile's row, the lab's, and the answer's after it
    assert any(line.startswith("Ledger: class bias ") for line in lines)
    assert set(lines[-1].partition(": ")[2].split(", ")) == PLAIN_FILES | BLOCK_FILES | LAB_FILES
    assert {path.name for path in (tmp_path / "out").iterdir()} == PLAIN_FILES | BLOCK_FILES | LAB_FILES


@pytest.mark.usefixtures("empty_pictures")
def test_a_plain_network_has_no_blocks_to_draw(run, tiny_plain, photo, tmp_path):
    status, out, _ = run("analyze", photo, "--out", tmp_path / "out", "--json")
    assert status == 0
    assert json.loads(out)["blocks"] == []
    assert {path.name for path in (tmp_path / "out").iterdir()} == PLAIN_FILES
    status, out, _ = run("analyze", photo, "--out", tmp_path / "lab", "--lab")
    assert status == 0
    left_out = [line for line in out.splitlines() if line.startswith("Left out, ")]
    assert [line.split(":")[0].removeprefix("Left out, ") for line in left_out] == [
        "gradients",
        "lesion",
        "ledger",
        "as_it_forms",
    ]
    assert all("Received: a network without shortcuts" in line for line in left_out)
    assert {path.name for path in (tmp_path / "lab").iterdir()} == PLAIN_FILES


@pytest.mark.usefixtures("no_figures")
def test_a_black_photo_is_said_to_hold_no_evidence(run, tiny, tmp_path):
    Image.new("RGB", (64, 48), "black").save(tmp_path / "black.png")
    status, out, _ = run("analyze", tmp_path / "black.png", "--out", tmp_path / "out")
    assert status == 0
    assert "holds no evidence for any class" in out
    assert json.loads((tmp_path / "out/analysis.json").read_text())["image"]["notes"] == ["no_evidence"]


@pytest.mark.usefixtures("no_figures")
def test_only_our_own_files_are_replaced(run, tiny, photo, tmp_path):
    out_dir = tmp_path / "out"
    out_dir.mkdir()
    (out_dir / "notes.txt").write_text("mine")
    (out_dir / "analysis.json").write_text("old")
    assert run("analyze", photo, "--out", out_dir)[0] == 0
    assert (out_dir / "notes.txt").read_text() == "mine"
    assert json.loads((out_dir / "analysis.json").read_text("utf-8"))["image"]["name"] == "photo.png"


@pytest.mark.usefixtures("no_figures")
def test_the_target_by_any_of_its_names(run, tiny, photo, tmp_path, monkeypatch):
    wnids = ("n02504458", "n01871265", "n02504013", "n01440764")
    named = replace(tiny, labels=tuple(map(label_for_wnid, wnids)))
    monkeypatch.setattr(weights, "load", lambda *_: named)
    for target in ("2", "n02504013", "Indian elephant", "indian_elephant", named.labels[2].chinese):
        _, out, _ = run("analyze", photo, "--out", tmp_path / "out", "--json", "--target", target)
        assert json.loads(out)["target"]["index"] == 2
        assert json.loads(out)["target"]["label"] == "Indian elephant"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--target", "unicorn"], "There is no such class. Received: 'unicorn'."),
        (["--target", "4"], "There is no class with this index. Received: 4."),
        (["--at", "conv9"], "There is no such block or stage. Received: 'conv9'."),
    ],
)
def test_names_that_do_not_exist_are_one_sentence_and_write_nothing(
    run, tiny, photo, tmp_path, arguments, sentence
):
    status, out, err = run("analyze", photo, "--out", tmp_path / "out", *arguments)
    assert (status, out) == (1, "")
    assert err.splitlines()[1].startswith(sentence)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_bad_picture_and_a_bad_folder_are_told_before_the_network_is_loaded(
    run, photo, tmp_path, monkeypatch
):
    monkeypatch.setattr(weights, "load", lambda *_: pytest.fail("loaded"))
    (tmp_path / "bad.jpg").write_bytes(b"GIF89a")
    status, _, err = run("analyze", tmp_path / "bad.jpg", "--out", tmp_path / "out")
    assert status == 1
    assert "bad.jpg" in err
    assert not (tmp_path / "out").exists()
    status, _, err = run("analyze", photo, "--out", photo)
    assert status == 1
    assert err.startswith("The folder for the results cannot be made. Received: --out ")


def test_a_file_that_cannot_be_replaced_is_one_sentence(run, tiny, photo, tmp_path):
    (tmp_path / "out" / "arrays.npz").mkdir(parents=True)
    status, out, err = run("analyze", photo, "--out", tmp_path / "out", "--json")
    assert (status, out) == (1, "")
    assert err.splitlines()[1].startswith("The results cannot be written. Received: --out ")


@pytest.mark.usefixtures("no_figures")
def test_a_report_has_the_laboratory_and_needs_no_folder(run, tiny, photo, tmp_path):
    status, out, _ = run(
        "analyze", photo, "--report", tmp_path / "new" / "report.html", "--json", "--at", "conv3"
    )
    assert status == 0
    assert "ledger" not in json.loads(out)  # `--json` says the same as without a report
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report.html"]
    text = (tmp_path / "new" / "report.html").read_text("utf-8")
    inside = json.loads(text.split('id="analysis">')[1].split("</script>")[0])
    assert inside.pop("ledger")["error"] < 1e-4
    assert inside["predictions"] == json.loads(out)["predictions"]
    assert "photo.png" in text


def test_a_report_of_a_network_without_shortcuts_says_what_is_left_out(run, tiny_plain, photo, tmp_path):
    status, out, _ = run("analyze", photo, "--report", tmp_path / "report.html")
    assert status == 0
    assert out.endswith(f"\nWritten: {tmp_path / 'report.html'}\n")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "ledger: The residual laboratory measures residual blocks." in text
    assert "残差实验室" in text.split('lang="zh-Hans"')[-1]


@pytest.mark.slow
def test_what_is_found_is_printed_and_need_not_be_written(run, photo, tmp_path):
    status, printed, _ = run("analyze", photo)
    assert status == 0
    assert "Mean magnitude of shortcut and residual branch:" in printed
    assert "Written" not in printed
    status, printed, _ = run("analyze", photo, "--json", "--out", tmp_path)
    assert status == 0
    assert run("analyze", photo, "--json") == (0, printed, run("analyze", photo)[2])
