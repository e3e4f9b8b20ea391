"""The flat list of operations, run, against the model it was made from: bit for bit, however the model is made."""

import keras
import numpy as np
import pytest
from keras import layers

from resnet_demo.errors import ArchitectureError
from resnet_demo.graph.flat import TRAINING_ONLY, flatten

SIDES = (24, 20, 3)


def _lively(model):
    """Every weight drawn anew, so that no BatchNorm is the identity and no bias is 0."""
    rng = np.random.default_rng(3)
    for variable in model.weights:
        if variable.dtype == "float32":
            positive = "variance" in variable.name
            variable.assign(
                rng.uniform(0.5, 1.5, variable.shape) if positive else rng.normal(0, 0.3, variable.shape)
            )
    return model


def _base(name="base", sides=SIDES):
    photo = keras.Input(sides)
    x = layers.Conv2D(4, 3, strides=2, name="conv")(photo)
    x = layers.BatchNormalization(name="norm")(x)
    return keras.Model(photo, layers.ReLU(name="relu")(x), name=name)


def _sequential():
    return keras.Sequential(
        [
            keras.Input(SIDES),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )


def _nested_in_sequential():
    head = keras.Sequential(
        [keras.Input((11, 9, 4)), layers.GlobalMaxPooling2D(), layers.Dense(3)], name="head"
    )
    return keras.Sequential([keras.Input(SIDES), keras.Sequential([keras.Input(SIDES), _base()]), head])


def _nested_functional():
    photo = keras.Input(SIDES)
    middle_in = keras.Input(SIDES)
    middle = keras.Model(middle_in, layers.Dropout(0.5)(_base()(middle_in)), name="middle")
    x = layers.Conv2D(3, 1, name="conv")(middle(photo, training=False))
    return keras.Model(photo, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


def _shared_model_and_layer():
    photo = keras.Input(SIDES)
    base, dense = _base(), layers.Dense(2, name="dense")
    one, two = base(photo), base(photo[:, ::-1])
    return keras.Model(photo, layers.Concatenate()([dense(layers.Flatten()(t)) for t in (one, two)]))


def _operations_with_arguments():
    photo = keras.Input(SIDES)
    x = (photo[..., ::-1] - np.array([103.9, 116.8, 123.7], "float32")) / 2.5
    first, second = keras.ops.split(layers.Conv2D(6, 3)(x), 2, axis=-1)
    x = keras.ops.clip(first, x_min=-1, x_max=30.0) + 2 * keras.ops.relu6(second)
    return keras.Model(photo, layers.Dense(3)(keras.ops.mean(x, axis=(1, 2))))


class _Shifted(layers.Layer):
    def call(self, inputs, by=None):
        return inputs if by is None else inputs + by["all"]


def _tensors_by_keyword():
    photo = keras.Input(SIDES)
    first, second = layers.Conv2D(4, 3)(photo), layers.Conv2D(4, 3)(photo)
    x = keras.ops.multiply(x1=first, x2=keras.ops.sigmoid(x=second))
    x = _Shifted()(x, by={"all": first})
    x = layers.Softmax()(x, mask=keras.ops.greater(second, 0.1))  # of the channels that the mask lets through
    pooled = [keras.ops.max(t, axis=(1, 2)) for t in (x, _base()(inputs=photo))]
    return keras.Model(photo, layers.Dense(3)(layers.Concatenate()(pooled)))


def _augmented():
    photo = keras.Input(SIDES)
    augmentation = keras.Sequential(
        [keras.Input(SIDES), layers.RandomFlip(), layers.RandomRotation(0.4), layers.RandomCrop(16, 16)]
    )
    x = layers.GaussianNoise(0.9)(layers.Rescaling(1 / 255, offset=-0.5)(augmentation(photo)))
    x = layers.SpatialDropout2D(0.5)(layers.Conv2D(4, 3)(x))
    return keras.Model(photo, layers.Dropout(0.5)(layers.Dense(3)(layers.GlobalMaxPooling2D()(x))))


def _open_sides():
    photo = keras.Input((None, None, 3))
    x = _base(sides=(None, None, 3))(photo)
    return keras.Model(photo, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


MODELS = [
    _sequential,
    _nested_in_sequential,
    _nested_functional,
    _shared_model_and_layer,
    _operations_with_arguments,
    _tensors_by_keyword,
    _augmented,
    _open_sides,
]


@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__.strip("_"))
def test_the_list_gives_what_the_model_gives(build):
    model = _lively(build())
    batch = np.random.default_rng(1).uniform(0, 255, (2, *SIDES)).astype("float32")

    graph = flatten(model, SIDES[:2])

    expected = np.asarray(model(batch, training=False))
    np.testing.assert_array_equal(np.asarray(graph.run(batch)), expected)
    np.testing.assert_array_equal(np.asarray(graph.run(batch)), expected)  # and gives it again
    names = [node.name for node in graph]
    assert len(set(names)) == len(names)
    assert not any(isinstance(node.op, keras.Model) for node in graph)
    for node in graph:
        assert all(names.index(i) < names.index(node.name) for i in node.inputs)
        assert all(node.name in graph.readers[i] for i in node.inputs)


@pytest.mark.parametrize(
    "build", [_nested_functional, _open_sides, _operations_with_arguments, _tensors_by_keyword]
)
def test_shapes_are_those_of_the_tensors(build):
    graph = flatten(build(), SIDES[:2])
    values = {graph.inputs[0].name: np.ones((2, *SIDES), "float32")}
    for node in graph:
        if not node.is_input:
            values[node.name] = node.call(values)
            found = [tuple(t.shape[1:]) for t in keras.tree.flatten(values[node.name])]
            assert [shape[1:] for shape in node.shapes] == found, node.name
            assert node.shape == found[0]


def test_a_name_is_kept_where_it_is_unique():
    graph = flatten(_nested_functional())
    names = [node.name for node in graph]

    assert names[1:4] == ["middle/base/conv", "norm", "relu"]
    assert "conv" in names  # that of the outer model
    assert graph["norm"].inputs == ("middle/base/conv",)


def test_a_layer_called_twice_is_two_nodes():
    names = [node.name for node in flatten(_shared_model_and_layer())]

    assert [n for n in names if "conv" in n] == ["base/conv", "base/conv#2"]
    assert [n for n in names if "dense" in n] == ["dense", "dense#2"]


def test_open_sizes_take_224_or_the_size_given():
    assert flatten(_open_sides())["relu"].shape == (111, 111, 4)
    assert flatten(_open_sides(), (40, 64))["relu"].shape == (19, 31, 4)
    assert flatten(_base(), (40, 64)).inputs[0].shape == SIDES, "the model's own size stands"


def test_what_leads_nowhere_is_left_out():
    photo = keras.Input(SIDES)
    two = keras.Model(
        photo, [layers.Conv2D(2, 1, name="used")(photo), layers.Conv2D(2, 1, name="unused")(photo)]
    )
    outer = keras.Input(SIDES)

    assert [n.name for n in flatten(keras.Model(outer, two(outer)[0])) if not n.is_input] == ["used"]


@pytest.mark.parametrize("layer", TRAINING_ONLY, ids=lambda layer: layer.__name__)
def test_layers_left_out_hand_on_what_they_are_given(layer):
    arguments = {
        "RandomBrightness": (0.5,),
        "RandomContrast": (0.5,),
        "RandomRotation": (0.5,),
        "RandomTranslation": (0.5, 0.5),
        "RandomZoom": (0.5,),
        "RandomColorDegeneration": (0.5,),
        "RandomHue": (0.5,),
        "RandomSaturation": (0.5,),
        "RandomSharpness": (0.5,),
        "RandomPosterization": (4,),
        "RandomCrop": (16, 16),
        "Dropout": (0.5,),
        "SpatialDropout2D": (0.5,),
        "AlphaDropout": (0.5,),
        "GaussianDropout": (0.5,),
        "GaussianNoise": (0.5,),
    }.get(layer.__name__, ())
    batch = np.random.default_rng(1).uniform(-20, 300, (2, *SIDES)).astype("float32")

    np.testing.assert_array_equal(np.asarray(layer(*arguments)(batch, training=False)), batch)


def test_a_model_whose_layers_are_called_in_code_is_refused():
    class Coded(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(
        ArchitectureError, match=r"a Coded, whose layers are called in its own code\. Accepted: "
    ):
        flatten(Coded())


def test_a_size_that_the_layers_do_not_take_is_refused():
    photo = keras.Input((None, None, 3))
    model = keras.Model(photo, layers.Conv2D(2, 30, name="large")(photo))

    with pytest.raises(
        ArchitectureError, match=r"Received: 'large' with \(8, 8, 3\)\. Accepted: an input size"
    ):
        flatten(model, (8, 8))


def test_a_size_that_a_model_inside_does_not_take_is_refused():
    photo = keras.Input((None, None, 3))
    with pytest.raises(ArchitectureError, match=r"Received: 'base' with \(48, 40, 3\)"):
        flatten(keras.Model(photo, _base()(photo)), (48, 40))
