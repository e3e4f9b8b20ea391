"""The residual blocks of every variant, as small functions on symbolic Keras tensors.

A block is a residual branch F beside a shortcut S. Their sum is `{name}_add`; in most variants a ReLU,
`{name}_out`, follows it.

    identity block      S is the input itself, without parameters even where shapes change (option A)
    projection block    S is learned, `{name}_0_conv` and `{name}_0_bn`; the tutorials call it `conv_block`
    basic block         either of the two, with two 3×3 convolutions in F in place of 1×1, 3×3, 1×1
    plain twin          no shortcut: `{name}_out` is the ReLU of F

Layers are named in the grammar of Keras Applications, `conv4_block6_2_conv`; a style may translate it.

References:
    He et al. 2015, arXiv:1512.03385, Figures 2 and 5, and section 3.3 for the shortcut options.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Literal

import keras
import numpy as np
from keras import KerasTensor, layers

from resnet_demo.networks.geometry import EXPANSION


def tutorial_a_name(keras_name: str) -> str:
    """What tutorial A, and the weight files of its time, call the layer `keras_name` of Keras Applications.

    "conv2_block1_1_conv" becomes "res2a_branch2a", "conv2_block1_0_bn" becomes "bn2a_branch1", "conv1_bn"
    becomes "bn_conv1" and "predictions" becomes "fc1000". Layers without weights, which the tutorial left
    unnamed, become "res2a" (the sum), "res2a_out" and "res2a_branch2a_relu"; outside the blocks they keep
    Keras' name.
    """
    outside = {"conv1_conv": "conv1", "conv1_bn": "bn_conv1", "predictions": "fc1000"}
    match = re.fullmatch(r"conv(\d)_block(\d+)_(?:(\d)_)?(\w+)", keras_name)
    if match is None:
        return outside.get(keras_name, keras_name)
    stage, block, unit, kind = match.groups()
    base = stage + ascii_lowercase[int(block) - 1]
    if unit is None:
        return {"add": f"res{base}", "out": f"res{base}_out"}[kind]
    branch = base + {"0": "_branch1", "1": "_branch2a", "2": "_branch2b", "3": "_branch2c"}[unit]
    return {"conv": f"res{branch}", "bn": f"bn{branch}", "relu": f"res{branch}_relu"}[kind]


@dataclass(frozen=True)
class BlockStyle:
    """What the variants' blocks do differently."""

    use_bias: bool  # in convolutions
    epsilon: float  # of BatchNorm
    strided_convolution: Literal[1, 2] = (
        1  # which convolution of a bottleneck takes the stride: the 1×1 or the 3×3
    )
    projection_kernel: int = 1
    symmetric_padding: bool = True  # False: "same", which with stride 2 pads only the bottom and the right
    relu_before_bn: bool = (
        False  # Conv, ReLU, BN everywhere, in place of Conv, BN and a ReLU between convolutions
    )
    relu_after_sum: bool = True
    layer_name: Callable[[str], str] = str  # from Keras Applications' name
    # What the relatives do differently.
    groups: int = 1  # of a bottleneck's 3×3 convolution
    squeeze: int = 0  # channels in the middle of squeeze-and-excitation, at the end of the residual branch
    pooled_shortcut: bool = False  # a strided projection: average pooling, then a 1×1 without stride
    blur: bool = (
        False  # stride by blurring: the strided 3×3 convolution, its BatchNorm and ReLU, then the blur
    )


KERAS = BlockStyle(use_bias=True, epsilon=1.001e-5)
V1_5 = BlockStyle(use_bias=False, epsilon=1e-5, strided_convolution=2)
V1 = BlockStyle(use_bias=False, epsilon=1e-5)  # as Hugging Face's `downsample_in_bottleneck`
TUTORIAL_A = BlockStyle(use_bias=True, epsilon=1e-3, layer_name=tutorial_a_name)
TUTORIAL_B = BlockStyle(
    use_bias=True,
    epsilon=1e-3,
    projection_kernel=3,
    symmetric_padding=False,
    relu_before_bn=True,
    relu_after_sum=False,
)


