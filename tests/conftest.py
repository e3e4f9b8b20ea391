"""Shared fixtures.

`shared` is the research data beside the project; where it is missing its tests say so and skip.
"""

import sys
from pathlib import Path

import numpy as np
import pytest

UI = Path(__file__).parent / "ui"
SHARED = Path(__file__).resolve().parents[2] / "shared"
EXAMPLES = Path(__file__).resolve().parents[1] / "assets" / "examples"


def pytest_collection_modifyitems(items):
    for item in items:
        served = item.path.is_relative_to(UI)
        if served or {"browser", "shared"} & set(item.keywords) or "instrumented" in item.fixturenames:
            item.add_marker(pytest.mark.slow)
        if "shared" in item.keywords and not SHARED.is_dir():
            item.add_marker(
                pytest.mark.skip(reason="needs ../shared, the research data that is not part of the project")
            )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Whole files, those of the page on the first worker as long as there are any, all others on the rest.

    So there is one server and one browser, and what waits for them leaves the processor to what computes.
    """
    from xdist.scheduler import LoadFileScheduling

    class PageApart(LoadFileScheduling):
        def _assign_work_unit(self, node):
            first = node is self.nodes[0]
            for scope in self.workqueue:
                if scope.startswith("tests/ui/") == first:
                    self.workqueue.move_to_end(scope, last=False)
                    break
            super()._assign_work_unit(node)

    return PageApart(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter):
    """How exact the sums are: the figures that tests recorded as [sum, weights, worst, how many, bound]."""
    figures = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "figure" and report.when == "call"
    ]
    if figures:
        terminalreporter.section("how exact the sums are")
        terminalreporter.write_line(f"{'sum':48} {'weights':8} {'worst':>8} {'of':>5} {'bound':>7}")
    for what, weights, worst, count, bound in sorted(figures):
        terminalreporter.write_line(f"{what:48} {weights:8} {worst:8.1e} {count:5} {bound:7.0e}")


@pytest.fixture(autouse=True)
def _the_same_random_weights_in_every_run():
    """A network of random weights that has no unit open would fail a test one day in ten."""
    if "keras" in sys.modules:
        import keras

        keras.utils.set_random_seed(1)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of research data; only tests marked `shared` may ask for it."""
    return SHARED


@pytest.fixture(scope="session")
def instrumented():
    """The bundled weights, ready to be measured: loaded once, and each pass traced once, for all tests."""
    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.networks import weights

    return InstrumentedModel(weights.load("bundled"))


@pytest.fixture(scope="session")
def example_photos():
    """Two of the project's own example pictures."""
    from resnet_demo.photos.decoding import read_photo

    return [read_photo(path) for path in sorted(EXAMPLES.glob("*.jpg"))[:2]]


@pytest.fixture(scope="session")
def example_batch(instrumented, example_photos) -> np.ndarray:
    """Those pictures as the bundled weights eat them: float32 (2, 224, 224, 3)."""
    return instrumented.batch(*example_photos)


@pytest.fixture(scope="session")
def small_instrumented():
    """A small network of five blocks, no two of them alike, in which nothing is square and no layer bears a
    name of Keras' grammar; preprocessing "torch", seven classes.

        conv2_block1  bottleneck, projection
        conv2_block2  bottleneck, identity; a ReLU inside a convolution
        conv3_block1  basic, projection, stride 2
        conv3_block2  basic, identity; ReLU before BatchNorm (so none is folded), none after the sum
        conv3_block3  basic, identity
    """
    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.networks.labels import numbered_labels
    from resnet_demo.networks.preprocessing import NAMED
    from resnet_demo.networks.settled import Settled
    from resnet_demo.networks.weights import Network, Provenance

    model = _small_model()
    provenance = Provenance("small", "keras", "0" * 64, None, (), 7)
    return InstrumentedModel(Network(model, numbered_labels(7), Settled(NAMED["torch"], "told"), provenance))


@pytest.fixture(scope="session")
def exact_instrumented(small_instrumented):
    """The small network in float64, for differences too small for float32."""
    from dataclasses import replace

    import keras

    from resnet_demo.engine.instrumented_model import InstrumentedModel

    def in_float64(layer):
        return type(layer).from_config(layer.get_config() | {"dtype": "float64"})

    network = small_instrumented.network
    model = keras.models.clone_model(network.model, clone_function=in_float64)
    model.set_weights([weight.astype("float64") for weight in network.model.get_weights()])
    return InstrumentedModel(replace(network, model=model))


@pytest.fixture(scope="session")
def small_batch() -> np.ndarray:
    """Three different pictures for the small network: float32 (3, 32, 48, 3)."""
    rng = np.random.default_rng(1)
    slope = np.linspace(-1, 2, 48) * np.linspace(0.5, 1.5, 32)[:, np.newaxis]  # (32, 48)
    return (slope[..., np.newaxis] * [1, -0.5, 0.25] + rng.normal(0, 0.7, (3, 32, 48, 3))).astype(np.float32)


