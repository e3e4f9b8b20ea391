"""What every scene draws with.

A scene is drawn at `SCALE` times its final size and shrunk at the end, which smooths every edge. Colours are linear
light in [0, 1], shape (H, W, 3); masks and height maps have shape (H, W). x grows to the right and y grows downwards,
in final pixels; heights and normals point towards the viewer.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

Array = NDArray[np.floating]
Colour = tuple[float, float, float]

SCALE = 2  # drawn at this many times the final size


def grid(width: int, height: int) -> tuple[Array, Array]:
    """x and y of every drawn pixel's centre, in final pixels: two (H, W) arrays."""
    ys, xs = np.mgrid[0 : height * SCALE, 0 : width * SCALE].astype(np.float32)
    return (xs + 0.5) / SCALE, (ys + 0.5) / SCALE


def smoothstep(low: float, high: float, values: ArrayLike) -> Array:
    """0 below `low`, 1 above `high`, a smooth ramp between."""
    t = np.clip((np.asarray(values, np.float32) - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def blur(image: Array, radius: float) -> Array:
    """Gaussian blur of (H, W) or (H, W, C), standard deviation `radius` final pixels; edges repeat."""
    sigma = radius * SCALE
    reach = int(3 * sigma) + 1
    # up to a multiple of 64, for lengths with large prime factors transform slowly
    pad = [(reach, reach + -(side + 2 * reach) % 64) for side in image.shape[:2]]
    padded = np.pad(image, pad + [(0, 0)] * (image.ndim - 2), "edge")
    height, width = padded.shape[:2]
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    transfer = np.exp(-2 * (np.pi * sigma * frequency) ** 2).astype(np.float32)
    transfer = transfer.reshape(height, -1, *[1] * (image.ndim - 2))
    smooth = np.fft.irfft2(np.fft.rfft2(padded, axes=(0, 1)) * transfer, (height, width), axes=(0, 1))
    return smooth[reach : reach + image.shape[0], reach : reach + image.shape[1]].astype(np.float32)


def clouds(shape: tuple[int, int], size: float, rng: np.random.Generator) -> Array:
    """Fractal noise in [0, 1]: six octaves of stretched random grids, the coarsest `size` pixels wide."""
    total = np.zeros(shape, np.float32)
    for octave in range(6):
        cell = size * SCALE / 2**octave
        rows, columns = (max(int(np.ceil(side / cell)) + 3, 4) for side in shape)
        knots = Image.fromarray(rng.random((rows, columns), np.float32))
        stretched = knots.resize((int(columns * cell) + 1, int(rows * cell) + 1), Image.Resampling.BICUBIC)
        total += np.asarray(stretched)[: shape[0], : shape[1]] / 2**octave
    return (total - total.min()) / np.ptp(total)


def shifted(image: Array, dx: float, dy: float) -> Array:
    """The image (H, W) as seen `dx`, `dy` final pixels further on; beyond its edges they repeat."""
    rows = np.clip(np.arange(image.shape[0]) + round(dy * SCALE), 0, image.shape[0] - 1)
    columns = np.clip(np.arange(image.shape[1]) + round(dx * SCALE), 0, image.shape[1] - 1)
    return image[rows][:, columns]


def around(region: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns of the smallest rectangle that holds a region (H, W)."""
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    if len(rows) == 0:
        return slice(0), slice(0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def over(below: Array, colour: ArrayLike, mask: Array) -> Array:
    """Lay a colour, or a picture (H, W, 3), over another one where `mask` is 1."""
    window = around(mask > 0)
    picture, layer = below.copy(), np.asarray(colour, np.float32)
    picture[window] += ((layer[window] if layer.ndim == 3 else layer) - below[window]) * mask[window][
        ..., None
    ]
    return picture


def normalised(vectors: ArrayLike) -> Array:
    """Vectors of length one along the last axis."""
    v = np.asarray(vectors, np.float32)
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-6)


def finish(picture: Array, rng: np.random.Generator) -> Image.Image:
    """Linear light to an sRGB image at the final size, with a camera's slight vignette and grain."""
    height, width = picture.shape[:2]
    ys, xs = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = picture * (1 - 0.13 * (xs**2 + ys**2))[..., None]
    encoded = np.clip(light, 0, 1) ** (1 / 2.2)
    image = Image.fromarray((encoded * 255 + 0.5).astype(np.uint8))
    small = np.asarray(image.resize((width // SCALE, height // SCALE), Image.Resampling.LANCZOS), np.float32)
    grain = rng.normal(0, 1.6, small.shape[:2])[..., None]
    return Image.fromarray(np.clip(small + grain + 0.5, 0, 255).astype(np.uint8))
