"""Blocks, stages and layers, read off graphs that name them and graphs that do not."""

import keras
import pytest
from keras import layers

from resnet_demo.errors import ArchitectureError, UnknownBlockError, UnknownLayerError
from resnet_demo.graph.architecture import Architecture, BlockSpec, Lack, Layer, producers, read
from resnet_demo.graph.flat import flatten
from resnet_demo.graph.head import spatial
from resnet_demo.networks.resnet import resnet

SIDE = (64, 48, 3)


@pytest.fixture(scope="module")
def resnet50() -> Architecture:
    return read(keras.applications.ResNet50(weights=None, classes=3, input_shape=(224, 224, 3)))


@pytest.fixture(scope="module")
def small(small_instrumented) -> Architecture:
    return read(small_instrumented.network.model)


def test_keras_resnet50_has_its_sixteen_blocks_under_their_names(resnet50):
    names = [b.name for b in resnet50.blocks]

    assert names == [
        f"conv{s}_block{i}" for s, n in ((2, 3), (3, 4), (4, 6), (5, 3)) for i in range(1, n + 1)
    ]
    for block in resnet50.blocks:
        first = block.name.endswith("block1")
        assert block.kind == ("projection" if first else "identity")
        assert block.residual == f"{block.name}_3_bn"
        assert block.sum == f"{block.name}_add"
        assert block.output == f"{block.name}_out"
        assert block.shortcut == (f"{block.name}_0_bn" if first else block.input)
        assert block.has_relu
        assert block.skips_unchanged == (not first)
    assert [b.input for b in resnet50.blocks] == ["pool1_pool", *(b.output for b in resnet50.blocks[:-1])]


def test_keras_resnet50_as_a_whole(resnet50):
    assert resnet50.input_shape == (224, 224, 3)
    assert resnet50.stem == (
        Layer("conv1", "conv1_relu", (112, 112, 64)),
        Layer("pool1", "pool1_pool", (56, 56, 64)),
    )
    assert resnet50.stages == (
        Layer("conv2", "conv2_block3_out", (56, 56, 256)),
        Layer("conv3", "conv3_block4_out", (28, 28, 512)),
        Layer("conv4", "conv4_block6_out", (14, 14, 1024)),
        Layer("conv5", "conv5_block3_out", (7, 7, 2048)),
    )
    assert (resnet50.head_input, resnet50.logits, resnet50.classes) == ("conv5_block3_out", "predictions", 3)


def test_blocks_are_found_whatever_their_layers_are_called(small):
    assert small.blocks[0] == BlockSpec(
        "conv2_block1",
        "conv2",
        "projection",
        (8, 12, 12),
        "pool",
        "a_projection_bn",
        "a_bn3",
        "a_sum",
        "a_output",
    )
    assert small.blocks[1] == BlockSpec(
        "conv2_block2", "conv2", "identity", (8, 12, 12), "a_output", "a_output", "b_bn3", "b_sum", "b_output"
    )
    assert small.blocks[2] == BlockSpec(
        "conv3_block1",
        "conv3",
        "projection",
        (4, 6, 16),
        "b_output",
        "c_projection_bn",
        "c_bn2",
        "c_sum",
        "c_output",
    )
    without_relu = small.blocks[3]
    assert (without_relu.sum, without_relu.output, without_relu.has_relu) == ("d_sum", "d_sum", False)
    assert small.blocks[4].shortcut == small.blocks[4].input == "d_sum"
    assert small.stages == (Layer("conv2", "b_output", (8, 12, 12)), Layer("conv3", "e_output", (4, 6, 16)))
    assert (small.stem[0].node, small.stem[1].node) == ("stem_relu", "pool")
    assert (small.logits, small.classes, small.head_input) == ("scores", 7, "e_output")


