"""The training program: each part by hand, then a run that is stopped and goes on."""

import json
import math
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import load_file

from resnet_demo.errors import CheckpointError, NotAnImageError, OptionError
from resnet_demo.networks import weights

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))
import train_imagenette
from training import checkpoint, learning, loop
from training.augmentation import augment, crop_boxes, kept, random_draws
from training.photos import find_photos
from training.progress import Progress, Settings
from training.reading import Reader, TrainingBatches
from training.schedule import average_decay, moment
from training.stopping import stopped_by_signal
from training.writing import save_whole

CAFFE_MEAN_RGB = np.array([123.68, 116.779, 103.939])
COLOURS = {"n01440764": (200, 30, 40), "n03888257": (20, 60, 220), "zebra_crossing": (90, 210, 30)}


def write_photos(folder, colour, count, seed):
    """Noisy pictures of one colour."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for number in range(count):
        pixels = np.clip(rng.normal(colour, 25, (40, 56, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Three classes, four training photos and two for validation of each."""
    folder = tmp_path_factory.mktemp("photos")
    for seed, (name, colour) in enumerate(COLOURS.items()):
        write_photos(folder / "train" / name, colour, 4, seed)
        write_photos(folder / "val" / name, colour, 2, seed + 10)
    return folder


@pytest.fixture(scope="module")
def learner():
    """One network for all tests, since TensorFlow takes seconds to trace it; each finds it as it was left."""
    return learning.Learner(depth=18, classes=3, seed=5)


@pytest.fixture(scope="module")
def fresh(learner, tmp_path_factory):
    """A checkpoint of that network before any update."""
    path = tmp_path_factory.mktemp("fresh") / "fresh.safetensors"
    checkpoint.save(path, learner, Progress(), {})
    return path


# --- schedule ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "phase", "rate", "size", "limit"),
    [
        (0.0, 0, 0.0, 96, 0.998),
        (0.79 * 0.03, 0, 0.06, 96, 0.998),  # half of the warm-up
        (0.79 * 0.06, 0, 0.12012, 96, 0.998),  # the peak
        (0.79 * 0.53, 0, 0.12 * 0.501, 128, 0.998),  # half of the cosine
        (0.79 * 0.765, 0, 0.12 * (0.001 + (1 - math.sqrt(0.5)) / 2), 128, 0.998),  # three quarters of it
        (0.79 * 0.9, 0, 0.12 * (0.001 + (1 + math.cos(math.pi * 0.84 / 0.94)) / 2), 160, 0.998),
        (0.79, 1, 0.0, 128, 0.99),  # again from rest
        (0.79 + 0.21 * 0.015, 1, 0.02, 128, 0.99),
        (0.79 + 0.21 * 0.515, 1, 0.04 * 0.501, 160, 0.99),
        (1 - 1e-9, 1, 0.00004, 192, 0.99),
    ],
)
def test_schedule_by_hand(share, phase, rate, size, limit):
    now = moment(share)
    assert (now.phase, now.size, now.average_limit) == (phase, size, limit)
    assert now.learning_rate == pytest.approx(rate, rel=1e-6, abs=1e-9)


def test_average_decay_warms_up_to_its_limit():
    assert average_decay(1, 0.998) == 2 / 11
    assert average_decay(90, 0.998) == 0.91
    assert average_decay(100_000, 0.998) == 0.998
    assert average_decay(1000, 0.99) == 0.99


def test_budget_is_of_steps_or_of_minutes():
    progress = Progress(step=3, elapsed=90)
    assert progress.share(Settings(minutes=6)) == 0.25
    assert progress.share(Settings(minutes=6, max_steps=30)) == 0.1


# --- augmentation -----------------------------------------------------------------------------------------

WHOLE = {"area": 1, "aspect": 0.5, "left": 0, "top": 0, "mirror": 0.9, "contrast": 0.5, "brightness": 0.5}
UNERASED = {"erase": 0.9, "side": 0.5, "erased_left": 0.5, "erased_top": 0.5}


def draws_of(**changes):
    """Draws of one photo that leave it as it is, but for these."""
    return np.array([*(WHOLE | UNERASED | changes).values()], np.float32)[:, np.newaxis]


