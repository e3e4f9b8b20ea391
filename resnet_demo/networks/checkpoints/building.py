"""A `Checkpoint` -> a Keras model that carries it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import keras
import numpy as np

from resnet_demo.errors import CheckpointError
from resnet_demo.networks.blocks import KERAS, TUTORIAL_A
from resnet_demo.networks.checkpoints.checkpoint import OWN_GRAPH, Checkpoint
from resnet_demo.networks.checkpoints.layouts import TUTORIAL_A as TUTORIAL_A_NAMES
from resnet_demo.networks.checkpoints.matching import require_match
from resnet_demo.networks.resnet import network_name, relative, resnet
from resnet_demo.networks.resnet_v2 import resnet_v2


def build(checkpoint: Checkpoint, *, input_shape: tuple[int, int, int] = (224, 224, 3)) -> keras.Model:
    """Build the network a checkpoint is for, and give it every one of its tensors.

    Args:
        checkpoint: from `read`, or made by other means; compared with the network, then assigned.
        input_shape: (height, width, 3), as `resnet` accepts it for the checkpoint's variant; a model that is none of
            ours has its own.

    Returns:
        Model from float32 (N, height, width, 3), preprocessed as `checkpoint.preprocessing` says, to logits
        (N, classes), or without a head to the last map (N, h, w, c).

    Raises:
        CheckpointError: a tensor is missing, too much or misshapen for that network.
        ArchitectureError: no such network or input shape.
    """
    if checkpoint.variant == OWN_GRAPH and checkpoint.model is not None:
        return checkpoint.model
    if checkpoint.variant == "tutorial-a":
        model = resnet(50, "tutorial-a", classes=checkpoint.classes, input_shape=input_shape)
    elif checkpoint.variant == "v2":
        model = resnet_v2(checkpoint.depth, classes=checkpoint.classes, input_shape=input_shape)
    else:
        inputs = checkpoint.geometry.inputs
        model = relative(
            checkpoint.geometry,
            checkpoint.variant,
            classes=checkpoint.classes,
            input_shape=(*input_shape[:2], inputs),
        )
    name_of = TUTORIAL_A_NAMES.name_of if checkpoint.variant == "tutorial-a" else str
    tensors = {name_of(name): tensor for name, tensor in checkpoint.tensors.items()}
    variables = {
        f"{layer.name}/{variable.name}": variable
        for layer in model.layers
        if not isinstance(layer, keras.layers.DepthwiseConv2D)  # a blur, which is not learned
        for variable in layer.variables
    }
    require_match(
        {name: tuple(variable.shape) for name, variable in variables.items()},
        {name: tensor.shape for name, tensor in tensors.items()},
        model.name,
        checkpoint.path,
    )
    for name, variable in variables.items():
        variable.assign(tensors[name])
    return model


def to_keras_graph(checkpoint: Checkpoint) -> Checkpoint:
    """Tutorial A's weights, for the variant "keras".

    BatchNorm divides by √(variance + ε), and tutorial A's ε of 1e-3 is Keras Applications' 1.001e-5 with the
    difference added to every variance: the same function, up to rounding. So conv1 with its BatchNorm and
    ReLU gives the same maps, and the stack from the first block to the logits does too, from the same input.
    Between the two stands the max pooling, which the tutorial does without padding and Keras with a border of
    one: windows start a pixel apart, 55×55 values come out in place of 56×56, and so the logits of a photo
    are near each other, not equal.

    Raises:
        CheckpointError: the checkpoint is not for variant "tutorial-a".
    """
    if checkpoint.variant != "tutorial-a":
        received = network_name(checkpoint.depth, checkpoint.variant, "B", plain=False)
        raise CheckpointError(
            "Only tutorial A's weights fit another graph than their own, that of Keras. Received: "
            "{path!r}, for {received}.",
            path=str(checkpoint.path),
            received=received,
        )
    shift = np.float32(TUTORIAL_A.epsilon - KERAS.epsilon)
    tensors = {
        name: tensor + shift if name.endswith("/moving_variance") else tensor
        for name, tensor in checkpoint.tensors.items()
    }
    return replace(checkpoint, variant="keras", tensors=MappingProxyType(tensors))
