"""What the first BatchNorm remembers: the real bundled weights, re-expressed for each way of feeding them."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from resnet_demo.graph.flat import flatten
from resnet_demo.networks import bundle, memory, weights
from resnet_demo.networks.preprocessing import NAMED, Preprocessing
from resnet_demo.networks.settled import Statement, own_layers, settle
from resnet_demo.photos.decoding import read_photo

pytestmark = pytest.mark.slow

PHOTO = Path(memory.EXAMPLES / "golf-ball-in-grass.jpg")


@pytest.fixture(scope="module")
def stem():
    """Kernel (7, 7, 3, 64) and bias of the bundled conv1, its BatchNorm's gamma, beta, mean and variance."""
    _, tensors = bundle.unpack(weights.BUNDLE)
    names = ("conv1_conv/kernel", "conv1_conv/bias", "gamma", "beta", "moving_mean", "moving_variance")
    return [tensors[n if "/" in n else f"conv1_bn/{n}"] for n in names]


def fed(stem, way: Preprocessing, *front, size=(224, 224)) -> keras.Model:
    """The stem, which eats "caffe", re-expressed so that it gives the same for photos fed in another way."""
    kernel, bias, *statistics = stem
    caffe, std = NAMED["caffe"], np.broadcast_to(way.std, 3)
    mean = np.broadcast_to(way.mean, 3)
    if way.channels == "RGB":
        kernel = kernel[:, :, ::-1]
    # A pixel is (fed · std + mean) / scale; caffe's own mean, in this order, goes off it.
    off = np.array(caffe.mean if way.channels == "BGR" else caffe.mean[::-1])
    inside = kernel * (std / way.scale)[:, np.newaxis]
    offset = bias + (kernel * (mean / way.scale - off)[:, np.newaxis]).sum((0, 1, 2))
    photo = x = keras.Input((*size, 3))
    for layer in front:
        x = layer(x)
    x = layers.ZeroPadding2D(3)(x)
    convolution, norm = layers.Conv2D(64, 7, strides=2), layers.BatchNormalization(epsilon=1.001e-5)
    model = keras.Model(photo, layers.ReLU()(norm(convolution(x))))
    convolution.set_weights([inside, offset])
    norm.set_weights(statistics)
    return model


@pytest.mark.parametrize("name", NAMED)
def test_each_way_of_feeding_is_remembered_and_every_other_is_contradicted(stem, name):
    graph = flatten(fed(stem, NAMED[name]))
    found = settle(graph, NAMED["caffe"])
    assert (found.value, found.source) == (NAMED[name], "memory")
    assert found.fit[name] < 0.05
    assert not found.warnings()
    for other in NAMED.values():
        overridden = settle(graph, NAMED["caffe"], override=Statement(other, "--preprocessing"))
        described = settle(graph, NAMED["caffe"], described=Statement(other, "config.json"))
        assert (overridden.value, overridden.source, described.source) == (other, "told", "metadata")
        for one in (overridden, described):
            assert one.fit == found.fit
            if other.name == name:
                assert not one.warnings()
            else:
                (warning,) = one.warnings()
                assert warning.key == "takes_otherwise"
                assert f"{found.fit[other.name]:.3g}" in str(warning)
                assert f"{found.fit[name]:.3g} from {name}" in str(warning)


def test_numbers_of_ones_own_are_compared_too(stem):
    """Hugging Face's mean and std of one half are "tf" under another name; a std of 0.1 is nothing here."""
    half = Preprocessing("processor.json", "RGB", 1 / 255, (0.5,) * 3, (0.1,) * 3)
    graph = flatten(fed(stem, NAMED["torch"]))
    found = settle(graph, NAMED["torch"], described=Statement(half, "processor.json"))
    assert found.value == half
    (warning,) = found.warnings()
    assert "fed otherwise than processor.json" in str(warning)
    own = flatten(fed(stem, half))
    assert not settle(own, NAMED["torch"], described=Statement(half, "processor.json")).warnings()