@pytest.mark.parametrize(
    ("options", "blocks", "projections"),
    [
        ({"depth": 18}, 8, 3),
        ({"depth": 18, "shortcut_option": "C"}, 8, 8),
        ({"depth": 34, "variant": "v1.5"}, 16, 3),
    ],
    ids=str,
)
def test_every_network_we_build_is_read(options, blocks, projections):
    found = read(resnet(**options, classes=4, input_shape=SIDE))

    assert len(found.blocks) == blocks
    assert sum(b.kind == "projection" for b in found.blocks) == projections
    assert [s.name for s in found.stages] == ["conv2", "conv3", "conv4", "conv5"]
    assert [s.shape[:2] for s in found.stages] == [(16, 12), (8, 6), (4, 3), (2, 2)]
    assert found.head_input == found.blocks[-1].output


def test_option_a_skips_unchanged_only_where_nothing_is_padded():
    blocks = read(resnet(18, shortcut_option="A", classes=4, input_shape=SIDE)).blocks

    assert {b.kind for b in blocks} == {"identity"}
    assert [b.name for b in blocks if not b.skips_unchanged] == [f"conv{s}_block1" for s in (3, 4, 5)]


@pytest.mark.parametrize("variant", ["tutorial-a", "tutorial-b"])
def test_the_tutorials_are_read(variant):
    found = read(resnet(variant=variant, classes=4, input_shape=(197, 200, 3)))

    assert len(found.blocks) == 16
    assert all(b.has_relu == (variant == "tutorial-a") for b in found.blocks)
    if variant == "tutorial-a":
        assert (found.blocks[0].sum, found.blocks[0].shortcut) == ("res2a", "bn2a_branch1")
        assert found.logits == "fc1000"


@pytest.mark.parametrize(("depth", "variant", "widening"), [(18, "keras", 1), (50, "v1.5", 4)])
def test_a_plain_network_has_stages_and_no_blocks(depth, variant, widening):
    found = read(resnet(depth, variant, plain=True, classes=4, input_shape=SIDE))

    assert found.blocks == ()
    assert [(s.name, s.shape) for s in found.stages] == [
        ("conv2", (16, 12, 64 * widening)),
        ("conv3", (8, 6, 128 * widening)),
        ("conv4", (4, 3, 256 * widening)),
        ("conv5", (2, 2, 512 * widening)),
    ]
    assert found.head_input == found.stages[-1].node
    with pytest.raises(UnknownBlockError, match="none, this network has no shortcuts"):
        found.block("conv2_block1")


def test_a_block_is_found_by_its_name(resnet50):
    assert resnet50.block("conv4_block6") is resnet50.blocks[12]
    with pytest.raises(UnknownBlockError) as error:
        resnet50.block("conv4_block7")
    accepted = ", ".join(b.name for b in resnet50.blocks)
    assert str(error.value) == f"There is no such block. Received: 'conv4_block7'. Accepted: {accepted}."


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("conv1", "conv1_relu"),
        ("pool1", "pool1_pool"),
        ("stem", "pool1_pool"),
        ("conv4", "conv4_block6_out"),
        ("conv4_block2", "conv4_block2_out"),
        ("conv4_block2_out", "conv4_block2_out"),
        ("conv4_block2_1_conv", "conv4_block2_1_conv"),
    ],
)
def test_a_layer_is_found_by_its_name_or_its_nodes(resnet50, name, node):
    assert resnet50.layer(name).node == node


def test_a_layer_that_is_not_there_is_refused(resnet50):
    with pytest.raises(
        UnknownLayerError, match=r"Received: 'conv4_block9_add'\. Accepted: conv1, pool1, conv2, "
    ) as e:
        resnet50.layer("conv4_block9_add")
    assert "conv5_block3." in str(e.value)


def test_producers_are_in_the_order_they_run(small_instrumented):
    graph = producers(small_instrumented.network.model)
    order = list(graph)

    assert order[0] == "photo"
    assert graph["a_sum"] == ("a_projection_bn", "a_bn3")
    assert all(order.index(i) < order.index(name) for name, inputs in graph.items() for i in inputs)


