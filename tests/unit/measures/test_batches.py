import threading

import keras
import numpy as np
import pytest
from PIL import Image

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import NotAnImageError, OptionError
from resnet_demo.measures.batches import Failure, Result, classify_many, pictures_in
from resnet_demo.measures.classification import rank
from resnet_demo.networks.labels import numbered_labels
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.networks.resnet import resnet
from resnet_demo.networks.settled import Settled
from resnet_demo.networks.weights import Network, Provenance
from resnet_demo.photos.decoding import read_photo


@pytest.fixture(scope="module")
def instrumented():
    keras.utils.set_random_seed(1)
    model = resnet(18, classes=6, input_shape=(32, 64, 3))
    return InstrumentedModel(
        Network(
            model,
            numbered_labels(6),
            Settled(NAMED["torch"], "told"),
            Provenance("", "", "", None, (), 6),
        )
    )


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    paths = [folder / f"{i}.png" for i in range(7)]
    for i, path in enumerate(paths):
        # Another colour and another size each, so that no two can be swapped unseen.
        pixels = np.random.default_rng(i).integers(0, 40 * i + 10, (20 + i, 50 - i, 3))
        Image.fromarray(pixels.astype(np.uint8)).save(path)
    return paths


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100])
def test_each_result_is_that_of_its_own_picture_alone(instrumented, pictures, batch_size):
    results = list(classify_many(instrumented, pictures, batch_size, top=2))
    assert [r.source for r in results] == pictures
    for path, result in zip(pictures, results, strict=True):
        assert isinstance(result, Result)
        assert result.input_shape == (1, 32, 64, 3)
        logits = instrumented.engine.logits(instrumented.batch(read_photo(path)))[0]
        alone = rank(logits, instrumented.labels, 2)
        assert [p.index for p in result.predictions] == [p.index for p in alone]
        np.testing.assert_allclose(
            [p.logit for p in result.predictions], [p.logit for p in alone], rtol=1e-4, atol=1e-5
        )


def test_bad_pictures_keep_their_place_and_stop_nothing(instrumented, pictures, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    sources = [bad, bad, pictures[5], bad, pictures[2], tmp_path / "missing.png"]
    results = list(classify_many(instrumented, sources, batch_size=2, top=1))
    assert [r.source for r in results] == sources
    assert [type(r) for r in results] == [Failure, Failure, Result, Failure, Result, Failure]
    assert isinstance(results[0].error, NotAnImageError)
    assert str(bad) in str(results[0].error)
    assert [results[2], results[4]] == list(classify_many(instrumented, [pictures[5], pictures[2]], 1, top=1))


def test_at_most_one_batch_is_taken_ahead_however_many_pictures_there_are(instrumented, pictures):
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield pictures[taken % 7]

    results = classify_many(instrumented, endless(), batch_size=2)
    for done in range(1, 9):
        next(results)
        assert taken <= done + 4
    results.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


def test_the_next_batch_is_decoded_while_the_network_runs(instrumented, pictures, monkeypatch):
    decoded = threading.Semaphore(0)
    batch, logits = instrumented.batch, instrumented.engine.logits

    def decoding(*photos):
        result = batch(*photos)
        decoded.release()
        return result

    def slow_network(images):
        # Comes back only once its own two pictures and the two of the next batch have been decoded.
        for _ in range(2 * len(images)):
            assert decoded.acquire(timeout=30)
        monkeypatch.setattr(instrumented.engine, "logits", logits)
        return logits(images)

    monkeypatch.setattr(instrumented, "batch", decoding)
    monkeypatch.setattr(instrumented.engine, "logits", slow_network)
    assert len(list(classify_many(instrumented, pictures[:4], batch_size=2))) == 4


def test_no_pictures_give_no_results(instrumented):
    assert list(classify_many(instrumented, [])) == []


@pytest.mark.parametrize(("name", "options"), [("batch_size", {"batch_size": 0}), ("top", {"top": 0})])
def test_options_are_refused_before_anything_runs(instrumented, name, options):
    with pytest.raises(OptionError, match=f"Received: {name}=0"):
        classify_many(instrumented, ["never read"], **options)


def test_pictures_in_a_folder(tmp_path):
    for name in ("b.JPEG", "a.tiff", "c.gif", "notes.txt", ".thumb.jpg", "noending"):
        (tmp_path / name).touch()
    (tmp_path / "d.png").mkdir()
    assert [path.name for path in pictures_in(tmp_path)] == ["a.tiff", "b.JPEG", "c.gif"]
    with pytest.raises(FileNotFoundError):
        pictures_in(tmp_path / "missing")
