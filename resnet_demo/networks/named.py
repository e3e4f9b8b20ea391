"""The networks that have a name: those of the paper, their variants, and their relatives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from resnet_demo.errors import UnknownNameError
from resnet_demo.networks import resnet_v2
from resnet_demo.networks.geometry import PAPER_DEPTHS, Geometry, standard
from resnet_demo.networks.resnet import network_name, relative, resnet

WIDER = tuple(2 * width for width in standard(50).widths)

# As timm and torchvision have them.
RELATIVES: tuple[Geometry, ...] = (
    replace(standard(50), stem=(32, 32, 64), pooled_shortcut=True),
    replace(standard(50), widths=WIDER, groups=32),
    replace(standard(50), widths=WIDER),
    replace(standard(50), squeeze=(16, 32, 64, 128)),
    replace(standard(50), blur=True),
)


def standard_networks() -> dict[str, dict[str, Any]]:
    """The networks that have a name, each with what it is built from, in the order of the table.

    That is the arguments of `resnet`; {"depth", "variant": "v2"} of `resnet_v2`; or {"geometry"} of `relative`.
    """
    arguments: list[dict[str, Any]] = [
        *({"depth": depth} for depth in PAPER_DEPTHS),
        *({"depth": depth, "variant": "v1.5"} for depth in (14, 26, *PAPER_DEPTHS)),
        *({"depth": 34, "shortcut_option": option} for option in ("A", "C")),
        *({"depth": depth, "plain": True} for depth in (18, 34, 50)),
        *({"depth": 50, "variant": variant} for variant in ("tutorial-a", "tutorial-b")),
    ]
    return {
        **{network_name(**a): a for a in arguments},
        **{f"resnet{depth}v2": {"depth": depth, "variant": "v2"} for depth in resnet_v2.DEPTHS},
        **{geometry.title.lower().replace(" ", "-"): {"geometry": geometry} for geometry in RELATIVES},
    }


def arguments_of(name: str) -> dict[str, Any]:
    """What the network of this name is built from.

    Raises:
        UnknownNameError: no such network; the message lists them.
    """
    networks = standard_networks()
    if name not in networks:
        raise UnknownNameError(
            "There is no such network. Received: {name!r}. Accepted: {networks}.",
            name=name,
            networks=", ".join(networks),
        )
    return networks[name]


def build(
    name: str, *, classes: int = 1000, input_shape: tuple[int, int, int] = (224, 224, 3)
) -> keras.Model:
    """Build a network of `standard_networks` by its name, with fresh weights; sizes as in `resnet`.

    Raises:
        UnknownNameError: no such network; the message lists them.
        ArchitectureError: a size the network does not take.
    """
    arguments = arguments_of(name)
    if geometry := arguments.get("geometry"):
        return relative(geometry, classes=classes, input_shape=input_shape)
    if arguments.get("variant") == "v2":
        return resnet_v2.resnet_v2(arguments["depth"], classes=classes, input_shape=input_shape)
    return resnet(**arguments, classes=classes, input_shape=input_shape)