def _network(middle, inputs=None):
    """A stem, then `middle`, then a head."""
    photo = keras.Input((16, 16, 3), name="photo") if inputs is None else inputs[0]
    x = layers.MaxPooling2D(name="pool")(layers.Conv2D(4, 3, activation="relu", name="stem")(photo))
    x = layers.GlobalAveragePooling2D()(middle(x))
    return keras.Model(inputs or photo, layers.Dense(2, name="top")(x), name="odd")


def _conv(x, name, filters=4, **options):
    return layers.Conv2D(filters, 3, padding="same", name=name, **options)(x)


def _three_way(x):
    return layers.Add(name="sum")([x, _conv(x, "one"), _conv(x, "two")])


def _equal_branches(x):
    return layers.Add(name="sum")([_conv(x, "one"), _conv(x, "two")])


def _after_the_sum(activation):
    return lambda x: activation(layers.Add(name="sum")([x, _conv(x, "one")]))


def _channels_first(x):
    return _conv(layers.Permute((3, 1, 2))(x), "one", data_format="channels_first")


def _norm_of_rows(x):
    return layers.BatchNormalization(axis=1, name="rows")(_conv(x, "one"))


def _around_a_block(x):
    y = layers.ReLU(name="first")(layers.Add()([x, _conv(x, "one")]))
    z = _conv(_conv(y, "two"), "three")
    return layers.Add(name="last")([z, x])


def _layer_used_twice(x):
    again = layers.Conv2D(4, 3, padding="same", name="again")
    return layers.Add(name="sum")([x, again(again(x))])


def _scaled(x):
    gate = layers.Dense(4, activation="sigmoid", name="gate")(layers.GlobalAveragePooling2D()(x))
    f = _conv(x, "one") * layers.Reshape((1, 1, 4))(gate)
    return x + layers.SpatialDropout2D(0.5)(f)


@pytest.mark.parametrize(
    ("middle", "received"),
    [
        (_channels_first, "'one', where they are another"),
        (_norm_of_rows, "'rows', where they are another"),
    ],
)
def test_channels_are_the_last_axis(middle, received):
    with pytest.raises(ArchitectureError, match=f"Received: {received}"):
        read(_network(middle))


@pytest.mark.parametrize("middle", [_three_way, _equal_branches, lambda x: _conv(x, "only"), lambda x: x + x])
def test_what_adds_no_two_branches_is_a_plain_network(middle):
    found = read(_network(middle))

    assert found.blocks == ()
    assert found.capabilities == {"spatial", "classes", "linear_head"}
    assert found.lacks == {"residual": Lack("no_blocks"), "relu_mask": Lack("no_blocks")}
    assert found.head_input == found.layers[-1].node


@pytest.mark.parametrize(
    ("middle", "shortcut", "residual"),
    [
        (_after_the_sum(layers.ReLU(max_value=6, name="six")), "pool", "one"),
        (_after_the_sum(layers.LeakyReLU(name="leaky")), "pool", "one"),
        (_after_the_sum(layers.ReLU(threshold=1, name="late")), "pool", "one"),
        (_after_the_sum(lambda x: keras.ops.relu6(x)), "pool", "one"),
        (_around_a_block, "pool", "three"),
        (_layer_used_twice, "pool", "again#2"),
    ],
)
def test_a_block_is_any_addition_that_everything_passes_through(middle, shortcut, residual):
    found = read(_network(middle))

    (block,) = found.blocks
    assert (block.input, block.shortcut, block.residual) == ("pool", shortcut, residual)
    assert not block.has_relu
    assert "relu_mask" in found.capabilities  # all of these are piecewise linear


def test_a_gate_in_a_branch_and_a_plus_sign_make_a_block():
    (block,) = read(_network(_scaled)).blocks

    assert (block.input, block.shortcut, block.kind) == ("pool", "pool", "identity")
    assert block.sum.startswith("add")
    assert block.residual.startswith("multiply")


