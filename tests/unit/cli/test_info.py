import json
import platform

import keras
import numpy as np

from resnet_demo import __version__


def test_json_tells_weights_network_and_versions(run):
    status, out, err = run("info", "--weights", "bundled", "--json")
    printed = json.loads(out)
    assert (status, err) == (0, "")
    assert list(printed) == ["weights", "network", "versions"]
    weights = printed["weights"]
    assert weights["variant"] == "keras"
    assert weights["preprocessing"] == "caffe"
    assert weights["classes"] == 10
    assert len(bytes.fromhex(weights["sha256"])) == 32
    assert weights["path"].endswith("imagenette.json")
    # 25,636,712 of ResNet50, with 10 classes in layer of 1000.
    assert printed["network"]["parameters"] == 25_636_712 - 990 * 2049
    assert printed["network"]["blocks"] == 16
    versions = printed["versions"]
    assert versions["resnet_demo"] == __version__
    assert versions["python"] == platform.python_version()
    assert versions["keras"] == keras.__version__
    assert versions["numpy"] == np.__version__


def test_text_tells_the_same(run, tiny):
    status, out, _ = run("info")
    sections = [dict(line.split(maxsplit=1) for line in part.splitlines()) for part in out.split("\n\n")]
    assert status == 0
    assert sections[0] == {
        "name": "tiny",
        "variant": "keras",
        "sha256": "0" * 64,
        "path": "–",
        "reason": "It brings no class names, so its classes are numbers.",
        "preprocessing": "caffe",
        "classes": "4",
    }
    assert sections[1]["input_shape"] == "64 × 32 × 3"
    assert sections[1]["blocks"] == "8"
    assert sections[2]["keras"] == keras.__version__
