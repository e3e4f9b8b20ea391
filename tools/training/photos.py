"""Which photos there are, of which class, for training or for validation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from resnet_demo.errors import OptionError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".ppm")


@dataclass(frozen=True, eq=False)
class PhotoSet:
    """Photos and their classes: int64 (n,), indices into the sorted names of the class folders."""

    paths: tuple[Path, ...]
    classes: np.ndarray


def find_photos(folder: Path, val_share: float, seed: int) -> tuple[tuple[str, ...], PhotoSet, PhotoSet]:
    """Find the photos of a folder of class folders.

    Args:
        folder: `train/<class>/*` and `val/<class>/*`; or `<class>/*`, which is split, each class for itself.
        val_share: of each class that goes to validation where the folder has to be split; at least one photo.
        seed: of the split.

    Returns:
        The classes' folder names in output order, the training photos, the validation photos.

    Raises:
        OptionError: fewer than two classes, a class without photos, or one that is in `val` alone.
    """
    if not folder.is_dir():
        raise OptionError(f"There is no such folder of photos. Received: {str(folder)!r}.")
    if (folder / "train").is_dir() != (folder / "val").is_dir():
        raise OptionError(
            "A folder that is split has both `train` and `val`, and one that is not has neither. "
            f"Received: {str(folder)!r}, which has one of them."
        )
    if (folder / "train").is_dir():
        training, validation = _class_folders(folder / "train"), _class_folders(folder / "val")
    else:
        training, validation = _split(_class_folders(folder), val_share, seed)
    names = tuple(training)
    if len(names) < 2:
        raise OptionError(
            f"A classifier needs two class folders or more. Received: {str(folder)!r} with {len(names)}."
        )
    if not validation:
        raise OptionError(
            f"Validation needs photos. Received: {str(folder / 'val')!r} without class folders."
        )
    if strangers := sorted(set(validation) - set(names)):
        raise OptionError(
            "Each class of `val` must be in `train` too. "
            f"Received: {strangers[0]!r} and {len(strangers) - 1} more in {str(folder)!r}."
        )
    return names, _photo_set(training, names), _photo_set(validation, names)


def _class_folders(folder: Path) -> dict[str, list[Path]]:
    """Each class folder's name with its photos, both sorted; none of the classes is empty."""
    found = {}
    for class_folder in sorted(folder.iterdir()):
        if not class_folder.is_dir() or class_folder.name.startswith("."):
            continue
        found[class_folder.name] = sorted(
            file
            for file in class_folder.iterdir()
            if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
        )
        if not found[class_folder.name]:
            raise OptionError(
                f"A class folder holds photos ({', '.join(SUFFIXES)}). "
                f"Received: {str(class_folder)!r} without any."
            )
    return found


def _split(
    classes: dict[str, list[Path]], val_share: float, seed: int
) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    """Divide each class at random into training and validation photos, one at least of each."""
    rng = np.random.default_rng(seed)
    training, validation = {}, {}
    for name, photos in classes.items():
        count = math.ceil(val_share * len(photos))
        if count == len(photos):
            raise OptionError(
                "A class that is split needs one photo for training and one for validation. "
                f"Received: {name!r} with {len(photos)}, and a share of {val_share} for validation."
            )
        chosen = set(rng.permutation(len(photos))[:count].tolist())
        training[name] = [photo for i, photo in enumerate(photos) if i not in chosen]
        validation[name] = [photos[i] for i in sorted(chosen)]
    return training, validation


def _photo_set(photos: dict[str, list[Path]], names: tuple[str, ...]) -> PhotoSet:
    paths = tuple(path for name in photos for path in photos[name])
    return PhotoSet(paths, np.repeat([names.index(name) for name in photos], [*map(len, photos.values())]))