@pytest.fixture(scope="module")
def photo():
    return np.random.default_rng(3).integers(0, 256, (1, 160, 160, 3), np.uint8)


def test_augmentation_that_changes_nothing_is_the_pages_preprocessing(photo):
    expected = (photo - CAFFE_MEAN_RGB)[..., ::-1]
    np.testing.assert_allclose(augment(photo, 160, draws_of()), expected, atol=2e-3)


@pytest.mark.parametrize(
    ("changes", "change"),
    [
        ({"mirror": 0.49}, lambda x: x[:, :, ::-1]),
        ({"contrast": 0}, lambda x: 0.8 * x),
        ({"brightness": 1}, lambda x: x + 17.4),
        ({"contrast": 1, "brightness": 0}, lambda x: 1.2 * x - 17.4),
    ],
)
def test_each_change_by_hand(photo, changes, change):
    expected = change((photo - CAFFE_MEAN_RGB)[..., ::-1])
    np.testing.assert_allclose(augment(photo, 160, draws_of(**changes)), expected, atol=3e-3)


def test_small_images_are_means_of_a_supersampled_one(photo):
    expected = (photo - CAFFE_MEAN_RGB)[..., ::-1].reshape(1, 80, 2, 80, 2, 3).mean((2, 4))
    np.testing.assert_allclose(augment(photo, 80, draws_of()), expected, atol=2e-3)


def test_crop_by_hand():
    half = np.array([0.5])
    ((top, left, bottom, right),) = crop_boxes(np.array([0.0]), np.array([1.0]), half, np.array([1.0]), half)
    width, height = math.sqrt(0.35 * 4 / 3), math.sqrt(0.35 * 3 / 4)
    np.testing.assert_allclose(
        [top, left, bottom, right], [1 - height, (1 - width) / 2, 1, (1 + width) / 2], rtol=1e-6
    )


def test_crops_keep_to_the_recipes_limits():
    boxes = crop_boxes(*np.random.default_rng(0).random((5, 2000)))
    assert boxes.min() >= 0
    assert boxes.max() <= 1 + 1e-6
    heights, widths = boxes[:, 2] - boxes[:, 0], np.abs(boxes[:, 3] - boxes[:, 1])
    clipped = (heights > 0.9999) | (widths > 0.9999)
    areas, aspects = (heights * widths)[~clipped], (widths / heights)[~clipped]
    assert 0.35 <= areas.min() < 0.36
    assert 0.75 <= aspects.min() < 0.76 < 1.32 < aspects.max() <= 4 / 3 + 1e-5
    assert 0.45 < np.mean(boxes[:, 3] < boxes[:, 1]) < 0.55  # mirrored


def test_erased_square_by_hand():
    mask = kept(10, np.array([0.35, 0]), np.array([0.0, 0.5]), np.array([1.0, 0.5]))
    expected = np.ones((2, 10, 10, 1), np.float32)
    expected[0, 7:, :3] = 0  # 3 by 3, at the bottom left
    np.testing.assert_array_equal(mask, expected)


def test_erased_pixels_are_the_mean(photo):
    images = np.asarray(augment(photo, 160, draws_of(erase=0.2, side=0, erased_left=0, erased_top=1)))
    assert not images[:, 136:, :24].any()
    assert np.count_nonzero(images) == (160**2 - 24**2) * 3


def test_draws_are_fixed_by_seed_and_step():
    np.testing.assert_array_equal(random_draws(4, 1, 2), random_draws(4, 1, 2))
    others = [random_draws(4, 1, 3), random_draws(4, 2, 2), random_draws(4, 2, 1)]
    assert not any((random_draws(4, 1, 2) == other).any() for other in others)


# --- learning ---------------------------------------------------------------------------------------------


