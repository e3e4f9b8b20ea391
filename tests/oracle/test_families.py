"""Networks of other families against a walk over Keras' own nodes: blocks, sums, Grad-CAM, lesions and gates.

The walk is Keras' (`Function._run_through_graph`), on the model as Keras builds it, with each addition replaced by
S + gate·F; nothing of the flat list, the folding or the blocks found is used in it.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.engine.backward import run_with_gradients
from resnet_demo.engine.engine import Engine
from resnet_demo.measures.gradcam import maps_of
from resnet_demo.measures.logit_attribution import _attribution_pass

pytestmark = pytest.mark.slow

SIDE = 64


class Family:
    """A model with lively weights, its engine, and what is known of it from Keras' source.

    Attributes:
        sums: the additions of blocks, by Keras' names, in order.
        shortcut: which of an addition's two arguments is the shortcut.
    """

    def __init__(self, build, blocks, shortcut, dtype):
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(dtype)
        try:
            self.model = build(
                weights=None, input_shape=(SIDE, SIDE, 3), classes=5, classifier_activation=None
            )
        finally:
            keras.config.set_dtype_policy(policy)
        self.blocks, self.shortcut = blocks, shortcut
        rng = np.random.default_rng(2)
        for layer in self.model.layers:
            for weight in layer.weights:
                scales = type(layer).__name__ == "LayerScale"
                # He's normal distribution: of so many layers, none may drown what the first ones say.
                fan_in = np.prod(weight.shape[: 2 if weight.shape[-1] == 1 else -1])
                draw = {
                    "kernel": lambda size, n=fan_in: rng.normal(0, np.sqrt(2 / n), size),
                    "gamma": lambda size: rng.uniform(0.5, 1.5, size),
                    "moving_variance": lambda size: rng.uniform(0.5, 1.5, size),
                    "beta": lambda size: rng.normal(0, 0.2, size),
                    "moving_mean": lambda size: rng.normal(0, 0.2, size),
                    "bias": lambda size: rng.normal(0, 0.2, size),
                }.get("gamma" if scales else weight.name)
                if draw:
                    weight.assign(draw(weight.shape))
        self.sums = [op.name for op in self.model.operations if type(op).__name__ == "Add"]
        self.engine = Engine(self.model)
        self.batch = rng.integers(0, 256, (2, SIDE, SIDE, 3)).astype(dtype)
        self.dtype = dtype

    def walk(self, gates=None):
        """Keras' own walk: logits (N, 5), and by addition (S, F, y), with each F times its gate."""
        seen, gates = {}, gates or {}

        def run(op):
            if op.name not in self.sums:
                training = {"training": False} if getattr(op, "_call_has_training_arg", False) else {}
                return lambda *args, **kwargs: op(*args, **(kwargs | training))

            def add(*args):
                pair = args[0] if len(args) == 1 else args
                s, f = pair[self.shortcut], pair[1 - self.shortcut]
                seen[op.name] = (s, f, s + gates.get(op.name, 1.0) * f)
                return seen[op.name][2]

            return add

        logits = self.model._run_through_graph(self.batch, operation_fn=run)
        return logits, seen


def keras_hubs_resnet(input_shape, classes, **_):
    """KerasHub's own ResNet, short. It would bring a second TensorFlow, so it is tried where somebody has it."""
    hub = pytest.importorskip("keras_hub", reason="KerasHub is not installed", exc_type=ImportError)
    backbone = hub.models.ResNetBackbone(
        input_conv_filters=[16],
        input_conv_kernel_sizes=[7],
        stackwise_num_filters=[64, 80, 96],
        stackwise_num_blocks=[2, 3, 1],
        stackwise_num_strides=[1, 2, 2],
        block_type="bottleneck_block",
        image_shape=input_shape,
    )
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    return keras.Model(backbone.input, keras.layers.Dense(classes)(pooled))


FAMILIES = {
    "KerasHub's ResNet": (keras_hubs_resnet, 6, 0),
    "ResNet50V2": (keras.applications.ResNet50V2, 16, 0),
    "MobileNetV2": (keras.applications.MobileNetV2, 10, 0),
    "EfficientNetV2B0": (keras.applications.EfficientNetV2B0, 15, 1),
    "ConvNeXtTiny": (keras.applications.ConvNeXtTiny, 18, 0),
}


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    # In float64 only a mistake is larger than 1e-9; it takes ConvNeXt's large kernels a minute, though.
    dtype = "float32" if request.param == "ConvNeXtTiny" else "float64"
    return Family(*FAMILIES[request.param], dtype)


def _close(found, expected):
    expected, of = np.asarray(expected), 1e-3 if np.asarray(found).dtype == np.float32 else 1e-8
    np.testing.assert_allclose(np.asarray(found), expected, rtol=0, atol=of * np.abs(expected).max())