def test_the_divergence_by_hand(stem):
    """Of normal distributions, by its integral over a fine grid."""
    found = memory.memory_of(flatten(fed(stem, NAMED["unit"])))
    pixels = memory.example_windows((224, 224), 3)[:2]
    read = keras.ops.convert_to_numpy(keras.layers.ZeroPadding2D(3)(NAMED["tf"].apply(pixels)))
    convolution = found.nodes[-1].op
    read = np.asarray(convolution(read), np.float64).reshape(-1, 64)
    divergences = []
    for channel in range(64):
        mean, std = read[:, channel].mean(), read[:, channel].std()
        x = np.linspace(mean - 12 * std, mean + 12 * std, 20_001)
        log_p = -0.5 * ((x - mean) / std) ** 2 - np.log(std)
        kept = np.sqrt(found.variance[channel])
        log_q = -0.5 * ((x - found.mean[channel]) / kept) ** 2 - np.log(kept)
        p = np.exp(log_p) / np.sqrt(2 * np.pi)
        divergences.append(np.trapezoid(p * (log_p - log_q), x))
    assert found.fits(pixels, [NAMED["tf"]]) == {"tf": pytest.approx(np.median(divergences), rel=1e-4)}


def test_the_order_of_the_channels_is_not_told(stem):
    found = memory.memory_of(flatten(fed(stem, NAMED["caffe"])))
    turned = Preprocessing("turned", "RGB", 1.0, NAMED["caffe"].mean[::-1])
    fits = found.fits(memory.example_windows((224, 224), 3), [NAMED["caffe"], turned])
    assert max(fits.values()) < 0.1


def test_one_photo_does_not_contradict_what_is_right(stem):
    remembered = memory.memory_of(flatten(fed(stem, NAMED["caffe"])))
    for path in sorted(memory.EXAMPLES.glob("*.jpg")):
        pixels = np.stack([np.asarray(read_photo(path).pixels)])
        fits = remembered.fits(pixels[:, ::3, ::3], NAMED.values())
        assert memory.contradicts(fits, "caffe") is None, path
        assert memory.contradicts(fits, "unit") in ("caffe", "raw", None)


def test_black_photos_are_far_from_everything_and_contradict_nothing(stem):
    remembered = memory.memory_of(flatten(fed(stem, NAMED["torch"])))
    fits = remembered.fits(np.zeros((1, 64, 64, 3), np.uint8), NAMED.values())
    assert np.isfinite(list(fits.values())).all()
    assert not any(memory.contradicts(fits, name) for name in NAMED)


def test_weights_that_were_not_trained_remember_nothing():
    keras.utils.set_random_seed(0)
    photo = keras.Input((64, 64, 3))
    x = layers.BatchNormalization()(layers.Conv2D(32, 7, strides=2)(photo))
    graph = flatten(keras.Model(photo, layers.ReLU()(x)))
    assert memory.memory_of(graph) is None
    assert (settle(graph, NAMED["caffe"]).source, settle(graph, NAMED["caffe"]).fit) == ("assumed", {})


@pytest.mark.parametrize("seed", range(3))
def test_statistics_of_nothing_decide_nothing(seed):
    rng = np.random.default_rng(seed)
    photo = keras.Input((64, 64, 3))
    convolution, norm = layers.Conv2D(64, 7, strides=2), layers.BatchNormalization()
    model = keras.Model(photo, norm(convolution(photo)))
    convolution.set_weights([rng.random((7, 7, 3, 64)), rng.random(64)])
    norm.set_weights([rng.random(64) for _ in range(4)])
    found = settle(flatten(model), NAMED["caffe"])
    assert found.source == "assumed"
    assert min(found.fit.values()) > memory.NEAR
    assert not found.warnings()


def test_what_fits_best_and_not_well_does_not_decide_and_is_said(stem):
    """Variances three times as large: a divergence of (ln 3 + 1/3 − 1) / 2 = 0.22 where it would be near 0."""
    *weights_before, variance = stem
    found = settle(flatten(fed([*weights_before, 3 * variance], NAMED["torch"])), NAMED["caffe"])
    assert (found.value, found.source) == (NAMED["caffe"], "assumed")
    assert memory.CLEAR < found.fit["torch"] < memory.NEAR
    assert found.fit["caffe"] > memory.TIMES * found.fit["torch"]
    (warning,) = found.warnings()
    assert warning.key == "takes_otherwise"
    assert warning.values["best"] == "torch"


