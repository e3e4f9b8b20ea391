"""What a network was trained to eat: from photos to its batch."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from resnet_demo.errors import OptionError
from resnet_demo.photos.decoding import Photo

Channels = Literal["RGB", "BGR"]
LARGE = 1 << 18  # numbers of a photo, from which on resizing it is worth a second thread

_threads = ThreadPoolExecutor(os.cpu_count(), "resize")


@dataclass(frozen=True)
class Preprocessing:
    """From pixels, 0 to 255, to what goes in: (pixel · scale − mean) / std, a channel at a time.

    Attributes:
        name: what it is called: one of `NAMED`, or the file that tells it.
        channels: their order, in which `mean` and `std` are too.
        scale: 1 for pixels as they are, 1/255 for 0 to 1.
        mean, std: one number for each channel, or one for all.
        size: (height, width) where it is told; None where the network alone says.
    """

    name: str
    channels: Channels = "RGB"
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    size: tuple[int, int] | None = None

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """Bring pixels into the network's range.

        Args:
            pixels: uint8 (N, height, width, 3) RGB, or (N, height, width, 1) grey, for which mean and std are the
                average of the channels'. Not modified.

        Returns:
            float32 of the same shape.
        """
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        order = range(pixels.shape[-1])
        if pixels.shape[-1] == 1:
            mean, std = mean.mean(keepdims=True), std.mean(keepdims=True)
        elif self.channels == "BGR":
            order = order[::-1]
        scaled = np.empty(pixels.shape, np.float32)
        rows = scaled.reshape(*pixels.shape[:2], -1)
        # A channel at a time, and then a row at a time: NumPy is slow where the last axis is short.
        for channel, of_pixels in enumerate(order):
            scaled[..., channel] = pixels[..., of_pixels]
        if self.scale != 1:
            scaled *= np.float32(self.scale)
        rows -= np.resize(mean, rows.shape[-1])
        if (std != 1).any():
            rows /= np.resize(std, rows.shape[-1])
        return scaled

    def undo(self, batch: np.ndarray) -> np.ndarray:
        """The pixels, uint8, that `apply` made float32 (N, height, width, channels) of."""
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        if batch.shape[-1] == 1:
            mean, std = mean.mean(keepdims=True), std.mean(keepdims=True)
        pixels: np.ndarray = (
            np.rint((batch * std + mean) / np.float32(self.scale)).clip(0, 255).astype(np.uint8)
        )
        return pixels[..., ::-1] if batch.shape[-1] == 3 and self.channels == "BGR" else pixels

    def formula(self) -> str:
        """What it does, in signs that need no translation: "RGB / 255 − [0.485, 0.456, 0.406], ÷ [0.229, …]"."""
        scaled = self.channels + (
            ""
            if self.scale == 1
            else f" / {1 / self.scale:.6g}"
            if self.scale < 1
            else f" · {self.scale:.6g}"
        )
        if any(self.mean):
            scaled += f" − {_listed(self.mean)}"
        if any(value != 1 for value in self.std):
            scaled += f", ÷ {_listed(self.std)}"
        return scaled

    def numbers(self) -> dict[str, Any]:
        """All of it as plain JSON types, which `from_mapping` reads again."""
        return asdict(self)


def _listed(values: Sequence[float]) -> str:
    return "[" + ", ".join(f"{value:.6g}" for value in values) + "]"


NAMED: dict[str, Preprocessing] = {
    p.name: p
    for p in (
        # Keras ResNet v1: BGR minus the ImageNet mean.
        Preprocessing("caffe", "BGR", mean=(103.939, 116.779, 123.68)),
        # torchvision, timm.
        Preprocessing("torch", "RGB", 1 / 255, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        # Keras ResNet V2, MobileNet: −1 to 1.
        Preprocessing("tf", "RGB", 1 / 127.5, (1.0, 1.0, 1.0)),
        # ImageDataGenerator(rescale=1/255), ToTensor alone: 0 to 1.
        Preprocessing("unit", "RGB", 1 / 255),
        # Pixels as they are, for a network that brings its own layers for it.
        Preprocessing("raw", "RGB"),
    )
}


def to_batch(
    photos: Sequence[Photo],
    preprocessing: Preprocessing,
    size: tuple[int, int] = (224, 224),
    channels: int = 3,
) -> np.ndarray:
    """Resize whole photos and bring them into a network's input range.

    The whole photo is resized (bilinear, antialiased), as the tutorials do, so that every map covers every pixel.

    Args:
        photos: not modified.
        preprocessing: what the network was trained to eat.
        size: (height, width) the network eats.
        channels: 3, or 1 for a network that eats grey (luma, ITU-R 601).

    Returns:
        float32 (N, height, width, channels).
    """
    return preprocessing.apply(resized(photos, size, channels))


def resized(photos: Sequence[Photo], size: tuple[int, int], channels: int = 3) -> np.ndarray:
    """Whole photos at one size, uint8 (N, height, width, channels), RGB or grey."""
    height, width = size
    rgb = np.empty((len(photos), height, width, 3), np.uint8)
    for photo, whole in zip(photos, rgb, strict=True):
        _resize(photo.pixels, whole)
    if channels == 1:
        return np.stack([np.asarray(Image.fromarray(whole).convert("L"))[..., np.newaxis] for whole in rgb])
    return rgb


def _resize(pixels: np.ndarray, out: np.ndarray) -> None:
    """Fill `out`, uint8 (height, width, 3), as Pillow resizes at once; of a large photo half is another core's."""
    height, width = out.shape[:2]

    def columns(left: int, right: int) -> None:
        # Where in the photo they come from; exact for halves, so that Pillow weighs pixels as it does in the whole.
        box = (pixels.shape[1] * left / width, 0, pixels.shape[1] * right / width, len(pixels))
        part = Image.fromarray(pixels).resize((right - left, height), Image.Resampling.BILINEAR, box)
        out[:, left:right] = np.asarray(part)

    if pixels.size < LARGE or width % 2:
        columns(0, width)
    else:
        right = _threads.submit(columns, width // 2, width)
        columns(0, width // 2)
        right.result()


def named_or_file(text: str) -> Preprocessing:
    """What `--preprocessing` says: one of `NAMED`, or a JSON file in any form that `from_mapping` reads.

    Raises:
        OptionError: no such name, and no such file; or a file of another form.
    """
    if text in NAMED:
        return NAMED[text]
    names = ", ".join(NAMED)
    path = Path(text).expanduser()
    if not path.is_file():
        raise OptionError(
            "There is no such preprocessing. Received: {text!r}. Accepted: {names}, or a JSON file.",
            text=text,
            names=names,
        )
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise OptionError(
            "The preprocessing file is not JSON. Received: {text!r}. Accepted: {names}, or a JSON file.",
            text=text,
            names=names,
        ) from error
    found = from_mapping(content, path.name) if isinstance(content, dict) else None
    if found is None:
        raise OptionError(
            "The preprocessing file does not say what a network eats. Received: {text!r}. Accepted: an "
            'object with "channels", "scale", "mean", "std" and "size", a preprocessor_config.json, or '
            "a timm config.json.",
            text=text,
        )
    return found


def from_mapping(content: Mapping[str, Any], name: str) -> Preprocessing | None:
    """What the content of a JSON file says about preprocessing; None where it says nothing.

    Args:
        content: our own form (`Preprocessing.numbers`, each key optional but one; without "scale" it is 1, or 1/255
            where no mean is above 1), Hugging Face's preprocessor_config.json ("image_mean", "rescale_factor", …), or
            timm's config.json ("mean", "std", "input_size", mostly under "pretrained_cfg"), whose means are of pixels
            from 0 to 1.
        name: what to call it, and where messages say that it comes from.

    Raises:
        OptionError: it says something that cannot be.
    """
    try:
        if isinstance(inner := content.get("pretrained_cfg"), Mapping):
            return _of_timm(inner, name)
        if {"image_mean", "do_normalize", "do_rescale", "rescale_factor"} & content.keys():
            return _of_hugging_face(content, name)
        if "input_size" in content and "mean" in content:
            return _of_timm(content, name)
        if {"channels", "scale", "mean", "std"} & content.keys():
            return _own(content, name)
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise OptionError(
            "What is said about preprocessing cannot be read ({reason}). Received: {name!r}. Accepted: "
            "mean and std as lists of one or three numbers, std and scale above 0, channels 'RGB' or "
            "'BGR'.",
            reason=error,
            name=name,
        ) from error
    return None


def _own(content: Mapping[str, Any], name: str) -> Preprocessing:
    size, mean = content.get("size"), _floats(content.get("mean", 0))
    of_unit = any(mean) and max(map(abs, mean)) <= 1  # means that only pixels from 0 to 1 can have
    return _checked(
        Preprocessing(
            name,
            content.get("channels", "RGB"),
            float(content.get("scale", 1 / 255 if of_unit else 1)),
            mean,
            _floats(content.get("std", 1)),
            None if size is None else _size(size),
        )
    )


def _of_timm(content: Mapping[str, Any], name: str) -> Preprocessing | None:
    if "mean" not in content and "std" not in content:
        return None
    size = content.get("input_size")
    return _checked(
        Preprocessing(
            name,
            "RGB",
            1 / 255,
            _floats(content.get("mean", 0)),
            _floats(content.get("std", 1)),
            None if size is None else _size(size[-2:]),
        )
    )


def _of_hugging_face(content: Mapping[str, Any], name: str) -> Preprocessing | None:
    """None where it normalizes by numbers that it leaves to its class's defaults: those are not guessed."""
    content = {key: value for key, value in content.items() if value is not None}  # null says nothing
    normalizes = content.get("do_normalize", "image_mean" in content)
    if normalizes and not ("image_mean" in content and "image_std" in content):
        return None
    rescales = content.get("do_rescale", True)
    size = content.get("crop_size") or content.get("size")
    return _checked(
        Preprocessing(
            name,
            "BGR" if content.get("do_flip_channel_order") else "RGB",
            float(content.get("rescale_factor", 1 / 255)) if rescales else 1.0,
            _floats(content["image_mean"]) if normalizes else (0.0,),
            _floats(content["image_std"]) if normalizes else (1.0,),
            None if size is None else _size(size),
        )
    )


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(float(v) for v in (values if isinstance(values, (list, tuple)) else [values]))


def _size(stated: Any) -> tuple[int, int] | None:
    """(height, width) of 224, [224, 224], {"height": …, "width": …} or {"shortest_edge": …}."""
    if isinstance(stated, Mapping):
        stated = (
            stated["shortest_edge"]
            if "shortest_edge" in stated
            else [stated.get("height"), stated.get("width")]
        )
    height, width = (stated, stated) if isinstance(stated, int) else stated
    if not all(isinstance(side, int) and side > 0 for side in (height, width)):
        raise ValueError(f"a size of {stated!r}")
    return height, width


def _checked(stated: Preprocessing) -> Preprocessing:
    """The preprocessing, under a name of `NAMED` where it is that one."""
    if stated.channels not in ("RGB", "BGR"):
        raise ValueError(f"channels {stated.channels!r}")
    if not {len(stated.mean), len(stated.std)} <= {1, 3}:
        raise ValueError(f"{len(stated.mean)} means and {len(stated.std)} stds")
    if (
        not all(map(math.isfinite, (stated.scale, *stated.mean, *stated.std)))
        or min(stated.scale, *stated.std) <= 0
    ):
        raise ValueError("scale, mean or std")
    return next((replace(p, size=stated.size) for p in NAMED.values() if same(p, stated)), stated)


def same(first: Preprocessing, second: Preprocessing) -> bool:
    """Whether both do the same to pixels, whatever they are called and whatever the size."""
    pixels = np.array([[[[0, 100, 255], [255, 30, 60]]]], np.uint8)
    one, other = first.apply(pixels), second.apply(pixels)
    return bool(np.allclose(one, other, rtol=0, atol=1e-4 * np.abs(one).max()))