def test_what_bends_outside_the_branches_is_named():
    found = read(_network(_after_the_sum(layers.Activation("gelu", name="bend"))))

    assert found.lacks.keys() == {"relu_mask"}
    assert found.lacks["relu_mask"].values == {"layer": "bend", "kind": "Activation"}


def _headed(head):
    photo = keras.Input((16, 16, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="map")(photo)
    return read(keras.Model(photo, head(x), name="headed"))


def _mlp(x):
    x = layers.Dense(6, activation="relu")(layers.Flatten()(x))
    return layers.Dropout(0.5)(layers.Dense(5, name="scores")(layers.BatchNormalization()(x)))


@pytest.mark.parametrize(
    ("head", "logits", "classes", "activation", "linear"),
    [
        (lambda x: layers.Softmax()(_mlp(x)), "scores", 5, "softmax", True),
        (lambda x: keras.ops.softmax(_mlp(x)), "scores", 5, "softmax", True),
        (lambda x: layers.Activation("linear")(_mlp(x)), "scores", 5, None, True),
        (
            lambda x: layers.Dense(1, activation="sigmoid", name="one")(layers.GlobalMaxPooling2D()(x)),
            "one",
            1,
            "sigmoid",
            True,
        ),
        (
            lambda x: layers.Dense(3, name="top")(layers.Dense(4, "tanh", name="bend")(layers.Flatten()(x))),
            "top",
            3,
            None,
            False,
        ),
        (
            lambda x: layers.Softmax()(layers.GlobalAveragePooling2D(name="mean")(x)),
            "mean",
            4,
            "softmax",
            True,
        ),
        (
            lambda x: layers.Softmax()(layers.Dense(2, "softmax", name="twice")(layers.Flatten()(x))),
            "twice",
            2,
            "softmax",
            False,
        ),
        (
            lambda x: layers.Softmax()(layers.Dense(2, name="hot")(layers.Flatten()(x)) / 2.0),
            "true_divide",
            2,
            "softmax",
            True,
        ),
    ],
)
def test_a_head_of_any_depth(head, logits, classes, activation, linear):
    found = _headed(head)

    assert found.head_input == "map"
    assert found.logits.startswith(logits)
    assert (found.classes, found.activation) == (classes, activation)
    assert ("linear_head" in found.capabilities) == linear


@pytest.mark.parametrize("end", [lambda x: x, lambda x: layers.GlobalAveragePooling2D()(x)])
def test_a_network_without_a_head_opens(end):
    found = _headed(end)

    assert (found.head_input, found.classes, found.activation) == ("map", 0, None)
    assert found.capabilities == {"spatial"}
    assert found.lacks["classes"].key == "no_classes"
    assert found.lacks["classes"].values["shape"] in ("4", "14×14×4")


def test_a_network_of_several_pools_has_stages():
    photo = keras.Input((32, 32, 3))
    x = photo
    for filters in (2, 4, 6):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv_{filters}")(x)
        x = layers.MaxPooling2D(name=f"pool_{filters}")(x)
    found = read(keras.Model(photo, layers.Dense(3)(layers.Flatten()(x))))

    assert [layer.node for layer in found.stem] == ["conv_2", "pool_2"]
    assert [(s.name, s.node) for s in found.stages] == [("conv2", "conv_4"), ("conv3", "conv_6")]
    assert found.head_input == "pool_6" == found.layers[-1].name


def test_a_network_without_a_max_pooling_has_stages_that_bear_numbers_only():
    photo = keras.Input((16, 16, 1))
    x = layers.ReLU(name="relu")(layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(photo)))
    x = layers.Add(name="sum")([x, _conv(x, "one")])
    found = read(keras.Model(photo, layers.Dense(3)(layers.GlobalAveragePooling2D()(x))))

    assert found.input_shape == (16, 16, 1)
    assert found.stem == (Layer("conv1", "relu", (16, 16, 4)),)
    assert [b.name for b in found.blocks] == ["stage1_block1"]


