"""The re-wired network against the Keras model it was made from."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from resnet_demo.engine import convolution
from resnet_demo.engine.backward import run_with_gradients
from resnet_demo.engine.engine import Engine, Step
from resnet_demo.errors import ArchitectureError


def _close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def _keras_outputs(model, layers, batch):
    """What the Keras model itself gives at `layers`, by name."""
    watched = keras.Model(model.input, {name: model.get_layer(name).output for name in layers})
    return {name: value.numpy() for name, value in watched(batch, training=False).items()}


def _activations(engine, batch, layers, gates=None):
    """What the engine gives at `layers`, by name."""
    run = tf.function(lambda x, g=None: {name: engine.forward(x, gates=g)[name] for name in layers})
    given = [batch] if gates is None else [batch, gates]
    return {name: value.numpy() for name, value in run(*map(tf.constant, given)).items()}


def _layers_of_blocks(engine):
    return [n for b in engine.architecture.blocks for n in (b.shortcut, b.residual, b.sum, b.output)]


@pytest.fixture(scope="module")
def small(small_instrumented):
    return small_instrumented.engine


def test_logits_are_those_of_the_keras_model(small_instrumented, small_batch):
    expected = small_instrumented.network.model(small_batch, training=False).numpy()

    _close(small_instrumented.engine.logits(small_batch), expected)


def test_logits_of_the_bundled_weights_are_those_of_the_keras_model(instrumented, example_batch):
    expected = instrumented.network.model(example_batch, training=False).numpy()

    _close(instrumented.engine.logits(example_batch), expected)


def test_every_blocks_tensors_are_those_of_the_keras_model(small_instrumented, small_batch):
    engine = small_instrumented.engine
    names = list(dict.fromkeys(_layers_of_blocks(engine)))

    found = _activations(engine, small_batch, names)

    expected = _keras_outputs(small_instrumented.network.model, names, small_batch)
    assert found.keys() == expected.keys()
    for name in names:
        _close(found[name], expected[name])


def test_every_blocks_tensors_of_the_bundled_weights_are_those_of_the_keras_model(
    instrumented, example_batch
):
    engine, batch = instrumented.engine, example_batch[:1]
    names = list(dict.fromkeys(_layers_of_blocks(engine)))

    values = engine.forward(
        tf.constant(batch)
    )  # not compiled, which with so many outputs takes most of the time
    found = {name: values[name].numpy() for name in names}

    expected = _keras_outputs(instrumented.network.model, names, batch)
    for name in names:
        _close(found[name], expected[name])
    for block in engine.architecture.blocks:
        s, f = (expected[name].astype(np.float64) for name in (block.shortcut, block.residual))
        _close(found[block.sum], s + f)
        np.testing.assert_array_equal(found[block.output], np.maximum(found[block.sum], 0))


def test_shortcut_and_residual_branch_add_up_to_the_sum(small, small_batch):
    found = _activations(small, small_batch, list(dict.fromkeys(_layers_of_blocks(small))))

    for block in small.architecture.blocks:
        np.testing.assert_array_equal(found[block.shortcut] + found[block.residual], found[block.sum])


def test_batch_norm_is_folded_only_into_a_convolution_without_activation(small, small_batch):
    steps = small.forward(tf.constant(small_batch)).keys()

    assert "a_conv1" not in steps, "its BatchNorm took it in"
    assert "a_bn1" in steps
    assert {"b_conv1", "d_conv1", "d_bn1"} <= steps, "a ReLU stands between these and their BatchNorm"


def test_the_batch_is_not_modified(small, small_batch):
    before = small_batch.copy()

    small.logits(small_batch)

    np.testing.assert_array_equal(small_batch, before)


def test_the_same_batch_gives_the_same_logits_bit_for_bit(instrumented, example_batch):
    first = instrumented.engine.logits(example_batch)

    np.testing.assert_array_equal(instrumented.engine.logits(example_batch), first)


def test_a_batch_of_several_is_each_by_itself(instrumented, example_batch):
    together = instrumented.engine.logits(example_batch)

    one_by_one = np.concatenate([instrumented.engine.logits(photo[np.newaxis]) for photo in example_batch])

    _close(together, one_by_one)
    assert len({row.tobytes() for row in together}) == len(example_batch)


def test_gates_of_one_change_nothing(small, small_batch):
    names = _layers_of_blocks(small)

    gated = _activations(small, small_batch, names, np.ones((3, 5), np.float32))

    for name, value in _activations(small, small_batch, names).items():
        np.testing.assert_array_equal(gated[name], value)


def test_a_gate_scales_its_own_blocks_residual_branch_for_its_own_image(small, small_batch):
    """Three images to a block in one pass, the block's gate closed, a quarter open and open."""
    blocks = small.architecture.blocks
    gates = np.ones((5, 3, 5), np.float32)
    gates[range(5), :, range(5)] = [0, 0.25, 1]
    names = list(dict.fromkeys(_layers_of_blocks(small)))

    gated = _activations(small, np.tile(small_batch, (5, 1, 1, 1)), names, gates.reshape(15, 5))

    plain = _activations(small, small_batch, names)
    for position, block in enumerate(blocks):
        found = gated[block.sum][3 * position : 3 * position + 3]
        s, f = plain[block.shortcut], plain[block.residual]
        np.testing.assert_array_equal(found[0], s[0])
        np.testing.assert_allclose(found[1], s[1] + 0.25 * f[1], rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(found[2], plain[block.sum][2])


def test_a_closed_gates_logits_are_those_worked_out_by_hand(small_instrumented, small_batch):
    engine = small_instrumented.engine
    last = engine.architecture.blocks[-1]
    gates = np.array([[1, 1, 1, 1, 0]], np.float32)

    found = _activations(engine, small_batch[:1], ["scores"], gates)["scores"]

    s = _keras_outputs(small_instrumented.network.model, [last.shortcut], small_batch[:1])[last.shortcut]
    kernel, bias = small_instrumented.network.model.get_layer("scores").get_weights()
    _close(found, np.maximum(s, 0).mean(axis=(1, 2)) @ kernel + bias)


@pytest.mark.parametrize("start", ["pool", "a_output", "d_sum", "e_output"])
def test_the_network_can_be_run_from_the_middle(small, small_batch, start):
    values = small.execute(start, tf.constant(_activations(small, small_batch, [start])[start]), "scores")

    np.testing.assert_allclose(values["scores"], small.logits(small_batch), rtol=1e-5, atol=1e-5)
    assert "stem_bn" not in values, "what lies below the start is not run"


def test_a_pass_stops_at_the_last_layer_asked_for(small, small_batch):
    values = small.forward(tf.constant(small_batch), last="b_output")

    assert list(values)[-1] == "b_output"


TRACES = []


def _scaled(engine, batch, factor, digits=1):
    TRACES.append((batch.shape, digits))
    return {"scores": engine.forward(batch)["scores"] * tf.cast(factor, engine.dtype) * digits}


def _nothing(engine, number, length):
    return tf.fill([length], number)


@pytest.fixture
def new_engine(small_instrumented):
    TRACES.clear()
    return Engine(small_instrumented.network.model)


def test_a_pass_is_traced_once_for_each_choice_of_static_arguments_and_kept(new_engine, small_batch):
    scores = new_engine.logits(small_batch)
    for size in (1, 3, 2):
        for factor in (2, 3):
            for digits in (10, 100):
                found = new_engine.run(_scaled, small_batch[:size], factor, digits=digits)["scores"]
                _close(found, scores[:size] * factor * digits)

    assert [digits for _, digits in TRACES] == [10, 100]


def test_two_engines_of_one_function_do_not_share_a_pass(
    new_engine, instrumented, small_batch, example_batch
):
    assert new_engine.run(_scaled, small_batch, 1)["scores"].shape == (3, 7)
    with pytest.raises(KeyError, match="scores"):
        instrumented.engine.run(_scaled, example_batch, 1)


def test_equal_static_arguments_of_other_types_are_others(new_engine):
    for value in (1, 1.0, True):
        assert type(new_engine.run(_typed, 5, value=value).item()) is type(value)


def _typed(engine, number, value):
    return tf.constant(value)


def test_what_could_capture_something_is_refused(new_engine, small_batch):
    size = 2

    def closure(engine, batch):
        return batch[:size]

    class Callable:
        def method(self, engine, batch):
            return batch

    for function in (closure, lambda engine, x: x, partial(_scaled, digits=2), Callable().method, Callable()):
        with pytest.raises(TypeError, match=r"Received: .* Accepted: a function at the top of its module\."):
            new_engine.run(function, small_batch)
    with pytest.raises(TypeError, match="unhashable"):
        new_engine.run(_scaled, small_batch, 1, digits=[1])
    assert not new_engine._passes


def test_the_passes_used_last_are_kept(new_engine, monkeypatch):
    monkeypatch.setattr("resnet_demo.engine.engine.PASSES_KEPT", 3)

    for length in (1, 2, 3, 1, 4):
        np.testing.assert_array_equal(new_engine.run(_nothing, 7, length=length), [7] * length)

    assert [static[0][2] for _, _, static in new_engine._passes] == [3, 1, 4]


@pytest.mark.parametrize("head", ["inside the dense layer", "a layer of its own", "none"])
def test_logits_are_taken_before_any_softmax(small_instrumented, small_batch, head):
    model = small_instrumented.network.model
    pooled = model.get_layer("mean").output
    dense = keras.layers.Dense(7, "softmax" if head == "inside the dense layer" else None, name="top")
    scores = dense(pooled)
    if head == "a layer of its own":
        scores = keras.layers.Softmax(name="softmax")(scores)
    with_head = keras.Model(model.inputs, scores)
    dense.set_weights(model.get_layer("scores").get_weights())

    _close(Engine(with_head).logits(small_batch), small_instrumented.engine.logits(small_batch))


def _dilated(dilation, dtype="float32"):
    """One block whose residual branch sees further, and a head."""
    options = {"padding": "same", "dtype": dtype}
    photo = keras.Input((20, 26, 3))
    x = keras.layers.Conv2D(5, 3, dilation_rate=dilation, dtype=dtype)(photo)
    x = keras.layers.MaxPooling2D(dtype=dtype)(x)
    f = keras.layers.Conv2D(5, 3, dilation_rate=dilation, use_bias=False, **options)(x)
    f = keras.layers.BatchNormalization(dtype=dtype)(f)
    x = keras.layers.ReLU(dtype=dtype)(keras.layers.Add(dtype=dtype)([x, f]))
    x = keras.layers.GlobalAveragePooling2D(dtype=dtype)(x)
    return keras.Model(photo, keras.layers.Dense(4, dtype=dtype)(x), name="dilated")


def test_dilated_convolutions_are_those_of_the_keras_model():
    model = _dilated((2, 3))
    batch = np.random.default_rng(4).normal(0, 1, (2, 20, 26, 3)).astype(np.float32)

    _close(Engine(model).logits(batch), model(batch, training=False).numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_precision_is_that_of_the_layers(dtype):
    engine = Engine(_dilated(1, dtype))

    assert engine.dtype.name == engine.logits(np.ones((1, 20, 26, 3), np.float32)).dtype == dtype


@pytest.mark.parametrize("dtype", ["mixed_float16", "bfloat16"])
def test_other_precisions_are_refused(dtype):
    with pytest.raises(ArchitectureError, match=r"'dilated' in b?float16\. Accepted: float32 or float64"):
        Engine(_dilated(1, dtype))


@pytest.mark.parametrize(("shape", "runs"), [((None, None, 3), (48, 40)), ((64, None, 3), (64, 40))])
def test_a_network_of_open_size_runs_at_the_size_given(shape, runs):
    inner = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(6, 3, strides=2)(inner)
    base = keras.Model(inner, keras.layers.Add()([x, keras.layers.Conv2D(6, 3, padding="same")(x)]))
    photo = keras.Input(shape)
    pooled = keras.layers.GlobalAveragePooling2D()(base(photo))
    opened = keras.Model(photo, keras.layers.Dense(3)(pooled), name="open")
    batch = np.random.default_rng(3).normal(0, 1, (2, *runs, 3)).astype(np.float32)

    engine = Engine(opened, (48, 40))

    assert engine.architecture.input_shape == (*runs, 3)
    assert engine.architecture.blocks[0].shape == ((runs[0] - 1) // 2, (runs[1] - 1) // 2, 6)
    _close(engine.logits(batch), opened(batch, training=False).numpy())
    assert Engine(opened).architecture.input_shape == (shape[0] or 224, 224, 3)


def test_a_convolution_can_be_looked_at_before_its_folded_batch_norm(small_instrumented, small, small_batch):
    found = small.forward(tf.constant(small_batch), keep=["a_conv1"])

    expected = _keras_outputs(small_instrumented.network.model, ["a_conv1", "scores"], small_batch)
    for name in expected:
        _close(found[name].numpy(), expected[name])


def test_branches_that_are_read_change_nothing(small, small_batch):
    """Their block's sum and ReLU are then one operation, which heeds gates and pulls gradients back as the two do."""
    blocks = small.architecture.blocks
    read = [block.residual for block in blocks]
    batch, target = tf.constant(small_batch), tf.zeros(len(small_batch), tf.int32)
    gates = tf.constant(np.random.default_rng(5).uniform(0, 2, (len(small_batch), len(blocks))), tf.float32)

    for gate in (None, gates):
        plain, found = small.forward(batch, gates=gate), small.forward(batch, gates=gate, keep=read)

        assert plain.keys() - found.keys() == {block.sum for block in blocks if block.has_relu}
        for name, value in found.items():
            np.testing.assert_array_equal(value, plain[name])

    plain = run_with_gradients(small, batch, target, ["pool", "c_output"])[1]
    found = run_with_gradients(small, batch, target, ["pool", "c_output"], keep=read)[1]
    for name, value in found.items():
        np.testing.assert_array_equal(value, plain[name])


def test_a_sum_that_is_read_is_there(small, small_batch):
    blocks = small.architecture.blocks
    everything = [name for block in blocks for name in (block.residual, block.sum)]

    found = small.forward(tf.constant(small_batch), keep=everything)

    for block in blocks:
        np.testing.assert_array_equal(found[block.sum], found[block.shortcut] + found[block.residual])


@pytest.mark.parametrize(
    ("layer", "convolutions"),
    [("e_output", 0), ("d_sum", 2), ("e_conv1", 2), ("pool", 14)],  # e_conv1's own too: it is inside a branch
)
def test_a_gradient_goes_back_no_further_than_to_its_layer(small, layer, convolutions, monkeypatch):
    ours, pull_back = [], convolution.Convolution.pull_back

    def spy(self, *tensors):
        before = len(_tensorflows_own())
        found = pull_back(self, *tensors)
        ours.append(1 - (len(_tensorflows_own()) - before))  # some it has TensorFlow pull back
        return found

    def _tensorflows_own():
        operations = tf.compat.v1.get_default_graph().get_operations()
        return [op for op in operations if op.type == "Conv2DBackpropInput"]

    monkeypatch.setattr(convolution.Convolution, "pull_back", spy)

    def run(x, t):
        return run_with_gradients(small, x, t, [layer])[1]

    signature = [tf.TensorSpec((None, 32, 48, 3)), tf.TensorSpec((None,), tf.int32)]
    graph = tf.function(run, input_signature=signature).get_concrete_function().graph
    with graph.as_default():
        theirs = _tensorflows_own()

    assert sum(ours) + len(theirs) == convolutions


def test_what_something_passes_around_is_no_start(small, small_batch):
    with pytest.raises(
        ArchitectureError, match=r"Received: 'a_conv2', around which .* Accepted: conv1, pool1"
    ):
        small.execute("a_conv2", tf.zeros((1, 8, 12, 4)), "scores")


@pytest.mark.parametrize("dtype", ["float32", "float64"])  # oneDNN, which has the gradient, knows no float64
@pytest.mark.parametrize("one_dnn", [True, False])
def test_convolutions_in_groups_have_a_gradient(monkeypatch, dtype, one_dnn):
    if not one_dnn:
        monkeypatch.setattr(convolution, "_groups_run_backwards", lambda dtype: False)
    photo = keras.Input((9, 8, 6), dtype=dtype)
    layer = keras.layers.Conv2D(4, 3, strides=2, groups=2, padding="same", dtype=dtype)
    layer(photo)
    kernel = np.asarray(layer.kernel)
    x = np.random.default_rng(0).normal(0, 1, (2, 9, 8, 6)).astype(dtype)

    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = convolution.Convolution(layer)(x)
            energy = tf.reduce_sum(y**2)
        return y, tape.gradient(energy, x)

    y, gradient = (t.numpy() for t in tf.function(run)(tf.constant(x)))

    _close(y, layer(x).numpy())
    halves = [slice(0, 3), slice(3, 6)]
    for i, half in enumerate(halves):  # by torch, group by group, with Keras' padding of 0 before and 1 after
        given = torch.tensor(x[..., half].transpose(0, 3, 1, 2), requires_grad=True)
        weights = torch.tensor(kernel[..., 2 * i : 2 * i + 2].transpose(3, 2, 0, 1))
        padded = torch.nn.functional.pad(given, (0, 1, 1, 1))
        torch.nn.functional.conv2d(padded, weights, stride=2).pow(2).sum().backward()
        _close(gradient[..., half], given.grad.numpy().transpose(0, 2, 3, 1))


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((7, 7, 6), {"kernel_size": 1}),
        ((9, 6, 6), {"kernel_size": 1, "strides": 2}),
        ((6, 9, 6), {"kernel_size": 1, "strides": (3, 2), "padding": "same"}),
        ((5, 7, 6), {"kernel_size": (3, 5), "padding": "same"}),
        ((7, 8, 6), {"kernel_size": 3, "padding": "same", "dilation_rate": 2}),
        ((9, 10, 6), {"kernel_size": 1}),
        ((20, 19, 6), {"kernel_size": 1, "strides": 2}),
        ((9, 10, 6), {"kernel_size": 3, "padding": "same"}),
        ((9, 10, 6), {"kernel_size": (2, 3), "padding": "same"}),
        ((19, 20, 6), {"kernel_size": 3, "strides": 2}),
    ],
)
@pytest.mark.parametrize("shares", [None, False, True])
def test_a_convolution_and_its_gradient_are_keras_and_the_tapes(shape, options, shares, monkeypatch):
    monkeypatch.setattr(convolution, "LARGE", 1)
    layer = keras.layers.Conv2D(4, **options)
    layer(keras.Input(shape))
    rng = np.random.default_rng(1)
    layer.bias.assign(rng.normal(size=4))
    folded = None if shares is None else tuple(rng.normal(size=(2, 4)).astype(np.float32))
    scale, offset = (1, 0) if folded is None else folded
    x = tf.constant(rng.normal(size=(2, *shape)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x) * scale + offset
    upstream = tf.constant(rng.normal(size=y.shape), tf.float32)

    found = convolution.Convolution(layer, folded, shares=bool(shares))

    assert found.shares == bool(shares)
    _close(found(x).numpy(), y.numpy())
    _close(found.linear(x).numpy(), (y - found(tf.zeros_like(x))).numpy())
    _close(found.pull_back(upstream, x).numpy(), tape.gradient(y, x, upstream).numpy())


def test_a_large_kernel_is_not_held_twice():
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(5000, 3)(inputs)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(x))
    engine = Engine(keras.Model(inputs, x))

    engine.logits(np.ones((1, 8, 8, 3), np.float32))

    ours = [step.apply for step in engine.steps.values() if isinstance(step.apply, convolution.Convolution)]
    held = [convolution_.weights[0] for convolution_ in ours if "weights" in convolution_.__dict__]
    (layer,) = (c.layer for c in ours if c.folded is not None)
    assert len(held) == 1
    address = layer.kernel.value.read_value().numpy().__array_interface__["data"][0]
    assert held[0].numpy().__array_interface__["data"][0] == address


@pytest.mark.parametrize(("operation", "inputs"), [(tf.nn.relu, 1), (tf.add, 2)])
def test_an_operations_own_gradient_is_that_of_the_tape(operation, inputs):
    rng = np.random.default_rng(2)
    tensors = [
        tf.constant(rng.normal(size=(2, 3, 4, 5)).round(1)) for _ in range(inputs)
    ]  # with zeros among them
    upstream = tf.constant(rng.normal(size=(2, 3, 4, 5)))
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = operation(*tensors)

    found = Step("it", ("a", "b")[:inputs], operation).pull_back(upstream, output, *tensors)

    assert len(found) == inputs
    for one, other in zip(found, tape.gradient(output, tensors, upstream), strict=True):
        np.testing.assert_array_equal(one, other)