def identity_block(
    x: KerasTensor,
    filters: int,
    *,
    name: str,
    style: BlockStyle = KERAS,
    stride: int = 1,
    channels: int | None = None,
    plain: bool = False,
) -> KerasTensor:
    """Bottleneck block whose shortcut has no parameters.

    Args:
        x: (N, h, w, c).
        filters: channels of the bottleneck.
        name: "conv3_block2"; its layers' names begin with it.
        style: the variant's.
        stride: 1 or 2; at 2 the shortcut skips every other pixel.
        channels: that the block gives; None: 4·filters.
        plain: leave the shortcut out.

    Returns:
        (N, ⌈h/stride⌉, ⌈w/stride⌉, channels).
    """
    channels = channels or EXPANSION * filters
    shortcut = None if plain else identity_shortcut(x, channels, stride, name, style)
    residual = bottleneck_branch(x, filters, channels, stride, name, style)
    return join(shortcut, residual, name, style)


def projection_block(
    x: KerasTensor,
    filters: int,
    *,
    name: str,
    style: BlockStyle = KERAS,
    stride: int = 2,
    channels: int | None = None,
) -> KerasTensor:
    """Bottleneck block whose shortcut is learned. Arguments and result as in `identity_block`.

    It has no plain twin of its own: without its shortcut it is `identity_block(plain=True)`.
    """
    channels = channels or EXPANSION * filters
    shortcut = projection_shortcut(x, channels, stride, name, style)
    residual = bottleneck_branch(x, filters, channels, stride, name, style)
    return join(shortcut, residual, name, style)


def basic_block(
    x: KerasTensor,
    filters: int,
    *,
    name: str,
    style: BlockStyle = KERAS,
    stride: int = 1,
    projection: bool = False,
    plain: bool = False,
) -> KerasTensor:
    """Block of two 3×3 convolutions, of ResNet-18 and 34; it gives `filters` channels.

    `projection` says whether the shortcut is learned; the other arguments are as in `identity_block`.
    """
    if plain:
        shortcut = None
    elif projection:
        shortcut = projection_shortcut(x, filters, stride, name, style)
    else:
        shortcut = identity_shortcut(x, filters, stride, name, style)
    x = strided_convolution(x, filters, stride, f"{name}_1", style)
    residual = convolution(x, filters, 3, f"{name}_2", style)
    if style.squeeze:
        residual = squeeze_and_excitation(residual, style.squeeze, name)
    return join(shortcut, residual, name, style)


def bottleneck_branch(
    x: KerasTensor, filters: int, channels: int, stride: int, name: str, style: BlockStyle
) -> KerasTensor:
    """Residual branch of 1×1, 3×3 and 1×1 convolutions: (N, ⌈h/stride⌉, ⌈w/stride⌉, channels)."""
    strides = {1: 1, 2: 1} | {style.strided_convolution: stride}
    x = convolution(x, filters, 1, f"{name}_1", style, stride=strides[1], relu=True)
    x = strided_convolution(x, filters, strides[2], f"{name}_2", style)
    x = convolution(x, channels, 1, f"{name}_3", style)
    return squeeze_and_excitation(x, style.squeeze, name) if style.squeeze else x


def strided_convolution(
    x: KerasTensor, filters: int, stride: int, name: str, style: BlockStyle
) -> KerasTensor:
    """The 3×3 convolution of a residual branch, with its ReLU: (N, ⌈h/stride⌉, ⌈w/stride⌉, filters)."""
    blurs = style.blur and stride > 1
    step = 1 if blurs else stride
    x = convolution(x, filters, 3, name, style, stride=step, relu=True, groups=style.groups)
    return blur(x, stride, f"{name}_blur") if blurs else x


def squeeze_and_excitation(x: KerasTensor, middle: int, name: str) -> KerasTensor:
    """Each channel times a factor from 0 to 1 that all channels' means decide: (N, h, w, c), as `x`.

    References:
        Hu et al. 2018, arXiv:1709.01507.
    """
    factor = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_se_squeeze")(x)
    factor = layers.Conv2D(middle, 1, activation="relu", name=f"{name}_se_reduce")(factor)
    factor = layers.Conv2D(x.shape[-1], 1, activation="sigmoid", name=f"{name}_se_expand")(factor)
    return layers.Multiply(name=f"{name}_se_scale")([x, factor])


