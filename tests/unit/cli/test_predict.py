import json
import math

import numpy as np
import pytest
from PIL import Image

from resnet_demo.networks.labels import imagenet_labels, label_for_wnid

KEYS = ["index", "wnid", "label", "probability", "logit"]


def picture(path, seed=0, size=(40, 30)):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_json_is_one_object_per_picture_and_line_in_input_order_and_nothing_else(run, examples):
    files = [examples / name for name in ("old-gas-pump.jpg", "golf-ball-in-grass.jpg", "old-gas-pump.jpg")]
    status, out, _ = run("predict", *files, "--weights", "bundled", "--top", 3, "--batch-size", 2, "--json")
    objects = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [o["file"] for o in objects] == [str(file) for file in files]
    for key in ("probability", "logit"):  # not bit for bit: another size of batch, another order of adding up
        first, last = ([p[key] for p in o["predictions"]] for o in (objects[0], objects[2]))
        assert first == pytest.approx(last, rel=1e-5)
    assert [o["predictions"][0]["label"] for o in objects] == ["gas pump", "golf ball", "gas pump"]
    for o in objects:
        assert list(o) == ["file", "input_shape", "predictions"]
        assert o["input_shape"] == [1, 224, 224, 3]
        assert [list(p) for p in o["predictions"]] == [KEYS] * 3
        best, second, _ = o["predictions"]
        assert best["probability"] > second["probability"]
        ratio = math.exp(best["logit"] - second["logit"])
        assert best["probability"] / second["probability"] == pytest.approx(ratio, rel=1e-6)


def test_text_shows_input_shape_and_aligned_classes(run, examples):
    status, out, err = run(
        "predict",
        examples / "old-gas-pump.jpg",
        examples / "golf-ball-in-grass.jpg",
        "--top",
        2,
        "--weights",
        "bundled",
    )
    lines = out.splitlines()
    assert status == 0
    assert lines[0] == str(examples / "old-gas-pump.jpg")
    assert lines[1] == "Input image shape: (1, 224, 224, 3)"
    assert lines[2].startswith("  n03425413  gas pump")
    assert lines[2].endswith("%")
    assert len(lines[2]) == len(lines[3])
    assert lines[4] == ""
    assert lines[5] == str(examples / "golf-ball-in-grass.jpg")
    assert err == "Bundled Imagenette weights, as asked for.\n"


def test_bad_pictures_are_named_and_the_others_still_run(run, tiny, tmp_path):
    good = [picture(tmp_path / f"good{i}.png", seed=i) for i in range(3)]
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "cut.png").write_bytes(good[0].read_bytes()[:900])
    (tmp_path / "page.html").write_text("<p>")
    bad = [tmp_path / name for name in ("empty.jpg", "cut.png", "page.html", "missing.jpg")]
    mixed = [bad[0], good[0], bad[1], bad[2], good[1], bad[3], good[2]]
    status, out, err = run("predict", *mixed, "--json", "--batch-size", 2)
    assert status == 1
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(path) for path in good]
    complaints = err.splitlines()[1:]  # after the weights
    assert len(complaints) == len(bad)
    for path, complaint in zip(bad, complaints, strict=True):
        assert str(path) in complaint
        assert "Received: " in complaint
        assert "Traceback" not in complaint


def test_a_refused_first_picture_leaves_no_blank_line(run, tiny, tmp_path):
    good = picture(tmp_path / "good.png")
    _, out, _ = run("predict", tmp_path / "missing.jpg", good, "--top", 1)
    assert out.splitlines()[0] == str(good)


def test_the_input_shape_is_the_networks_and_classes_without_names_are_numbers(run, tiny, tmp_path):
    _, out, _ = run("predict", picture(tmp_path / "a.png"), "--json", "--top", 9)
    result = json.loads(out)
    assert result["input_shape"] == [1, 64, 32, 3]
    assert sorted(p["label"] for p in result["predictions"]) == ["0", "1", "2", "3"]
    assert {p["wnid"] for p in result["predictions"]} == {""}
    assert sum(p["probability"] for p in result["predictions"]) == pytest.approx(1)


