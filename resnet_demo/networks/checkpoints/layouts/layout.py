"""What is to be known about a way of naming tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Layout:
    """One way of naming a ResNet's tensors, and what files that use it are made for."""

    name: str
    variant: str
    preprocessing: str
    conv_bias: bool
    kernels_oihw: bool  # PyTorch's axes, OIHW and Dense (out, in); False: Keras', HWIO and (in, out)
    block_convolution: re.Pattern[str]  # one in a residual branch; groups stage, block, convolution
    name_of: Callable[[str], str]  # Keras' "layer/variable" -> the name here
    alias: tuple[str, str] = ("$^", "")  # pattern, replacement: other spellings of the same names
    ignored: re.Pattern[str] = re.compile("$^")  # tensors that do not matter to what the network computes
    refused: Mapping[str, str] = field(default_factory=dict)  # a tensor only another network has -> which

    def normalized(self, names: Iterable[str]) -> dict[str, str]:
        """The names that matter, without aliases -> as the file spells them."""
        return {re.sub(*self.alias, name): name for name in names if not self.ignored.search(name)}

    def foreign_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape in this layout of a variable of this shape in Keras."""
        return tuple(shape[axis] for axis in self._axes(len(shape), inverse=True))

    def to_keras(self, array: np.ndarray) -> np.ndarray:
        """The array with Keras' axes; a view."""
        return array.transpose(self._axes(array.ndim, inverse=False))

    def _axes(self, ndim: int, *, inverse: bool) -> tuple[int, ...]:
        if not self.kernels_oihw or ndim == 1:
            return tuple(range(ndim))
        if ndim == 2:
            return (1, 0)
        return (3, 2, 0, 1) if inverse else (2, 3, 1, 0)