def test_network_begins_as_the_recipe_says(learner, fresh):
    checkpoint.restore(fresh, learner, {})
    model = learner.model
    assert model.input_shape == (None, None, None, 3)
    gammas = {layer.name: layer.gamma.numpy() for layer in model.layers if hasattr(layer, "gamma")}
    assert sorted(name for name, gamma in gammas.items() if (gamma == 0).all()) == [
        f"conv{stage}_block{number}_2_bn" for stage in (2, 3, 4, 5) for number in (1, 2)
    ]
    assert all((gamma == 1).all() for name, gamma in gammas.items() if not name.endswith("_2_bn"))
    assert {variable.path for variable in model.trainable_variables if "bias" in variable.path} == {
        "predictions/bias"
    }
    kernel = model.get_layer("conv4_block2_1_conv").kernel.numpy()
    np.testing.assert_allclose(kernel.std(), math.sqrt(2 / (9 * 256)), rtol=0.01)
    np.testing.assert_allclose(model.get_layer("predictions").kernel.numpy().std(), 0.01, rtol=0.1)


def gradients_of(model, images, labels):
    """Gradients of the smoothed cross-entropy, written out, clipped, and with weight decay: one a variable."""
    targets = np.full((len(labels), 3), 0.1 / 3, np.float32)
    targets[np.arange(len(labels)), labels] += 0.9
    with tf.GradientTape() as tape:
        logits = model(images, training=True)
        loss = -tf.reduce_mean(tf.reduce_sum(targets * tf.nn.log_softmax(logits), axis=1))
    gradients = [g.numpy() for g in tape.gradient(loss, model.trainable_variables)]
    norm = math.sqrt(sum(float((g.astype(np.float64) ** 2).sum()) for g in gradients))
    gradients = [g * min(1, 5 / norm) for g in gradients]
    return [
        g + 1e-3 * v.numpy() if v.path.endswith("kernel") else g
        for g, v in zip(gradients, model.trainable_variables, strict=True)
    ]


@pytest.fixture(scope="module")
def separable():
    """Twelve small images of three colours: float32 (12, 32, 32, 3), and their classes."""
    labels = np.arange(12) % 3
    colours = np.array([[90, -40, 10], [-70, 60, 0], [0, -30, -90]])[labels]
    noise = np.random.default_rng(0).normal(0, 20, (12, 32, 32, 3))
    return (colours[:, np.newaxis, np.newaxis] + noise).astype(np.float32), labels


def test_two_updates_by_hand_then_a_restart(learner, fresh, separable):
    """Nesterov momentum, clipping, weight decay and the average, all from gradients computed apart."""
    checkpoint.restore(fresh, learner, {})
    images, labels = separable
    model = learner.model
    velocity = [np.zeros(v.shape) for v in model.trainable_variables]
    expected = [v.numpy() for v in model.trainable_variables]
    average = [v.numpy() for v in learner.average.variables]
    for rate, decay in ((0.02, 0.25), (0.01, 0.75)):
        gradients = gradients_of(model, images, labels)
        learner.update(images, labels, rate, decay)
        velocity = [0.9 * v - rate * g for v, g in zip(velocity, gradients, strict=True)]
        expected = [w + 0.9 * v - rate * g for w, v, g in zip(expected, velocity, gradients, strict=True)]
        for variable, value in zip(model.trainable_variables, expected, strict=True):
            np.testing.assert_allclose(variable.numpy(), value, rtol=1e-3, atol=2e-5, err_msg=variable.path)
        average = [decay * a + (1 - decay) * v.numpy() for a, v in zip(average, model.variables, strict=True)]
        for variable, value in zip(learner.average.variables, average, strict=True):
            np.testing.assert_allclose(variable.numpy(), value, rtol=1e-5, atol=1e-6, err_msg=variable.path)
    assert not (learner.average.get_layer("conv1_bn").moving_mean.numpy() == 0).any()

    learner.restart()
    for name, variable in learner.variables().items():
        if name.startswith("model/"):
            np.testing.assert_array_equal(
                variable, learner.variables()[name.replace("model/", "average/")], err_msg=name
            )
        elif name.startswith("optimizer/"):
            assert not variable.numpy().any(), name