@pytest.mark.parametrize(
    "relu", [lambda: layers.ReLU(name="gate"), lambda: layers.Activation("relu", name="gate")]
)
def test_a_plain_relu_after_the_sum_is_the_gate(relu):
    (block,) = read(_network(_after_the_sum(relu()))).blocks

    assert (block.sum, block.output) == ("sum", "gate")


def test_a_network_without_a_map_is_refused():
    photo = keras.Input((16, 16, 3))
    with pytest.raises(ArchitectureError, match=r"layers that give maps.*Received: 'flat'"):
        read(keras.Model(photo, layers.Dense(3)(layers.Flatten()(photo)), name="flat"))


@pytest.mark.parametrize(
    "apart",
    [
        lambda x: keras.applications.resnet50.preprocess_input(x),
        lambda x: keras.ops.concatenate(keras.ops.split(x, 3, axis=-1)[::-1], axis=-1),
        lambda x: keras.ops.stack(keras.ops.unstack(x, axis=-1)[::-1], axis=-1),
        lambda x: keras.ops.concatenate([keras.ops.expand_dims(x[..., i], -1) for i in (2, 1, 0)], axis=-1),
    ],
    ids=["preprocess_input", "split", "unstack", "one by one"],
)
def test_colours_taken_apart_and_put_together_again_are_still_the_photo(apart):
    photo = keras.Input((20, 24, 3))
    x = layers.ReLU()(layers.Conv2D(4, 3, padding="same", name="first")(apart(photo)))
    x = layers.Add(name="sum")([x, layers.Conv2D(4, 3, padding="same")(x)])
    model = keras.Model(photo, layers.Dense(5)(layers.GlobalAveragePooling2D()(x)))
    found = read(model)
    assert [block.sum for block in found.blocks] == ["sum"]
    assert found.classes == 5
    maps = spatial(flatten(model))
    assert (maps["first"], maps["sum"]) == ((20, 24, 4), (20, 24, 4))
    assert all(len(shape) == 3 and shape[:2] == (20, 24) for shape in maps.values())


def test_a_network_of_two_inputs_or_two_answers_is_refused():
    photo, other = keras.Input((16, 16, 3), name="photo"), keras.Input((7, 7, 4), name="other")

    with pytest.raises(ArchitectureError, match="'odd' with 2 inputs"):
        read(_network(lambda x: layers.Add(name="sum")([_conv(x, "one"), other]), [photo, other]))
    with pytest.raises(ArchitectureError, match="with 2 outputs"):
        read(keras.Model(photo, [_conv(photo, "one"), _conv(photo, "two")]))


@pytest.mark.parametrize("shape", [(16, 16, 4), (16, 3)])
def test_what_eats_no_photo_is_refused(shape):
    given = keras.Input(shape)
    with pytest.raises(ArchitectureError, match="three colours, or one channel"):
        read(keras.Model(given, layers.Dense(3)(layers.Flatten()(given))))


def test_an_activation_inside_another_layer_than_dense_is_refused():
    def head(x):
        pooled = layers.GlobalAveragePooling2D()(x)
        return layers.EinsumDense("bc,cd->bd", 3, activation="softmax", name="einsum")(pooled)

    with pytest.raises(ArchitectureError, match="'einsum', a EinsumDense with softmax inside"):
        _headed(head)


def test_a_network_inside_another_is_read_like_the_network_itself():
    photo, inner = keras.Input(SIDE), resnet(18, classes=4, input_shape=SIDE)
    found, expected = read(keras.Model(photo, inner(photo), name="outer")), read(inner)

    assert (found.blocks, found.stem, found.stages) == (expected.blocks, expected.stem, expected.stages)
    assert (found.head_input, found.logits) == (expected.head_input, expected.logits)