def test_a_network_without_batchnorm_has_no_memory():
    photo = keras.Input((32, 32, 3))
    assert memory.memory_of(flatten(keras.Model(photo, layers.Conv2D(4, 3)(photo)))) is None


CAFFE_INSIDE = [lambda x: x[..., ::-1], lambda x: x - np.array(NAMED["caffe"].mean, np.float32)]


@pytest.mark.parametrize(
    ("front", "preprocessing", "named"),
    [
        ([layers.Rescaling(1 / 255)], "unit", ("rescaling",)),
        ([layers.RandomFlip(), layers.Rescaling(1 / 127.5, offset=-1)], "tf", ("rescaling",)),
        (
            [layers.Normalization(mean=[123.675, 116.28, 103.53], variance=[3409.976, 3262.694, 3291.891])],
            "torch",
            ("normalization",),
        ),
        (CAFFE_INSIDE, "caffe", ("get_item", "subtract")),
        ([lambda x: x / 255.0, layers.ZeroPadding2D(2)], "unit", ("true_divide",)),
    ],
    ids=["rescaling", "flip and rescaling", "normalization", "preprocess_input", "division"],
)
def test_layers_of_its_own_are_fed_pixels_and_agree_with_the_memory(stem, front, preprocessing, named):
    for layer in front:
        if isinstance(layer, layers.Layer):
            layer.name = layer.name.rstrip("_0123456789")
    graph = flatten(fed(stem, NAMED[preprocessing], *front))
    found = settle(graph, NAMED["caffe"])
    assert (found.value, found.source) == (NAMED["raw"], "model")
    assert len(own_layers(graph)) == len(named)
    for layer, name in zip(own_layers(graph), named, strict=True):
        assert layer.startswith(name)
    assert found.fit["model"] == pytest.approx(found.fit[preprocessing], rel=0.05)
    assert not found.warnings()


def test_layers_of_its_own_come_before_what_the_user_says_and_it_says_so(stem):
    graph = flatten(fed(stem, NAMED["unit"], layers.Rescaling(1 / 255)))
    found = settle(graph, NAMED["caffe"], override=Statement(NAMED["unit"], "--preprocessing"))
    assert (found.value.name, found.source) == ("raw", "model")
    (warning,) = found.warnings()
    assert str(warning).startswith(
        "--preprocessing says unit, and the network preprocesses by layers of its own"
    )


def test_layers_of_its_own_that_the_weights_were_not_trained_with(stem):
    graph = flatten(fed(stem, NAMED["caffe"], layers.Rescaling(1 / 255)))
    (warning,) = settle(graph, NAMED["caffe"]).warnings()
    assert warning.key == "takes_otherwise_inside"


@pytest.mark.parametrize(
    "front",
    [
        [],
        [layers.Resizing(100, 80)],
        [layers.ZeroPadding2D(4)],
        [layers.BatchNormalization()],
        CAFFE_INSIDE[:1],
    ],
    ids=["nothing", "resizing", "padding", "batchnorm", "order alone"],
)
def test_what_keeps_colours_or_was_trained_is_no_preprocessing(stem, front):
    assert own_layers(flatten(fed(stem, NAMED["caffe"], *front))) == ()


def test_small_inputs_and_odd_sizes(stem):
    graph = flatten(fed(stem, NAMED["torch"], size=(96, 140)))
    assert settle(graph, NAMED["caffe"]).value == NAMED["torch"]


def test_grey(stem):
    kernel, bias, *statistics = stem
    photo = keras.Input((128, 128, 1))
    convolution, norm = layers.Conv2D(64, 7, strides=2), layers.BatchNormalization()
    model = keras.Model(photo, norm(convolution(photo)))
    convolution.set_weights([kernel.sum(2, keepdims=True) * 255, bias - kernel.sum((0, 1, 2)) * 114.8])
    norm.set_weights(statistics)
    found = settle(flatten(model), NAMED["caffe"])
    assert (found.value.name, found.source) == ("unit", "memory")