def test_gradients_are_clipped_together_and_kernels_decay():
    kernel = keras.Variable([100.0, -200.0], name="kernel")
    beta = keras.Variable([100.0, 100.0], name="beta")
    gradients = [tf.constant([30.0, 0]), tf.constant([0.0, 40])]  # of norm 50, ten times the largest
    for received, expected in zip(
        learning.clip_and_decay(gradients, [kernel, beta]), [[3.1, -0.2], [0, 4]], strict=True
    ):
        np.testing.assert_allclose(received, expected, rtol=1e-6)
    small = [tf.constant([3.0, 0]), tf.constant([0.0, 4])]
    np.testing.assert_allclose(learning.clip_and_decay(small, [beta, beta])[1], [0, 4])


def test_average_is_the_formula():
    average = [keras.Variable([1.0, 2.0]), keras.Variable([[8.0]])]
    current = [keras.Variable([3.0, -2.0]), keras.Variable([[0.0]])]
    learning.move_average(average, current, 0.75)
    np.testing.assert_allclose(average[0].numpy(), [1.5, 1.0])
    np.testing.assert_allclose(average[1].numpy(), [[6.0]])


def test_dividing_the_input_changes_no_gradient(learner, fresh, separable, monkeypatch):
    """Why nothing is divided by 58, nor folded into the first kernel afterwards.

    By 64, a power of 2, so that nothing is rounded either; BatchNorm's epsilon is divided with it.
    """
    checkpoint.restore(fresh, learner, {})
    images, labels = separable
    for layer in learner.model.layers:  # else the residual branches would be switched off
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.gamma.assign(np.ones(layer.gamma.shape))
    gradients = gradients_of(learner.model, images, labels)
    first = learner.model.get_layer("conv1_bn")
    monkeypatch.setattr(first, "epsilon", first.epsilon / 64**2)
    divided = gradients_of(learner.model, images / 64, labels)
    for variable, one, other in zip(learner.model.trainable_variables, gradients, divided, strict=True):
        largest = np.abs(one).max()
        assert largest > 0, variable.path
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-4 * largest, err_msg=variable.path)


def test_loss_falls_on_colours(learner, fresh, separable):
    checkpoint.restore(fresh, learner, {})
    images, labels = separable
    losses = [learner.update(images, labels, 0.02, 0.5) for _ in range(12)]
    assert np.isfinite(losses).all()
    assert losses[-1] < 0.6 * losses[0]
    assert (learner.logits(images).argmax(axis=1) == labels).all()


# --- photos and batches -----------------------------------------------------------------------------------


def test_train_and_val_are_found(photos):
    names, training, validation = find_photos(photos, 0.1, seed=0)
    assert names == tuple(COLOURS)
    assert training.classes.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert validation.classes.tolist() == [0, 0, 1, 1, 2, 2]
    assert [path.parts[-3:] for path in validation.paths[2:4]] == [
        ("val", "n03888257", "0.png"),
        ("val", "n03888257", "1.png"),
    ]


def test_one_folder_is_split_by_class_and_seed(photos):
    folder = photos / "train"
    names, training, validation = find_photos(folder, 0.3, seed=0)
    assert names == tuple(COLOURS)
    assert validation.classes.tolist() == [0, 0, 1, 1, 2, 2]  # ⌈0.3 · 4⌉ of each
    assert sorted([*training.paths, *validation.paths]) == sorted(folder.glob("*/*.png"))
    for found in (training, validation):
        assert [names[k] for k in found.classes] == [path.parent.name for path in found.paths]
    splits = {find_photos(folder, 0.3, seed)[2].paths for seed in (0, 0, 1, 2)}
    assert 1 < len(splits) <= 3


def fill(folder, *files):
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "with 0"),
        (["a/1.jpg", "a/2.jpg"], "with 1"),
        (["a/1.jpg", "a/2.jpg", "b/readme.txt", "b/.hidden.png"], "without any"),
        (["a/1.jpg", "a/2.jpg", "b/1.jpg"], "'b' with 1"),
        (["train/a/1.jpg", "train/b/1.jpg"], "one of them"),
        (["train/a/1.jpg", "train/b/1.jpg", "val/c/1.jpg"], "'c' and 0 more"),
        (["train/a/1.jpg", "train/b/1.jpg", "val/notes.txt"], "Validation needs photos"),
    ],
)
def test_folders_that_cannot_be_trained_on(tmp_path, files, message):
    fill(tmp_path, *files)
    with pytest.raises(OptionError, match=message):
        find_photos(tmp_path, 0.5, seed=0)