def blur(x: KerasTensor, stride: int, name: str) -> KerasTensor:
    """A 3×3 binomial filter at every stride-th position, the border mirrored: (N, ⌈h/stride⌉, ⌈w/stride⌉, c).

    References:
        Zhang 2019, arXiv:1904.11486; timm's `BlurPool2d`.
    """
    x = keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    filter_ = (
        np.outer((1, 2, 1), (1, 2, 1)).astype(np.float32)[..., np.newaxis, np.newaxis] / 16
    )  # (3, 3, 1, 1)
    return layers.DepthwiseConv2D(
        3,
        strides=stride,
        use_bias=False,
        trainable=False,
        depthwise_initializer=keras.initializers.Constant(np.repeat(filter_, x.shape[-1], axis=2)),
        name=name,
    )(x)


def projection_shortcut(
    x: KerasTensor, channels: int, stride: int, name: str, style: BlockStyle
) -> KerasTensor:
    """Learned shortcut, `{name}_0_conv` and `{name}_0_bn`: (N, ⌈h/stride⌉, ⌈w/stride⌉, channels)."""
    if style.pooled_shortcut and stride > 1:
        # "same" pads on the right and at the bottom only, and the mean leaves out what was padded.
        x = layers.AveragePooling2D(stride, padding="same", name=f"{name}_0_pool")(x)
        stride = 1
    return convolution(x, channels, style.projection_kernel, f"{name}_0", style, stride=stride)


def identity_shortcut(
    x: KerasTensor, channels: int, stride: int, name: str, style: BlockStyle
) -> KerasTensor:
    """The input itself; where shapes differ, every stride-th pixel of it, then zeros for the new channels."""
    if stride > 1:
        # A mean over one pixel: subsampling.
        x = layers.AveragePooling2D(1, strides=stride, name=style.layer_name(f"{name}_0_pool"))(x)
    if channels > x.shape[-1]:
        # "channels_first" pads the last two axes, which here are width (by nothing) and channels.
        padding = ((0, 0), (0, channels - x.shape[-1]))
        pad = layers.ZeroPadding2D(
            padding, data_format="channels_first", name=style.layer_name(f"{name}_0_pad")
        )
        x = pad(x)
    return x


def convolution(
    x: KerasTensor,
    filters: int,
    kernel_size: int,
    name: str,
    style: BlockStyle,
    *,
    stride: int = 1,
    relu: bool = False,
    groups: int = 1,
) -> KerasTensor:
    """One weighted layer: convolution and BatchNorm, with the ReLU where the style or `relu` has one.

    Args:
        x: (N, h, w, c).
        filters: output channels.
        kernel_size: odd.
        name: "conv3_block1_2" gives "conv3_block1_2_conv", "…_bn", "…_relu", "…_pad".
        style: the variant's.
        stride: 1 or 2.
        relu: whether a ReLU follows the BatchNorm; a style with `relu_before_bn` has one in any case.
        groups: in how many parts channels are split, each convolved by itself.

    Returns:
        (N, ⌈h/stride⌉, ⌈w/stride⌉, filters).
    """
    padding = "valid" if kernel_size == 1 else "same"
    if kernel_size > 1 and stride > 1 and style.symmetric_padding:
        x = layers.ZeroPadding2D(kernel_size // 2, name=style.layer_name(f"{name}_pad"))(x)
        padding = "valid"
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=stride,
        padding=padding,
        groups=groups,
        use_bias=style.use_bias,
        name=style.layer_name(f"{name}_conv"),
    )(x)
    bn = layers.BatchNormalization(epsilon=style.epsilon, name=style.layer_name(f"{name}_bn"))
    if style.relu_before_bn:
        return bn(layers.Activation("relu", name=style.layer_name(f"{name}_relu"))(x))
    x = bn(x)
    return layers.Activation("relu", name=style.layer_name(f"{name}_relu"))(x) if relu else x


def join(shortcut: KerasTensor | None, residual: KerasTensor, name: str, style: BlockStyle) -> KerasTensor:
    """The sum S + F and the ReLU after it; without a shortcut, the ReLU alone. One shape, (N, h, w, c)."""
    x = residual
    if shortcut is not None:
        x = layers.Add(name=style.layer_name(f"{name}_add"))([shortcut, residual])
    if style.relu_after_sum:
        x = layers.Activation("relu", name=style.layer_name(f"{name}_out"))(x)
    return x
