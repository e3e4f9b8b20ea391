"""What is to be known about a way of naming tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layout:
    """One way of naming a ResNet's tensors, and what files that use it are made for.

    Names are those inside the network: a wrapper's prefix, however long, is found by `prefixes`. The head's name is
    only what it usually is.
    """

    name: str
    variant: str
    preprocessing: str
    conv_bias: bool
    kernels_oihw: bool  # PyTorch's axes, OIHW and Dense (out, in); False: Keras', HWIO and (in, out)
    block_convolution: re.Pattern[str]  # one in a residual branch; groups stage, block, convolution
    name_of: Callable[[str], str]  # Keras' "layer/variable" -> the name here
    ignored: re.Pattern[str] = re.compile("$^")  # tensors that do not matter to what the network computes

    def prefixes(self, names: Iterable[str]) -> list[str]:
        """What stands before the names of residual branches, "" or "module.backbone.": one for each network."""
        pattern = re.compile(rf"((?:.*[./])?){self.block_convolution.pattern}")
        return sorted({match[1] for name in names if (match := pattern.fullmatch(name))})

    def foreign_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape in this layout of a variable of this shape in Keras."""
        return tuple(shape[axis] for axis in self._axes(len(shape), inverse=True))

    def keras_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape in Keras of a tensor of this shape here."""
        return tuple(shape[axis] for axis in self._axes(len(shape), inverse=False))

    def to_keras(self, array: np.ndarray) -> np.ndarray:
        """The array with Keras' axes; a view."""
        return array.transpose(self._axes(array.ndim, inverse=False))

    def _axes(self, ndim: int, *, inverse: bool) -> tuple[int, ...]:
        if not self.kernels_oihw or ndim not in (2, 4):
            return tuple(range(ndim))
        if ndim == 2:
            return (1, 0)
        return (3, 2, 0, 1) if inverse else (2, 3, 1, 0)