def test_an_epoch_has_each_photo_once_in_its_own_order(photos):
    reader = Reader(find_photos(photos, 0.1, 0)[1], 0)
    batches = TrainingBatches(reader, batch_size=4, seed=7)
    assert batches.per_epoch == 3
    epochs = [np.concatenate([batches.indices(3 * e + k) for k in range(3)]).tolist() for e in range(2)]
    assert all(sorted(epoch) == list(range(12)) for epoch in epochs)
    assert epochs[0] != epochs[1]
    assert TrainingBatches(reader, 5, seed=7).per_epoch == 2  # two photos are left out
    assert TrainingBatches(reader, 64, seed=7).size == 12


def test_batches_go_on_anywhere(photos):
    batches = TrainingBatches(Reader(find_photos(photos, 0.1, 0)[1], 0), 4, seed=7)
    stream = batches.since(5)
    for step in (5, 6, 7):
        pixels, labels = next(stream)
        chosen = batches.indices(step)
        np.testing.assert_array_equal(labels, batches.reader.photos.classes[chosen])
        np.testing.assert_array_equal(pixels, [batches.reader.pixels(k) for k in chosen])
    assert (pixels.dtype, pixels.shape) == (np.uint8, (4, 224, 224, 3))
    stream.close()


def test_photos_are_kept_while_there_is_room(photos):
    reader = Reader(find_photos(photos, 0.1, 0)[1], room_bytes=2 * 150_528 + 1)
    first, second, third = (reader.pixels(k) for k in (0, 1, 2))
    assert reader.pixels(0) is first
    assert reader.pixels(1) is second
    assert reader.pixels(2) is not third
    np.testing.assert_array_equal(reader.pixels(2), third)


def test_a_damaged_photo_is_named(tmp_path):
    fill(tmp_path, "a/1.jpg", "a/broken.jpg", "b/1.jpg", "b/2.jpg")
    stream = TrainingBatches(Reader(find_photos(tmp_path, 0.5, 0)[1], 0), 2, seed=0).since(0)
    with pytest.raises(NotAnImageError, match=r"\.jpg"):
        next(stream)


# --- the loop, on a clock of its own ----------------------------------------------------------------------


class Recorder:
    """A learner that takes six seconds an update and notes with what it was asked to update."""

    def __init__(self, clock, loss=1.0):
        self.clock, self.loss, self.seen, self.restarts = clock, loss, [], []

    def update(self, images, labels, learning_rate, decay):
        self.seen.append((images.shape[1], learning_rate, decay))
        self.clock[0] += 6
        return self.loss

    def restart(self):
        self.restarts.append(len(self.seen))


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda: now[0])
    return now


def train_with(recorder, photos, progress=None, saved=None, stop=lambda: False):
    batches = TrainingBatches(Reader(find_photos(photos, 0.1, 0)[1], 1e9), 4, seed=0)
    evaluated = []
    end = loop.train(
        recorder,
        progress or Progress(),
        batches,
        Settings(minutes=1),
        evaluate=lambda side: evaluated.append(side) or "evaluated",
        save=(saved if saved is not None else []).append,
        save_seconds=18,
        stop=stop,
    )
    return end, evaluated


def test_the_clock_rules(clock, photos):
    recorder, saved = Recorder(clock), []
    end, evaluated = train_with(recorder, photos, saved=saved)
    assert end == Progress(step=10, phase=1, phase_step=2, elapsed=60.0)
    moments = [moment(k / 10) for k in range(10)]
    steps_of_phase = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2]  # the second phase begins at 0.79
    for (size, rate, decay), now, step in zip(recorder.seen, moments, steps_of_phase, strict=True):
        assert (size, decay) == (now.size, (1 + step) / (10 + step))
        assert rate == pytest.approx(now.learning_rate, rel=1e-6)
    assert recorder.restarts == [8]
    assert evaluated == [moments[k].size + 32 for k in (2, 5, 8)]  # three steps an epoch
    assert [progress.step for progress in saved] == [3, 6, 9, 10]


