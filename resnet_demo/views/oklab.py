"""sRGB to OKLab and back: a space in which equal steps look about equally large.

References:
    B. Ottosson 2020, "A perceptual color space for image processing".
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LINEAR_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_CONES_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def srgb_to_oklab(srgb: Floats) -> Floats:
    """Return OKLab (…, 3): lightness 0 to 1, a (green to red), b (blue to yellow); sRGB (…, 3) is 0 to 1."""
    srgb = np.asarray(srgb, np.float64)
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    lab: Floats = np.cbrt(linear @ _LINEAR_TO_CONES.T) @ _CONES_TO_LAB.T
    return lab


def oklab_to_srgb(lab: Floats) -> Floats:
    """Return sRGB (…, 3), clipped to 0 to 1, of OKLab (…, 3)."""
    cones = (np.asarray(lab, np.float64) @ np.linalg.inv(_CONES_TO_LAB).T) ** 3
    linear = np.clip(cones @ np.linalg.inv(_LINEAR_TO_CONES).T, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