def _small_model():
    import keras
    from keras import layers

    def bn(x, name, **options):
        return layers.BatchNormalization(name=name, **options)(x)

    def conv(x, filters, kernel, name, **options):
        return layers.Conv2D(filters, kernel, padding="same", name=name, **options)(x)

    def relu(x, name):
        return layers.Activation("relu", name=name)(x)

    photo = keras.Input((32, 48, 3), name="photo")
    x = layers.ZeroPadding2D(3, name="stem_pad")(photo)
    x = bn(layers.Conv2D(8, 7, strides=2, name="stem_conv")(x), "stem_bn", epsilon=1e-3)
    x = layers.ZeroPadding2D(1, name="pool_pad")(relu(x, "stem_relu"))  # (18, 26, 8)
    x = layers.MaxPooling2D(3, strides=2, name="pool")(x)  # (8, 12, 8)

    f = relu(bn(conv(x, 4, 1, "a_conv1", use_bias=False), "a_bn1"), "a_relu1")
    f = relu(bn(conv(f, 4, 3, "a_conv2"), "a_bn2", scale=False), "a_relu2")
    f = bn(conv(f, 12, 1, "a_conv3"), "a_bn3")
    s = bn(conv(x, 12, 1, "a_projection"), "a_projection_bn", center=False)
    x = relu(layers.Add(name="a_sum")([s, f]), "a_output")  # (8, 12, 12)

    f = conv(x, 4, 1, "b_conv1", activation="relu")
    f = relu(bn(conv(f, 4, 3, "b_conv2"), "b_bn2"), "b_relu2")
    f = bn(conv(f, 12, 1, "b_conv3"), "b_bn3")
    x = relu(layers.Add(name="b_sum")([f, x]), "b_output")  # the residual branch first

    f = relu(bn(conv(x, 16, 3, "c_conv1", strides=2), "c_bn1"), "c_relu1")
    f = bn(conv(f, 16, 3, "c_conv2"), "c_bn2")
    s = bn(conv(x, 16, 1, "c_projection", strides=2), "c_projection_bn")
    x = relu(layers.Add(name="c_sum")([s, f]), "c_output")  # (4, 6, 16)

    f = bn(relu(conv(x, 16, 3, "d_conv1"), "d_relu1"), "d_bn1")
    f = bn(relu(conv(f, 16, 3, "d_conv2"), "d_relu2"), "d_bn2")
    x = layers.Add(name="d_sum")([x, f])

    f = relu(bn(conv(x, 16, 3, "e_conv1"), "e_bn1"), "e_relu1")
    f = bn(conv(f, 16, 3, "e_conv2"), "e_bn2")
    x = layers.ReLU(name="e_output")(layers.Add(name="e_sum")([x, f]))
    scores = layers.Dense(7, name="scores")(layers.GlobalAveragePooling2D(name="mean")(x))
    model = keras.Model(photo, scores, name="small")

    rng = np.random.default_rng(0)
    for layer in model.layers:  # weights no initializer would give: every bias, mean and variance counts
        for variable in layer.weights:
            fan_in = np.prod(variable.shape[:-1]) if len(variable.shape) > 1 else 1
            draw = {
                "kernel": lambda size, n=fan_in: rng.normal(0, np.sqrt(2 / n), size),
                "gamma": lambda size: rng.uniform(0.5, 1.5, size),
                "moving_variance": lambda size: rng.uniform(0.3, 2, size),
            }.get(variable.name, lambda size: rng.normal(0, 0.3, size))
            variable.assign(draw(variable.shape))
    return model


@pytest.fixture(scope="session")
def torch_norms():
    """The norms of a digit twin's gradients by PyTorch."""
    return _torch_norms


def _torch_norms(kind: str, depth: int, batch_norm: bool) -> list[float]:
    """‖∂loss/∂kernel‖ of each convolution, by PyTorch, from the Keras twin's initial weights."""
    from resnet_demo.learn.degradation import digits
    from resnet_demo.learn.gradient_flow import BATCH
    from resnet_demo.learn.twins import twin

    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    model = twin(depth, residual=kind == "residual", batch_norm=batch_norm)
    kernels = [
        torch.tensor(np.asarray(layer.kernel).transpose(3, 2, 0, 1), requires_grad=True)
        for layer in model.layers
        if layer.name.startswith("conv")
    ]
    dense = torch.tensor(np.asarray(model.get_layer("logits").kernel))
    pictures, classes, *_ = digits()
    stages = (depth - 2) // 6

    def convolution(x, kernel, stride):
        # "same" in Keras pads an even side's stride of 2 at its end alone
        x = functional.pad(x, (0, 1, 0, 1)) if stride == 2 else functional.pad(x, (1, 1, 1, 1))
        x = functional.conv2d(x, kernel, stride=stride)
        if not batch_norm:
            return x
        mean, variance = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), keepdim=True, unbiased=False)
        return (x - mean) / (variance + 1e-3).sqrt()

    x = torch.relu(convolution(torch.tensor(pictures[:BATCH].transpose(0, 3, 1, 2).copy()), kernels[0], 1))
    for block in range(3 * stages):
        first, second = kernels[1 + 2 * block], kernels[2 + 2 * block]
        stride = 2 if block and block % stages == 0 else 1
        y = convolution(torch.relu(convolution(x, first, stride)), second, 1)
        if kind == "residual":
            shortcut = x[:, :, ::stride, ::stride]
            y = y + functional.pad(shortcut, (0, 0, 0, 0, 0, y.shape[1] - shortcut.shape[1]))
        x = torch.relu(y)
    logits = x.mean((2, 3)) @ dense
    functional.cross_entropy(logits, torch.tensor(classes[:BATCH])).backward()
    return [float(kernel.grad.norm()) for kernel in kernels]