def test_time_goes_on_where_it_stopped(clock, photos):
    recorder = Recorder(clock)
    end, _ = train_with(recorder, photos, Progress(step=4, phase_step=4, elapsed=42.0))
    assert end.step == 7
    assert end.elapsed == 60.0
    assert recorder.seen[0][1:] == (moment(0.7).learning_rate, 6 / 15)


def test_a_loss_that_is_not_finite_ends_the_run_unsaved(clock, photos):
    saved = []
    with pytest.raises(FloatingPointError, match="nan at step 1"):
        train_with(Recorder(clock, loss=math.nan), photos, saved=saved)
    assert saved == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_once(number):
    before = signal.getsignal(number)
    with stopped_by_signal() as stop:
        assert not stop()
        signal.raise_signal(number)
        assert stop()
        assert signal.getsignal(number) is before  # the next one ends the program
    assert signal.getsignal(number) is before


# --- files ------------------------------------------------------------------------------------------------


def test_a_failing_write_leaves_the_file_before_it(tmp_path):
    path = tmp_path / "state.safetensors"
    save_whole({"a": np.arange(3.0)}, {"n": "1"}, path)
    (tmp_path / "state.safetensors.part").write_bytes(b"left by a kill")
    with pytest.raises(Exception, match="metadata"):
        save_whole({"a": np.arange(5.0)}, {"n": 2}, path)
    np.testing.assert_array_equal(load_file(path)["a"], np.arange(3.0))
    save_whole({"a": np.arange(5.0)}, {"n": "2"}, path)
    np.testing.assert_array_equal(load_file(path)["a"], np.arange(5.0))
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_checkpoints_that_are_none_or_not_of_this_run(tmp_path, learner):
    path = tmp_path / "state.safetensors"
    checkpoint.save(path, learner, Progress(step=2), {"seed": 1, "classes": ("a", "b", "c")})
    assert checkpoint.restore(path, learner, {"seed": 1, "classes": ("a", "b", "c")}) == Progress(step=2)
    with pytest.raises(OptionError, match=r"seed=3.* has 1"):
        checkpoint.restore(path, learner, {"seed": 3, "classes": ("a", "b", "c")})
    save_whole({"a": np.zeros(2, np.float32)}, {}, path)
    with pytest.raises(CheckpointError, match="no checkpoint of a training run"):
        checkpoint.restore(path, learner, {"seed": 1})
    save_whole({"a": np.zeros(2, np.float32)}, {"run": "{}", "progress": "{}"}, path)
    with pytest.raises(CheckpointError, match="not this network's"):
        checkpoint.restore(path, learner, {})


# --- a whole run ------------------------------------------------------------------------------------------

SETTINGS = Settings(
    depth=18, batch=4, seed=5, max_steps=5
)  # four steps of the first phase, one of the second


def command(photos, out):
    return [
        str(photos),
        "--out",
        str(out),
        "--depth",
        "18",
        "--batch",
        "4",
        "--seed",
        "5",
        "--max-steps",
        "5",
    ]


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory):
    """A folder: a run that was stopped after two steps and then ended, and its checkpoint of the stop."""
    folder = tmp_path_factory.mktemp("run")
    arguments = command(photos, folder / "w.safetensors")
    answers = iter([False, False, True])
    stopped = train_imagenette.run(train_imagenette.parser().parse_args(arguments), lambda: next(answers))
    assert stopped == 130
    assert not (folder / "w.safetensors").exists()
    shutil.copy(folder / "w.training.safetensors", folder / "stopped.safetensors")
    assert train_imagenette.main(arguments) == 0
    return folder


