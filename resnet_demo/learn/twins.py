"""Small residual networks and their plain twins, of He et al.'s kind for small pictures.

References:
    He et al. 2015, arXiv:1512.03385, section 4.2: a 3×3 convolution, three stages of n blocks with two 3×3 convolutions
    each, global average pooling and a dense layer; 6n + 2 layers with weights. Shortcuts that do not fit are
    zero padding (option A), so that residual network and plain twin have exactly the same parameters.
"""

from __future__ import annotations

import keras
from keras import layers

from resnet_demo.errors import OptionError

STAGES = 3


def require_depth(depth: int) -> int:
    """The number of blocks a stage, n, of 6n + 2 layers; OptionError for another depth."""
    blocks, rest = divmod(depth - 2, 2 * STAGES)
    if rest or blocks < 1:
        raise OptionError(
            "A small residual network has 6n + 2 layers with weights. Received: {depth}. Accepted: 8, "
            "14, 20, 26, 32, 44, 56, 110 and so on.",
            depth=depth,
        )
    return blocks


def twin(
    depth: int,
    *,
    residual: bool,
    classes: int = 10,
    side: int = 16,
    channels: int = 1,
    width: int = 8,
    batch_norm: bool = True,
    seed: int = 0,
) -> keras.Model:
    """Build a network from pictures (N, side, side, channels) to logits (N, classes).

    Args:
        depth: layers with weights, 6n + 2.
        residual: with shortcuts; without, its plain twin.
        width: channels of the first stage; each further stage doubles them and halves the side.
        batch_norm: a BatchNorm after every convolution.
        seed: of the initial weights (He et al. 2015, arXiv:1502.01852), the same for both twins.

    Raises:
        OptionError: another depth.
    """
    blocks = require_depth(depth)
    count = 0

    def convolution(x: keras.KerasTensor, filters: int, strides: int = 1) -> keras.KerasTensor:
        nonlocal count
        count += 1
        initializer = keras.initializers.HeNormal(seed=seed * 1000 + count)
        x = layers.Conv2D(
            filters,
            3,
            strides,
            "same",
            use_bias=not batch_norm,
            kernel_initializer=initializer,
            name=f"conv{count}",
        )(x)
        return layers.BatchNormalization(momentum=0.9, name=f"bn{count}")(x) if batch_norm else x

    picture = keras.Input((side, side, channels))
    x = layers.ReLU()(convolution(picture, width))
    for stage in range(STAGES):
        filters = width * 2**stage
        for block in range(blocks):
            strides = 2 if stage and not block else 1
            branch = layers.ReLU()(convolution(x, filters, strides))
            branch = convolution(branch, filters)
            if residual:
                branch = layers.Add()([_halved(x, filters) if strides > 1 else x, branch])
            x = layers.ReLU()(branch)
    x = layers.GlobalAveragePooling2D()(x)
    initializer = keras.initializers.HeNormal(seed=seed * 1000)
    logits = layers.Dense(classes, kernel_initializer=initializer, name="logits")(x)
    return keras.Model(picture, logits, name=f"{'residual' if residual else 'plain'}{depth}")


def _halved(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    """Option A's shortcut: every second position, with as many channels of zeros as there are already."""
    x = layers.AveragePooling2D(1, 2)(x)
    return layers.ZeroPadding2D(((0, 0), (0, filters // 2)), data_format="channels_first")(x)
