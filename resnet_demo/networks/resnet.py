"""ResNet-18 to 152 in every variant, shortcut option and plain twin, built from `blocks`.

References:
    He et al. 2015, arXiv:1512.03385, Table 1 and section 3.3.
    `keras.applications.ResNet50`: the variant "keras" is that network, layer for layer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import keras
from keras import KerasTensor, layers

from resnet_demo.errors import ArchitectureError
from resnet_demo.networks import blocks
from resnet_demo.networks.geometry import DEPTHS, Geometry, standard

SHORTCUT_OPTIONS = ("A", "B", "C")
SMALLEST_SIDE = 32  # conv5 is then 1×1


@dataclass(frozen=True)
class Variant:
    """One way of building a ResNet: its blocks, and what stands before and after them."""

    style: blocks.BlockStyle
    pool_padding: Literal["symmetric", "valid", "same"] = "symmetric"  # of the max pooling after conv1
    # A tutorial ends in a 7×7 average pooling: the sides of input whose conv5 is exactly that large, so that
    # the pooling sees all of it once. None: global average pooling, any side.
    tutorial_sides: tuple[int, int] | None = None


VARIANTS: dict[str, Variant] = {
    "keras": Variant(blocks.KERAS),
    "v1.5": Variant(blocks.V1_5),
    "v1": Variant(blocks.V1),
    "tutorial-a": Variant(blocks.TUTORIAL_A, pool_padding="valid", tutorial_sides=(197, 228)),
    "tutorial-b": Variant(blocks.TUTORIAL_B, pool_padding="same", tutorial_sides=(193, 224)),
}


def resnet(
    depth: int = 50,
    variant: str = "keras",
    *,
    shortcut_option: str = "B",
    plain: bool = False,
    classes: int = 1000,
    input_shape: tuple[int, int, int] = (224, 224, 3),
) -> keras.Model:
    """Build a ResNet with fresh weights.

    Args:
        depth: 10, 14, 18, 26, 34, 50, 101, 152 or 200 weighted layers, counted along the residual branches.
        variant: "keras": v1, as in keras.applications, 18 and 34 in its grammar · "v1.5": torchvision's
            geometry, stride on the 3×3 convolution and no convolution biases · "v1": the same with the stride on the
            first 1×1 · "tutorial-a", "tutorial-b": as
            those are written, so depth 50, option B and no plain twin.
        shortcut_option: how a block adds its input. "A": unchanged, with zeros for new channels, at no
            parameter · "B": through a projection where shapes change · "C": through one in every block.
        plain: the same layers without shortcuts (and so without projections).
        classes: size of the dense layer.
        input_shape: (height, width, 3), sides of at least 32; in the tutorials, whose average pooling is 7×7,
            197 to 228 ("tutorial-a") and 193 to 224 ("tutorial-b").

    Returns:
        Model from float32 (N, height, width, 3), preprocessed for its weights, to logits (N, classes), and no
        softmax. The dense layer is "predictions" ("fc1000" in tutorial-a). The model's name tells what it
        is: "resnet50", "resnet50-v1.5", "resnet34-option-a", "resnet34-plain", "tutorial-a".

    Raises:
        ArchitectureError: an argument outside the lists above, or a combination that is no network.
    """
    _check(depth, variant, shortcut_option, plain)
    _check_sizes(variant, classes, input_shape)
    return _build(
        standard(depth),
        VARIANTS[variant],
        network_name(depth, variant, shortcut_option, plain),
        classes=classes,
        input_shape=input_shape,
        shortcut_option=shortcut_option,
        plain=plain,
    )


def relative(
    geometry: Geometry,
    variant: str = "v1.5",
    *,
    classes: int = 1000,
    input_shape: tuple[int, int, int] = (224, 224, 3),
) -> keras.Model:
    """Build a ResNet or one of its relatives by its sizes, with fresh weights.

    Args:
        geometry: ResNeXt, wide, SE, C and D, blurred, or a plain ResNet of any width.
        variant: "v1.5", "v1" or "keras", as in `resnet`.
        classes: size of the dense layer; 0: none, the model ends in the last block's output (N, h, w, c).
        input_shape: (height, width, channels), sides of at least 32, as many channels as the geometry's.

    Raises:
        ArchitectureError: an argument outside these.
    """
    _require_one_of("variant", variant, ("v1.5", "v1", "keras"))
    _check_sizes(variant, classes or 1, input_shape, geometry.inputs)
    name = network_name(geometry.depth, variant)
    if geometry != standard_like(geometry):
        name = geometry.title.lower().replace(" ", "-")
    return _build(geometry, VARIANTS[variant], name, classes=classes, input_shape=input_shape)


def standard_like(geometry: Geometry) -> Geometry | None:
    """The plain ResNet of the same depth; None where there is none."""
    return standard(geometry.depth) if geometry.depth in DEPTHS else None


def _build(
    geometry: Geometry,
    variant: Variant,
    name: str,
    *,
    classes: int,
    input_shape: tuple[int, int, int],
    shortcut_option: str = "B",
    plain: bool = False,
) -> keras.Model:
    style = replace(
        variant.style,
        groups=geometry.groups,
        pooled_shortcut=geometry.pooled_shortcut,
        blur=geometry.blur,
    )
    inputs = layers.Input(input_shape, name="input_layer")
    x = _stem(inputs, geometry, variant)
    for stage, count in enumerate(geometry.blocks):
        if geometry.squeeze:
            style = replace(style, squeeze=geometry.squeeze[stage])
        for number in range(1, count + 1):
            x = _block(
                x,
                geometry.widths[stage],
                geometry.channels[stage],
                name=f"conv{stage + 2}_block{number}",
                style=style,
                stride=2 if stage > 0 and number == 1 else 1,
                basic=not geometry.bottleneck,
                shortcut_option=shortcut_option,
                plain=plain,
            )
    return keras.Model(inputs, _head(x, variant, classes) if classes else x, name=name)


def network_name(depth: int, variant: str = "keras", shortcut_option: str = "B", plain: bool = False) -> str:
    """What the network that `resnet` builds from these arguments is called, "resnet50-v1.5"."""
    if VARIANTS[variant].tutorial_sides:
        return variant
    name = f"resnet{depth}"
    if variant != "keras":
        name += f"-{variant}"
    if shortcut_option != "B":
        name += f"-option-{shortcut_option.lower()}"
    return name + "-plain" if plain else name


def _stem(x: KerasTensor, geometry: Geometry, variant: Variant) -> KerasTensor:
    """A 7×7 convolution, or three 3×3, and 3×3 max pooling, each with stride 2: (N, 224, 224, 3) to (N, 56, 56, 64)."""
    # Every variant, tutorial B too, pads the image by 3 on each side.
    style = replace(variant.style, symmetric_padding=True)
    if len(geometry.stem) == 1:
        x = blocks.convolution(
            x, geometry.stem[0], 7, "conv1", style, stride=2, relu=True
        )  # (N, 112, 112, 64)
    else:
        for i, filters in enumerate(geometry.stem, start=1):
            x = blocks.convolution(x, filters, 3, f"conv1_{i}", style, stride=2 if i == 1 else 1, relu=True)
    if variant.pool_padding == "symmetric":
        x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    if geometry.blur:
        x = layers.MaxPooling2D(3, strides=1, name="pool1_pool")(x)
        return blocks.blur(x, 2, "pool1_blur")
    padding = "same" if variant.pool_padding == "same" else "valid"
    return layers.MaxPooling2D(3, strides=2, padding=padding, name="pool1_pool")(x)


def _block(
    x: KerasTensor,
    filters: int,
    channels: int,
    *,
    name: str,
    style: blocks.BlockStyle,
    stride: int,
    basic: bool,
    shortcut_option: str,
    plain: bool,
) -> KerasTensor:
    """The block of the kind that depth, shortcut option and shapes ask for."""
    changes_shape = stride > 1 or x.shape[-1] != channels
    projection = not plain and (shortcut_option == "C" or (shortcut_option == "B" and changes_shape))
    if basic:
        return blocks.basic_block(
            x, channels, name=name, style=style, stride=stride, projection=projection, plain=plain
        )
    if projection:
        return blocks.projection_block(x, filters, name=name, style=style, stride=stride, channels=channels)
    return blocks.identity_block(
        x, filters, name=name, style=style, stride=stride, channels=channels, plain=plain
    )


def _head(x: KerasTensor, variant: Variant, classes: int) -> KerasTensor:
    """Average pooling and dense layer: (N, h, w, c) to logits (N, classes)."""
    if variant.tutorial_sides:
        x = layers.AveragePooling2D(7, name="avg_pool")(x)  # (N, 1, 1, c)
        x = layers.Flatten(name="flatten")(x)
    else:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return layers.Dense(classes, name=variant.style.layer_name("predictions"))(x)


def _check(depth: int, variant: str, shortcut_option: str, plain: bool) -> None:
    """Refuse what is on no list, then what does not go together."""
    _require_one_of("depth", depth, tuple(DEPTHS))
    _require_one_of("variant", variant, tuple(VARIANTS))
    _require_one_of("shortcut_option", shortcut_option, SHORTCUT_OPTIONS)
    _require_one_of("plain", plain, (False, True))
    if plain and shortcut_option != "B":
        raise ArchitectureError(
            "A plain network has no shortcuts, so `shortcut_option` should be left at 'B'. Received: "
            "shortcut_option={shortcut_option!r} with plain=True.",
            shortcut_option=shortcut_option,
        )
    if VARIANTS[variant].tutorial_sides and (depth, shortcut_option, plain) != (50, "B", False):
        raise ArchitectureError(
            "{variant!r} is built as it is written, with depth=50, shortcut_option='B' and "
            "plain=False. Received: depth={depth}, shortcut_option={shortcut_option!r}, plain={plain}.",
            variant=variant,
            depth=depth,
            shortcut_option=shortcut_option,
            plain=plain,
        )


def _check_sizes(variant: str, classes: int, input_shape: tuple[int, int, int], channels: int = 3) -> None:
    """Refuse an input the average pooling would not see whole, or a dense layer of no classes."""
    if type(classes) is not int or classes < 1:
        raise ArchitectureError(
            "`classes` should be a whole number from 1 up. Received: classes={classes!r}.",
            classes=classes,
        )
    smallest, largest = VARIANTS[variant].tutorial_sides or (SMALLEST_SIDE, None)
    match input_shape:
        case (int(height), int(width), int(depth)) if depth == channels:
            fits = all(smallest <= side <= (largest or side) for side in (height, width))
        case _:
            fits = False
    if not fits:
        sides = f"{smallest}–{largest}" if largest else f"≥ {smallest}"
        raise ArchitectureError(
            "`input_shape` should be (height, width, {channels}) with sides {sides} for variant {variant!r}. "
            "Received: input_shape={input_shape!r}.",
            channels=channels,
            sides=sides,
            variant=variant,
            input_shape=input_shape,
        )


def _require_one_of(argument: str, received: object, accepted: tuple[object, ...]) -> None:
    if type(received) is not type(accepted[0]) or received not in accepted:
        listed = ", ".join(repr(a) for a in accepted)
        raise ArchitectureError(
            "`{argument}` should be one of {listed}. Received: {argument}={received!r}.",
            argument=argument,
            listed=listed,
            received=received,
        )