@pytest.fixture(scope="module")
def uninterrupted(learner, fresh, photos):
    """Every variable after the same run in one piece, by the parts of the program and no checkpoint."""
    checkpoint.restore(fresh, learner, {})
    _, training, _ = find_photos(photos, 0.1, 0)
    loop.train(
        learner,
        Progress(),
        TrainingBatches(Reader(training, 1e9), 4, seed=5),
        SETTINGS,
        evaluate=str,
        save=lambda progress: None,
        save_seconds=math.inf,
        stop=lambda: False,
    )
    return {name: variable.numpy() for name, variable in learner.variables().items()}


def metadata(path):
    with safe_open(path, framework="numpy") as file:
        return {key: json.loads(text) for key, text in file.metadata().items() if text[0] in "{["}


def test_a_stopped_run_ends_as_one_of_one_piece(run, uninterrupted):
    stopped, ended = run / "stopped.safetensors", run / "w.training.safetensors"
    for path, expected in ((stopped, Progress(2, 0, 2)), (ended, Progress(5, 1, 1))):
        progress = Progress(**metadata(path)["progress"])
        assert progress.elapsed > 0
        assert replace(progress, elapsed=0.0) == expected
    before, after = load_file(stopped), load_file(ended)
    assert before.keys() == after.keys() == uninterrupted.keys()
    for name, expected in uninterrupted.items():
        tolerance = 1e-4 * np.abs(expected).max()
        np.testing.assert_allclose(after[name], expected, rtol=1e-4, atol=tolerance, err_msg=name)
    for name in (
        "model/conv1_conv/kernel",
        "average/conv1_bn/moving_mean",
        "optimizer/conv1_conv_kernel_momentum",
    ):
        assert before[name].any()
        assert not np.allclose(before[name], after[name], rtol=1e-2)


def test_what_is_written_is_read_and_is_the_average(run, photos, learner):
    network = weights.load(str(run / "w.safetensors"))
    assert network.preprocessing.value.name == "caffe"
    assert [(label.wnid, label.english) for label in network.labels] == [
        ("n01440764", "tench"),
        ("n03888257", "parachute"),
        ("", "zebra crossing"),
    ]
    kept = run / "w.training.safetensors"
    checkpoint.restore(kept, learner, metadata(kept)["run"])
    batch = np.random.default_rng(2).normal(0, 60, (2, 224, 224, 3)).astype(np.float32)
    expected = learner.logits(batch)
    np.testing.assert_allclose(network.model(batch), expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
    told = metadata(run / "w.safetensors")["training"]
    reader = Reader(find_photos(photos, 0.1, 0)[2], 0)
    assert told["right"] == loop.count_right(learner, reader, np.arange(6), 224)
    assert (told["validation_photos"], told["steps"], told["depth"]) == (6, 5, 18)


def test_a_run_goes_on_only_as_it_began(run, photos, capsys):
    assert train_imagenette.main([*command(photos, run / "w.safetensors"), "--seed", "1"]) == 1
    assert "seed=1" in capsys.readouterr().err
    (other := run / "other.safetensors").write_bytes(b"somebody's weights")
    assert train_imagenette.main(command(photos, other)) == 1
    assert "weights of this name already" in capsys.readouterr().err
    assert other.read_bytes() == b"somebody's weights"


@pytest.mark.parametrize(
    ("name", "message"), [("w.h5", "NAME.safetensors"), ("missing/w.safetensors", "a folder that exists")]
)
def test_files_that_could_not_be_written_are_refused_first(photos, tmp_path, capsys, name, message):
    assert train_imagenette.main(command(photos, tmp_path / name)) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [("--minutes", "0"), ("--minutes", "inf"), ("--minutes", "nan"), ("--batch", "-1"), ("--batch", "1.5"),
     ("--seed", "-1"), ("--val-share", "1"), ("--depth", "20"), ("--max-steps", "5", "--minutes", "5")],
)  # fmt: skip
def test_options_outside_their_range(wrong, capsys):
    with pytest.raises(SystemExit) as stopped:
        train_imagenette.main(["photos", "--out", "w.safetensors", *wrong])
    assert stopped.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_help_says_where_the_bundled_weights_came_from(capsys):
    with pytest.raises(SystemExit):
        train_imagenette.main(["--help"])
    text = capsys.readouterr().out
    assert "NOT made by this program" in text
    assert "PyTorch" in text
