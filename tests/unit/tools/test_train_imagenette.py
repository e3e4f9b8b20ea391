"""Training on photos of two plain colours: it learns them, goes on where it stopped, and its file is read."""

import keras
import numpy as np
import pytest
from PIL import Image

from resnet_demo.networks import weights
from tools import train_imagenette as training

pytestmark = pytest.mark.slow
COLOURS = {"n01440764": (200, 40, 30), "sky_blue": (30, 90, 220)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for part, count in (("train", 32), ("val", 4)):
        for name, colour in COLOURS.items():
            (folder / part / name).mkdir(parents=True)
            for number in range(count):
                noisy = np.clip(rng.normal(colour, 30, (40, 48, 3)), 0, 255).astype(np.uint8)
                Image.fromarray(noisy).save(folder / part / name / f"{number}.png")
    return folder


# Keras' own, reading a variable.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_run_learns_and_its_weights_are_read(folder, tmp_path, monkeypatch, capsys):
    """Stopped after its first epoch, it goes on with the second; what is written is the average that was measured."""
    out = tmp_path / "colours.safetensors"
    command = [str(folder), "--out", str(out)]
    command += ["--depth", "10", "--side", "32", "--batch", "8", "--rate", "0.05", "--epochs", "4"]
    monkeypatch.setattr(training, "AVERAGE", 0.7)  # of 32 steps, not of thousands
    begun = []

    class StoppedInThirdEpoch(keras.callbacks.TerminateOnNaN):
        def on_epoch_begin(self, epoch, logs=None):
            begun.append(epoch)
            if epoch == 2 and begun.count(2) == 1:
                raise KeyboardInterrupt

    monkeypatch.setattr(keras.callbacks, "TerminateOnNaN", StoppedInThirdEpoch)
    with pytest.raises(KeyboardInterrupt):
        training.main(command)
    assert not out.exists()
    assert training.main(command) == 0
    assert begun == [0, 1, 2, *range(2, 4)]
    assert "100.0% of the validation photos right" in capsys.readouterr().out

    network = weights.load(str(out), size=(32, 32))
    names = [(label.wnid, label.english) for label in network.labels]
    assert names == [("n01440764", "tench"), ("", "sky blue")]
    assert network.preprocessing.value.name == "caffe"
    for index, name in enumerate(COLOURS):
        photos = [np.asarray(Image.open(path).resize((32, 32))) for path in (folder / "val" / name).iterdir()]
        batch = training.preprocess(np.stack(photos).astype(np.float32))
        assert set(network.model(batch).numpy().argmax(axis=1)) == {index}


@pytest.mark.parametrize("depth", [18, 50])
def test_every_block_starts_as_its_shortcut(depth):
    """Each residual branch ends at 0, so each block's output is its shortcut's, whose ReLU is open or closed by it."""
    model = training.fresh_network(depth, 3, 64)
    ends = [layer for layer in model.layers if layer.name.endswith("_add")]
    branches = keras.Model(model.input, [end.input for end in ends])
    for first, second in branches.predict(np.random.default_rng(0).normal(0, 50, (1, 64, 64, 3)), verbose=0):
        smaller, larger = sorted([np.abs(first).max(), np.abs(second).max()])
        assert smaller == 0 < larger


def test_a_photo_is_changed_and_stays_a_photo():
    photo = np.random.default_rng(0).uniform(0, 255, (4, 48, 48, 3)).astype(np.float32)
    changed = np.asarray(training.augmentation()(photo, training=True))
    assert changed.shape == photo.shape
    assert 0 <= changed.min() < changed.max() <= 255
    assert not np.allclose(changed, photo)
    np.testing.assert_allclose(training.preprocess(photo)[..., 0], photo[..., 2] - 103.939, rtol=1e-5)


def test_folders_that_cannot_be_trained_on(folder, tmp_path, capsys):
    (tmp_path / "train" / "a").mkdir(parents=True)
    for command, says in (
        ([str(tmp_path), "--out", str(tmp_path / "x.safetensors")], "class folders"),
        ([str(folder), "--out", str(tmp_path / "x.h5")], "NAME.safetensors"),
    ):
        assert training.main(command) == 1
        assert says in capsys.readouterr().err