def test_blocks_are_the_additions_and_their_tensors_are_keras_own(family):
    logits, seen = family.walk()
    spec = family.engine.architecture
    values = family.engine.forward(tf.constant(family.batch))

    assert [block.sum for block in spec.blocks] == family.sums
    assert len(spec.blocks) == family.blocks
    _close(values[spec.logits], logits)
    for block in spec.blocks:
        s, f, y = seen[block.sum]
        _close(values[block.shortcut], s)
        _close(values[block.residual], f)
        _close(values[block.sum], y)
        assert block.shape == tuple(y.shape[1:])
        assert block.skips_unchanged == (block.shortcut == block.input)


def test_gates_and_lesions_are_those_of_a_walk_without_the_branch(family):
    blocks = family.engine.architecture.blocks
    gates = np.linspace(0, 1, len(blocks))
    lesion = np.ones(len(blocks))
    lesion[len(blocks) // 2] = 0
    whole = family.engine.forward(tf.constant(family.batch))[family.engine.architecture.logits]
    for row in (gates, lesion):
        expected, _ = family.walk({b.sum: float(g) for b, g in zip(blocks, row, strict=True)})
        given = tf.constant(np.tile(row, (2, 1)), family.dtype)
        found = family.engine.forward(tf.constant(family.batch), gates=given)[
            family.engine.architecture.logits
        ]
        _close(found, expected)
        assert np.abs(found - whole).max() > 1e-5 * np.abs(whole).max()


def test_gradcam_at_the_last_map_a_block_and_inside_a_branch(family):
    spec = family.engine.architecture
    middle = spec.blocks[len(spec.blocks) // 2]
    inside = next(
        n.name
        for n in family.engine.graph
        if type(n.op).__name__ == "DepthwiseConv2D" or n.name == middle.residual
    )
    layers = [spec.head_input, middle.output, inside]
    values, gradients = run_with_gradients(
        family.engine, tf.constant(family.batch), tf.constant([3, 1]), layers
    )
    watched = keras.Model(
        family.model.input, [family.model.output, *(_output(family.model, n) for n in layers)]
    )
    with tf.GradientTape(persistent=True) as tape:
        batch = tf.constant(family.batch)
        tape.watch(batch)
        logits, *activations = watched(batch, training=False)
        logit = tf.gather(logits, [3, 1], batch_dims=1)
    for name, activation in zip(layers, activations, strict=True):
        gradient = np.asarray(tape.gradient(logit, activation), np.float64)
        expected = np.maximum(0, np.einsum("nhwk,nk->nhw", activation, gradient.mean(axis=(1, 2))))
        found = maps_of(family.engine, values[name], gradients[name])
        _close(gradients[name], gradient)
        _close(found["gradcam"], expected)


def _output(model, name):
    return next(op for op in model.operations if op.name == name).output


def test_what_cannot_be_asked_is_named():
    lacking = {}
    for name, (build, _, _) in FAMILIES.items():
        found = Engine(build(weights=None, input_shape=(SIDE, SIDE, 3), classes=5)).architecture
        lacking[name] = {key: lack.values.get("kind") for key, lack in found.lacks.items()}
        assert found.activation == "softmax"
        assert found.strips_activation
    assert lacking == {
        "ResNet50V2": {},
        "MobileNetV2": {},
        "EfficientNetV2B0": {"relu_mask": "Activation"},
        "ConvNeXtTiny": {"relu_mask": "LayerNormalization", "linear_head": "LayerNormalization"},
    }


def test_blocks_of_v2_bear_keras_names():
    blocks = Engine(
        keras.applications.ResNet50V2(weights=None, input_shape=(SIDE, SIDE, 3))
    ).architecture.blocks

    assert [f"{b.name}_out" for b in blocks] == [b.sum for b in blocks]
    assert [b.name for b in blocks if b.kind == "projection"] == [f"conv{s}_block1" for s in (2, 3, 4, 5)]
    strided = [b for b in blocks if b.kind == "identity" and not b.skips_unchanged]
    assert [b.name for b in strided] == ["conv2_block3", "conv3_block4", "conv4_block6"]
    assert all(b.shortcut.startswith("max_pooling2d") for b in strided)


@pytest.mark.parametrize("name", ["ResNet50V2", "MobileNetV2"])
def test_the_ledger_adds_up_through_layers_between_blocks(name):
    family = Family(*FAMILIES[name], "float64")
    out = _attribution_pass(family.engine, tf.constant(family.batch), tf.constant([3, 1]))

    parts = [entry[key] for entry in out["blocks"] for key in entry] + [out["class_bias"], out["stem"]]
    total = sum(tf.reduce_sum(part, axis=list(range(1, part.shape.rank))) for part in parts)
    logits, _ = family.walk()
    _close(total, np.asarray(logits)[[0, 1], [3, 1]])