def test_a_folder_stands_for_its_pictures_sorted(run, tiny, tmp_path):
    folder = tmp_path / "photos"
    (folder / "inner.jpg").mkdir(parents=True)
    for name in ("b.JPG", "a.png", "c.webp", ".hidden.png"):
        picture(folder / name)
    (folder / "labels.json").write_text("[]")
    single = picture(tmp_path / "z.png")
    status, out, _ = run("predict", single, folder, "--json")
    files = [json.loads(line)["file"] for line in out.splitlines()]
    assert status == 0
    assert files == [str(single), *(str(folder / name) for name in ("a.png", "b.JPG", "c.webp"))]


def test_a_folder_without_pictures_is_named_and_counts_as_not_done(run, tiny, tmp_path):
    (tmp_path / "empty").mkdir()
    status, out, err = run("predict", tmp_path / "empty", picture(tmp_path / "a.png"), "--json")
    assert status == 1
    assert len(out.splitlines()) == 1
    assert str(tmp_path / "empty") in err


def test_a_file_name_that_is_no_text_is_still_printed(run, tiny, tmp_path):
    path = tmp_path / "caf\udce9$x$.png"
    try:
        picture(path)
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    status, out, _ = run("predict", path, "--json")
    assert status == 0
    assert json.loads(out)["file"] == str(path)


def test_wrong_weights_are_one_sentence(run, tmp_path, examples):
    status, out, err = run("predict", examples / "old-gas-pump.jpg", "--weights", tmp_path / "none.h5")
    assert (status, out) == (1, "")
    assert err.startswith("There is no such weights file. Received: ")
    assert len(err.splitlines()) == 1


def test_labels_of_another_number_are_one_sentence(run, tmp_path, examples):
    labels = tmp_path / "names.txt"
    labels.write_text("one\ntwo\n")
    status, out, err = run(
        "predict", examples / "old-gas-pump.jpg", "--weights", "bundled", "--labels", labels
    )
    assert (status, out) == (1, "")
    assert "10 classes" in err
    assert len(err.splitlines()) == 1


def test_example_photos_of_a_folder_with_bundled_weights(run, examples):
    entries = {e["file"]: e for e in json.loads((examples / "examples.json").read_text("utf-8"))}
    status, out, _ = run("predict", examples, "--weights", "bundled", "--json")
    found = {o["file"].rpartition("/")[2]: o["predictions"] for o in map(json.loads, out.splitlines())}
    assert status == 0
    assert list(found) == sorted(entries)
    for file, entry in entries.items():
        assert all(label_for_wnid(p["wnid"]).english == p["label"] for p in found[file])
        assert (entry["wnid"] == found[file][0]["wnid"]) == (entry["for"] == "bundled")


@pytest.mark.shared
def test_imagenet_photos_with_real_weights(run, shared):
    photos = shared / "data" / "imagenet_val"
    expected = {
        entry["file"]: entry["index"] for entry in json.loads((photos / "labels.json").read_text("utf-8"))
    }
    weights = shared / "weights" / "resnet50_v1.5_imagenet1k.safetensors"
    status, out, _ = run("predict", photos, "--weights", weights, "--json")
    ranked = {o["file"].rpartition("/")[2]: o["predictions"] for o in map(json.loads, out.splitlines())}
    assert status == 0
    assert list(ranked) == sorted(expected)
    first = sum(ranked[file][0]["index"] == index for file, index in expected.items())
    in_five = sum(index in [p["index"] for p in ranked[file]] for file, index in expected.items())
    print(f"{first} of 40 right at rank 1, {in_five} in the top 5")
    assert first >= 25
    assert in_five >= 35
    names = imagenet_labels()
    assert all(names[p["index"]].english == p["label"] for ps in ranked.values() for p in ps)
    elephant = next(file for file, index in expected.items() if index == 385)
    assert {p["label"] for p in ranked[elephant][:3]} == {"Indian elephant", "African elephant", "tusker"}
