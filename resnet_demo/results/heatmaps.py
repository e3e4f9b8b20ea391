"""Maps of a photo: for a class, and of single channels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GradCam:
    """One heatmap.

    Attributes:
        layer: the Keras layer watched.
        gradcam: float32 (h, w) at the layer's own size, ReLU applied, in units of the logit; not scaled.
        heatmap: float32 (H, W), `gradcam` resized (bilinear) to the network's input, which is the whole photo.
    """

    layer: str
    gradcam: np.ndarray
    heatmap: np.ndarray


@dataclass(frozen=True)
class SplitHeatmap:
    """A Grad-CAM map in two parts, each float32 (h, w) of the block, signed, in units of the logit.

    Attributes:
        block: the block's name.
        shortcut: Σ_k α_k m_k S_k.
        residual: Σ_k α_k m_k F_k.
        total: Σ_k α_k x⁺_k, from the block's output itself; its positive part is the Grad-CAM map.
    """

    block: str
    shortcut: np.ndarray
    residual: np.ndarray
    total: np.ndarray

    @property
    def limit(self) -> float:
        """The largest |value| of the three maps: the end of the one diverging scale they share."""
        return float(max(np.abs(part).max() for part in (self.shortcut, self.residual, self.total)))

    @property
    def error(self) -> float:
        """Largest |shortcut + residual − total|, relative to `limit`; 0 where all is 0."""
        remainder = np.abs(self.shortcut + self.residual - self.total).max()
        return float(remainder / self.limit) if self.limit else 0.0


@dataclass(frozen=True)
class FeatureMaps:
    """The k channels of largest mean activation at one layer, strongest first.

    Attributes:
        name: "conv1", "pool1" (together the stem), "conv2" … "conv5".
        layer: the Keras layer.
        shape: (h, w, c) of the whole layer.
        means: float32 (c,), every channel's mean activation.
        channels: int (k,), the channels shown.
        maps: float32 (h, w, k), their activations, not scaled.
    """

    name: str
    layer: str
    shape: tuple[int, int, int]
    means: np.ndarray
    channels: np.ndarray
    maps: np.ndarray
