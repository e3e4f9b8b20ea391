"""Pixels -> a batch never seen before.

Everything random comes in as numbers, so that what is done to a photo can be worked out by hand.

References:
    Szegedy et al. 2014, arXiv:1409.4842 (crops by area and aspect); Zhong et al. 2017, arXiv:1708.04896
    (random erasing).
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from resnet_demo.networks.preprocessing import NAMED

DRAWS = 11  # random numbers a photo
AREA = (0.35, 1.0)  # of a crop, as a share of the photo
ASPECT = 4 / 3  # a crop's width to its height lies between its inverse and it
CONTRAST = (0.8, 1.2)  # factor of the values, which lie around 0
BRIGHTNESS = (-17.4, 17.4)  # added to values of which white and black are 255 apart
ERASED_PHOTOS = 0.25
ERASED_SIDE = (0.15, 0.40)  # of the erased square, as a share of the image's
SUPERSAMPLED_BELOW = 150  # pixels


def random_draws(count: int, seed: int, step: int) -> np.ndarray:
    """The random numbers of one step: float32 (DRAWS, count) in [0, 1), fixed by seed and step."""
    return np.random.default_rng((seed, 1, step)).random((DRAWS, count), np.float32)


def augment(pixels: np.ndarray, size: int, draws: np.ndarray) -> tf.Tensor:
    """Crop, mirror, change contrast and brightness, erase a square, and preprocess.

    Args:
        pixels: uint8 (n, h, w, 3) RGB. Not modified.
        size: side of the images to make, in pixels.
        draws: float32 (DRAWS, n) in [0, 1): of the crop its area, aspect, left and top; mirrored or not;
            contrast; brightness; erased or not; of the erased square its side, left and top.

    Returns:
        float32 (n, size, size, 3): BGR minus the ImageNet mean ("caffe"), 0 where a square was erased.
    """
    area, aspect, left, top, mirror, contrast, brightness, erase, side, erased_left, erased_top = draws
    boxes = crop_boxes(area, aspect, left, top, mirror)
    # Bilinear sampling skips pixels when it shrinks; the mean of 2×2 of twice the size skips fewer.
    factor = 2 if size < SUPERSAMPLED_BELOW else 1
    images = tf.image.crop_and_resize(pixels, boxes, np.arange(len(pixels)), [factor * size] * 2)
    images = tf.nn.avg_pool2d(images, factor, factor, "VALID")  # float32 (n, size, size, 3)
    images = images[..., ::-1] - np.array(NAMED["caffe"].mean, np.float32)
    images = images * _per_photo(_between(CONTRAST, contrast)) + _per_photo(_between(BRIGHTNESS, brightness))
    sides = np.where(erase < ERASED_PHOTOS, _between(ERASED_SIDE, side), 0)
    return images * kept(size, sides, erased_left, erased_top)


def crop_boxes(
    area: np.ndarray, aspect: np.ndarray, left: np.ndarray, top: np.ndarray, mirror: np.ndarray
) -> np.ndarray:
    """Where to cut, from draws (n,): float32 (n, 4) of top, left, bottom, right, in shares of the photo.

    Left and right change places where `mirror` is below ½, and so the crop is mirrored.
    """
    area = _between(AREA, area)
    aspect = ASPECT ** _between((-1, 1), aspect)
    width, height = np.minimum(np.sqrt(area * aspect), 1), np.minimum(np.sqrt(area / aspect), 1)
    x, y = left * (1 - width), top * (1 - height)
    mirrored = mirror < 0.5
    start, end = np.where(mirrored, x + width, x), np.where(mirrored, x, x + width)
    return np.stack([y, start, y + height, end], axis=1).astype(np.float32)


def kept(size: int, sides: np.ndarray, left: np.ndarray, top: np.ndarray) -> np.ndarray:
    """0 in each image's erased square and 1 elsewhere: float32 (n, size, size, 1).

    Args:
        size: side of the images in pixels.
        sides: (n,), of the squares, in shares of the image's; 0 erases nothing.
        left, top: (n,), where the squares lie in the room there is, 0 to 1.
    """
    pixels = np.floor(size * sides)
    columns, rows = np.floor(left * (size - pixels)), np.floor(top * (size - pixels))
    at = np.arange(size)
    in_columns = (at >= columns[:, None]) & (at < (columns + pixels)[:, None])  # (n, size)
    in_rows = (at >= rows[:, None]) & (at < (rows + pixels)[:, None])
    return ~(in_rows[:, :, None, None] & in_columns[:, None, :, None]) * np.float32(1)


def _between(limits: tuple[float, float], draw: np.ndarray) -> np.ndarray:
    low, high = limits
    return low + (high - low) * draw


def _per_photo(values: np.ndarray) -> np.ndarray:
    return values[:, None, None, None].astype(np.float32)
