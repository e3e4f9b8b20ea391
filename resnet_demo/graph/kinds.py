"""What kind of operation a node is, whether a layer or an operation of `keras.ops` says it."""

from __future__ import annotations

import keras
from keras import layers

from resnet_demo.graph.flat import Node

# Between two kinks these are linear maps, with or without a constant. Layers with an activation are judged by it.
_PIECEWISE_LINEAR = (
    layers.Add,
    layers.Average,
    layers.AveragePooling2D,
    layers.BatchNormalization,
    layers.Concatenate,
    layers.Conv2D,
    layers.Cropping2D,
    layers.Dense,
    layers.DepthwiseConv2D,
    layers.Flatten,
    layers.GlobalAveragePooling2D,
    layers.GlobalMaxPooling2D,
    layers.LeakyReLU,
    layers.MaxPooling2D,
    layers.Maximum,
    layers.Minimum,
    layers.Normalization,
    layers.PReLU,
    layers.Permute,
    layers.ReLU,
    layers.Rescaling,
    layers.Reshape,
    layers.SeparableConv2D,
    layers.Subtract,
    layers.UpSampling2D,
    layers.ZeroPadding2D,
)
_PIECEWISE_LINEAR_OPERATIONS = {
    "Add",
    "AveragePool",
    "Clip",
    "Concatenate",
    "ExpandDims",
    "Flip",
    "GetItem",
    "LeakyRelu",
    "Max",
    "MaxPool",
    "Maximum",
    "Mean",
    "Minimum",
    "Negative",
    "Pad",
    "Relu",
    "Relu6",
    "Reshape",
    "Split",
    "Squeeze",
    "Stack",
    "Subtract",
    "Sum",
    "Transpose",
    "Unstack",
}
_PIECEWISE_LINEAR_ACTIVATIONS = {"linear", "relu", "relu6", "leaky_relu", "hard_tanh"}
_REDUCTIONS = {"Mean", "Max", "Sum", "AveragePool", "MaxPool"}
_POOLS = (
    layers.AveragePooling2D,
    layers.MaxPooling2D,
    layers.GlobalAveragePooling2D,
    layers.GlobalMaxPooling2D,
    layers.AdaptiveAveragePooling2D,
    layers.AdaptiveMaxPooling2D,
)


def operation(node: Node) -> str | None:
    """The name of an operation of `keras.ops`, "Add", "GetItem"; None for a layer."""
    return None if isinstance(node.op, layers.Layer) else type(node.op).__name__


def activation(node: Node) -> str | None:
    """What an activation on its own is called, "relu", "softmax"; None for any other operation."""
    op = node.op
    if isinstance(op, layers.Activation):
        return getattr(op.activation, "__name__", "another")
    if isinstance(op, layers.Softmax):
        return "softmax"
    if isinstance(op, layers.ReLU):
        plain = op.max_value is None and op.negative_slope == 0 and op.threshold == 0
        return "relu" if plain else "relu with options"
    if isinstance(op, layers.LeakyReLU):
        return "leaky_relu"
    found = {"Relu": "relu", "Relu6": "relu6", "Softmax": "softmax", "Sigmoid": "sigmoid", "Silu": "silu"}
    return (found | {"Gelu": "gelu", "LogSoftmax": "log_softmax"}).get(operation(node) or "")


def activation_inside(node: Node) -> str | None:
    """The activation that a convolution or a dense layer applies itself; None where it applies none."""
    inside = getattr(node.op, "activation", None)
    if isinstance(node.op, layers.Activation) or inside in (None, keras.activations.linear):
        return None
    return getattr(inside, "__name__", "another")


def is_relu(node: Node) -> bool:
    """Whether it is max(x, 0), and so a mask times x."""
    return activation(node) == "relu"


def is_sum(node: Node) -> bool:
    """Whether it adds two different tensors, element by element."""
    refs = node.refs
    adds = isinstance(node.op, layers.Add) or operation(node) == "Add"
    return adds and len(refs) == 2 and refs[0] != refs[1]


def is_weighted(node: Node) -> bool:
    """Whether it has a kernel: more than a number a channel."""
    return any(len(weight.shape) > 1 for weight in getattr(node.op, "weights", ()))


def is_piecewise_linear(node: Node) -> bool:
    """Whether, close by, its output is a linear map of its input plus a constant."""
    inside = activation_inside(node)
    if inside is not None and inside not in _PIECEWISE_LINEAR_ACTIVATIONS:
        return False
    alone = activation(node)
    if alone in _PIECEWISE_LINEAR_ACTIVATIONS or alone == "relu with options":
        return True
    if operation(node) in ("Multiply", "Divide", "TrueDivide"):
        return len(node.refs) == 1 and bool(node.args) and node.args[0] == node.refs[0]  # by a constant
    return type(node.op) in _PIECEWISE_LINEAR or operation(node) in _PIECEWISE_LINEAR_OPERATIONS


def pools_all(node: Node, before: tuple[int, ...]) -> bool:
    """Whether it makes one position of a map of shape `before`, (h, w, c)."""
    pools = isinstance(node.op, _POOLS) or operation(node) in _REDUCTIONS
    return pools and node.shape[:2] == (1, 1) != before[:2]


def is_norm(node: Node) -> bool:
    """Whether it normalises: of the batch, of a layer, of groups."""
    return isinstance(
        node.op,
        (
            layers.BatchNormalization,
            layers.LayerNormalization,
            layers.GroupNormalization,
            layers.RMSNormalization,
        ),
    )
