"""Tensors' names and shapes -> which network they are, where it stands in the file, and which are its head.

Nothing goes by a list of prefixes or of heads' names: the network is where the names of its residual branches are, and
the head is the one matrix outside it that takes as many numbers as the network gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from resnet_demo.errors import CheckpointError, Phrase
from resnet_demo.networks.checkpoints import strangers
from resnet_demo.networks.checkpoints.files.contents import Contents
from resnet_demo.networks.checkpoints.layouts import (
    HUGGINGFACE,
    KERAS,
    KERAS_APPLICATIONS,
    KERAS_V1_5,
    KERAS_V2,
    TORCHVISION,
    TORCHVISION_CHILDREN,
    TUTORIAL_A,
    V2_ONLY,
    Layout,
    with_pooled_shortcuts,
)
from resnet_demo.networks.geometry import BASIC_DEPTHS, DEPTHS, Geometry

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Recognized:
    """Where in a file a network is."""

    layout: Layout
    prefix: str  # "" or "module.backbone.": what stands before each of its names
    averages: tuple[str, ...] = ()  # keys of averages (EMA) of the same network, "model_ema."


@dataclass(frozen=True)
class HeadTensors:
    """The dense layer's tensors as the file spells them."""

    kernel: str
    bias: str | None
    classes: int


def recognize(path: Path, contents: Contents) -> Recognized:
    """The layout and prefix of the one network in a file.

    Raises:
        CheckpointError: no network of these layouts, and what it is as far as can be told; or several.
    """
    for layout in (KERAS, TUTORIAL_A, TORCHVISION, HUGGINGFACE, TORCHVISION_CHILDREN):
        if prefixes := layout.prefixes(contents.tensors):
            prefix, averages = _one_of(path, prefixes)
            inside = [name.removeprefix(prefix) for name in contents.tensors if name.startswith(prefix)]
            return Recognized(_spelling(layout, inside, contents), prefix, averages)
    what = strangers.of_names(contents.tensors)
    tensors = ", ".join(list(contents.tensors)[:5]) or Phrase("no tensors")
    if what:
        raise CheckpointError(
            "Not a ResNet, but {what}. Received: {path!r} with {tensors}. Accepted: any Keras model with "
            "residual additions, saved whole as `.keras`.",
            what=what,
            path=str(path),
            tensors=tensors,
        )
    raise CheckpointError(
        "Not a ResNet: its tensors have names of none of the layouts Keras (conv2_block1_1_conv/kernel), "
        "tutorial A (res2a_branch2a/kernel), torchvision and timm (layer1.0.conv1.weight), Hugging Face "
        "(encoder.stages.0.layers.0.layer.0.convolution.weight), after whatever prefix. Received: "
        "{path!r} with "
        "{tensors}. Accepted: these, or any Keras model with residual additions, saved whole as `.keras`.",
        path=str(path),
        tensors=tensors,
    )


