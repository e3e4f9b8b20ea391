"""One process, Ray whose workers are killed in mid-run, and a loop in NumPy say the same of sixty photos."""

import json
import pickle

import keras
import numpy as np
import psutil
import pytest
from PIL import Image

from resnet_demo.assets import EXAMPLES
from resnet_demo.atlas import local
from resnet_demo.atlas.cluster import ChunkActor, go_through_on_ray
from resnet_demo.atlas.work import Item, Work, Worker

NOTHING = local.SavedProgress(None, "")
CAFFE_MEAN = np.array([103.939, 116.779, 123.68], np.float32)  # blue, green, red
TOGETHER = 6  # photos whose activations the loop holds, 80 MB each


@pytest.fixture(scope="module")
def work(shared, instrumented) -> Work:
    """Imagenette's sixty validation photos; where they are not, the examples over and over."""
    folder = shared / "data" / "imagenette_val"
    if folder.is_dir():
        labels = json.loads((folder / "labels.json").read_text("utf-8"))
        items = [Item(str(folder / one["file"]), one["index"]) for one in labels]
    else:
        items = [Item(str(path), 8) for path in (sorted(EXAMPLES.glob("*.jpg")) * 20)[:60]]
    blocks = tuple(block.name for block in instrumented.engine.architecture.blocks)
    return Work(tuple(items), "atlas", "none", blocks=blocks)


@pytest.fixture(scope="module")
def here(work, instrumented):
    """What one process says."""
    chunk = Worker(work, instrumented).chunk
    *_, (done, tally) = local.go_through(60, chunk, work.nothing(), work.restore, NOTHING, at_once=2)
    assert done == tally.counted.images == 60
    return tally.counted.numbers([label.english for label in instrumented.labels])


def test_it_is_a_loop_in_numpy(work, here, instrumented):
    spec, model = instrumented.engine.architecture, instrumented.network.model
    names = [[b.shortcut, b.residual, b.sum] for b in spec.blocks]
    tensors = {name: model.get_layer(name).output for of in names for name in of}
    whole = keras.Model(model.input, [*tensors.values(), model.output])
    found: list[list[dict[str, float]]] = []
    said: list[int] = []
    for start in range(0, 60, TOGETHER):
        photos = [Image.open(item.path).convert("RGB") for item in work.items[start : start + TOGETHER]]
        pixels = [np.asarray(p.resize((224, 224), Image.Resampling.BILINEAR)) for p in photos]
        batch = np.stack(pixels).astype(np.float32)[..., ::-1] - CAFFE_MEAN
        *values, probabilities = (np.asarray(v) for v in whole(batch))
        of = dict(zip(tensors, values, strict=True))
        said += probabilities.argmax(-1).tolist()
        found += [
            [numbers_of(*(of[name][i] for name in block)) for block in names] for i in range(len(batch))
        ]
    assert here["top1"] == np.mean([s == item.target for s, item in zip(said, work.items, strict=True)])
    for number, block in enumerate(here["blocks"]):
        for quantity, one in block.items():
            if quantity not in ("name", "change"):
                values = np.array([photo[number][quantity] for photo in found])
                assert one["count"] == 60
                assert one["mean"] == pytest.approx(values.mean(), rel=1e-4, abs=1e-6), (block, quantity)
                assert one["std"] == pytest.approx(values.std(), rel=1e-3, abs=1e-6)
                middle = np.quantile(values, 0.5, method="lower")
                assert one["quantiles"]["0.5"] == pytest.approx(middle, rel=2e-3, abs=1e-6)


def numbers_of(shortcut, residual, y) -> dict[str, float]:
    """A photo's quantities of one block, of float32 (h, w, c) each."""
    s, f, y = (values.ravel() for values in (shortcut, residual, y))
    cosine = s @ f / np.sqrt((s @ s) * (f @ f))
    return {
        "ratio": np.sqrt(f @ f / (s @ s)),
        "cosine": cosine,
        "novelty": np.sqrt(1 - cosine**2),
        "closed_gates": np.mean(y < 0),
        "shortcut_rms": np.sqrt(np.mean(s**2)),
        "residual_rms": np.sqrt(np.mean(f**2)),
        "energy_shortcut": s @ s / (y @ y),
        "energy_residual": f @ f / (y @ y),
        "energy_cross": 2 * (s @ f) / (y @ y),
    }


# Ray's own, of itself and of what it leaves to its processes.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
def test_ray_says_the_same_though_its_workers_are_killed(work, here, instrumented):
    pytest.importorskip("ray")
    steps = go_through_on_ray(work, {"weights": "bundled"}, NOTHING, workers=2)
    *_, (done, tally) = kill_in_mid_run(steps)
    assert done == tally.counted.images == 60
    require_same(tally.counted.numbers([label.english for label in instrumented.labels]), here)


def test_a_worker_without_the_network_says_why(monkeypatch):
    import tensorflow as tf

    for name in ("set_intra_op_parallelism_threads", "set_inter_op_parallelism_threads"):
        monkeypatch.setattr(tf.config.threading, name, lambda _: None)
    actor = ChunkActor(Work((), "atlas"), {"weights": "/nowhere.h5"}, 1)
    (found,) = actor({"number": [3], "items": [pickle.dumps(())]})["found"]
    assert "There is no such weights file. Received: '/nowhere.h5'." in pickle.loads(found)


def kill_in_mid_run(steps):
    """The steps; after the first chunk that is done both of Ray's processes that hold a network are killed."""
    killed = []
    for done, tally in steps:
        if done and not killed:
            below = psutil.Process().children(recursive=True)
            killed = [p for p in below if "".join(p.cmdline()).startswith("ray::MapWorker")]
            assert len(killed) == 2
            assert done < 60
            for process in killed:
                process.kill()
        yield done, tally


def require_same(one, other, to=1e-6) -> None:
    """Quantiles to the sketch's accuracy, for a value may lie at the edge of a bin."""
    if isinstance(other, dict):
        assert one.keys() == other.keys()
        for key in other:
            require_same(one[key], other[key], 0.021 if key == "quantiles" else to)
    elif isinstance(other, list):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            require_same(*pair, to)
    else:
        assert one == (pytest.approx(other, rel=to, abs=1e-6) if isinstance(other, float) else other)