def _one_of(path: Path, prefixes: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The prefix; of "model." and "model_ema." or "ema.", the first, for the other is an average of it."""
    first = min((prefix for prefix in prefixes if not _is_average(prefix)), key=len, default=prefixes[0])
    stem = first.split(".")[0]
    others = tuple(prefix for prefix in prefixes if prefix != first)
    if all(stem and (prefix.startswith(f"{stem}_") or _is_average(prefix)) for prefix in others):
        return first, tuple(sorted({prefix.split(".")[0] + "." for prefix in others}))
    raise CheckpointError(
        "A checkpoint holds one network. Received: {path!r}, with {count_of_prefixes} of them under two "
        "names, {names}. Accepted: a file with the tensors of one of them.",
        path=str(path),
        count_of_prefixes=len(prefixes),
        names=" and ".join(repr(prefix) for prefix in prefixes[:2]),
    )


def _is_average(prefix: str) -> bool:
    """Whether the first key of a prefix says that it is a running average: "ema.", "ema_state_dict.module."."""
    return "ema" in prefix.split(".")[0].split("_")


def _spelling(layout: Layout, names: Sequence[str], contents: Contents) -> Layout:
    """The layout with what the names say beside it."""
    if layout is KERAS:
        if V2_ONLY in names:
            return KERAS_V2
        if not any(name.endswith("_conv/bias") for name in names):
            return KERAS_V1_5
        return KERAS_APPLICATIONS if contents.format == "legacy-h5" else KERAS
    pools = layout in (TORCHVISION, TORCHVISION_CHILDREN) and any(".downsample.2." in name for name in names)
    return with_pooled_shortcuts(layout) if pools else layout


def measure(path: Path, recognized: Recognized, shapes: Shapes) -> Geometry:
    """The sizes of the network, read off the shapes of its tensors.

    Args:
        path: the file, for messages.
        recognized: where in it the network is.
        shapes: of every tensor in the file.

    Raises:
        CheckpointError: no ResNet has so many blocks, or such a stem.
    """
    layout = recognized.layout
    inside = {
        name.removeprefix(recognized.prefix): shape
        for name, shape in shapes.items()
        if name.startswith(recognized.prefix)
    }
    found = [match.groups() for name in inside if (match := layout.block_convolution.fullmatch(name))]
    stages = sorted({stage for stage, _, _ in found})
    blocks = tuple(len({block for stage, block, _ in found if stage == s}) for s in stages)
    convolutions = len({convolution for _, _, convolution in found})
    if not any(
        counts == blocks and convolutions == (2 if depth in BASIC_DEPTHS else 3)
        for depth, counts in DEPTHS.items()
    ):
        accepted = "; ".join(
            f"{depth}: {list(counts)} of {2 if depth in BASIC_DEPTHS else 3}"
            for depth, counts in DEPTHS.items()
        )
        raise CheckpointError(
            "No ResNet has these stages. Received: {blocks} blocks of {convolutions} convolutions, in "
            "{path!r}. Accepted: {accepted}.",
            blocks=list(blocks),
            convolutions=convolutions,
            path=str(path),
            accepted=accepted,
        )

    def kernel(layer: str) -> tuple[int, ...]:
        """(h, w, in, out); (0, 0, 0, 0) where it is missing, which the comparison of all tensors then tells."""
        shape = layout.keras_shape(inside.get(layout.name_of(f"{layer}/kernel"), ()))
        return shape if len(shape) == 4 else (0, 0, 0, 0)

    firsts = [f"conv{stage}_block1" for stage in range(2, 2 + len(blocks))]
    last, wide = (3, 2) if convolutions == 3 else (2, 1)
    widths = tuple(kernel(f"{block}_{wide}_conv")[-1] for block in firsts)
    inward = kernel(f"{firsts[0]}_2_conv")[2] or 1
    squeeze = tuple(kernel(f"{block}_se_reduce")[-1] for block in firsts)
    geometry = Geometry(
        blocks=blocks,
        bottleneck=convolutions == 3,
        widths=widths,
        channels=tuple(kernel(f"{block}_{last}_conv")[-1] for block in firsts),
        groups=max(1, widths[0] // inward) if convolutions == 3 else 1,
        squeeze=squeeze if any(squeeze) else (),
        pooled_shortcut=layout.name_of("conv2_block1_0_conv/kernel").endswith("downsample.1.weight"),
    )
    return replace(geometry, **_stem(path, kernel))


def _stem(path: Path, kernel: Callable[[str], tuple[int, ...]]) -> dict[str, Any]:
    """Channels of the stem's convolutions and of the photo."""
    deep = [kernel(f"conv1_{i}_conv") for i in (1, 2, 3)]
    if any(map(any, deep)):
        return {"stem": tuple(shape[-1] for shape in deep), "inputs": deep[0][2]}
    height, _, inputs, channels = kernel("conv1_conv")
    if 0 < height < 7:
        raise CheckpointError(
            "A ResNet's stem is one 7×7 convolution or three 3×3. Received: {path!r}, whose stem is one "
            "{height}×{height}, as for photos of 32×32 (CIFAR); the tensors do not tell its stride nor "
            "whether a pooling follows. Accepted: the same network as a Keras model, saved whole as `.keras`.",
            path=str(path),
            height=height,
        )
    return {"stem": (channels or 64,), "inputs": inputs or 3}


def find_head(
    path: Path, recognized: Recognized, shapes: Shapes, network: set[str], geometry: Geometry
) -> HeadTensors | None:
    """The dense layer among what is left when the network's tensors are taken away; None: there is none.

    Raises:
        CheckpointError: there are several, between which a state dict does not tell what happens.
    """
    layout = recognized.layout
    features = geometry.channels[-1]
    left = {name: shape for name, shape in shapes.items() if name not in network}
    usual = [name for name in left if name == layout.name_of("predictions/kernel")]
    matrices = usual or [
        name for name, shape in left.items() if len(shape) == 2 and layout.keras_shape(shape)[0] == features
    ]
    if not matrices:  # a 1×1 convolution does the same
        matrices = [
            name
            for name, shape in left.items()
            if len(shape) == 4 and layout.keras_shape(shape)[:3] == (1, 1, features)
        ]
    others = [name for name, shape in left.items() if len(shape) == 2 and name not in matrices]
    if len(matrices) > 1 or (matrices and others):
        raise CheckpointError(
            "A head is read off a state dict where it is one dense layer. Received: {path!r}, a "
            "{geometry} with {matrices}, between which the tensors do not tell what happens. Accepted: "
            "the same without its head, or as a Keras model, saved whole as `.keras`.",
            path=str(path),
            geometry=geometry.title,
            matrices=", ".join([*matrices, *others][:4]),
        )
    if not matrices:
        return None
    kernel = matrices[0]
    bias = kernel.removesuffix("weight").removesuffix("kernel") + "bias"
    # Where they disagree the bias decides, and the comparison of all tensors names the kernel.
    classes = shapes[bias][0] if bias in left and shapes[bias] else layout.keras_shape(shapes[kernel])[-1]
    return HeadTensors(kernel, bias if bias in left else None, classes)
