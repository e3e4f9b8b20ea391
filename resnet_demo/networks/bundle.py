"""The bundled weights: kernels as int8, in parts small enough for a plain `git push`, each with its hash.

A bundle is a manifest, `NAME.json`, beside `NAME-1-of-3.safetensors` and so on. Each kernel `layer/kernel` is
stored as int8 with one float32 scale per output channel, `layer/kernel_scale`; every other variable stays
float32.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save

from resnet_demo.errors import CheckpointError, HashMismatchError, WeightsNotFoundError

PART_LIMIT = 10_000_000  # bytes; every part is smaller, since Spaces refuse larger files outside Git LFS
HEADER_PER_TENSOR = (
    200  # bytes a tensor's entry in a part's header takes at most: name, dtype, shape, offsets
)
LEVELS = 127  # symmetric: int8's -128 is never used


@dataclass(frozen=True)
class Part:
    """One file of a bundle."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a bundle holds: a ResNet of this depth and variant, its classes, and its parts."""

    name: str
    depth: int
    variant: str
    preprocessing: str
    classes: tuple[tuple[str, str], ...]  # (wnid, name) in output order
    parts: tuple[Part, ...]

    @property
    def sha256(self) -> str:
        """One hash for the whole bundle: SHA-256 over the parts' own, each as hex and a newline, in order."""
        lines = "".join(f"{part.sha256}\n" for part in self.parts)
        return hashlib.sha256(lines.encode()).hexdigest()


def quantize(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Round a kernel to int8, symmetrically, with one scale per output channel.

    Args:
        kernel: float (..., c_out); all values finite.

    Returns:
        int8 (..., c_out) in -127 … 127, rounded to nearest, and float32 (c_out,): max|w| / 127 of each output
        channel, or 1 for a channel of zeros.
    """
    weights = kernel.astype(np.float32)
    peak = np.abs(weights).reshape(-1, weights.shape[-1]).max(axis=0)
    scale = np.where(peak > 0, peak / np.float32(LEVELS), np.float32(1))
    scale[scale == 0] = np.finfo(np.float32).tiny  # a peak so small that dividing it by 127 underflows
    return np.clip(np.rint(weights / scale), -LEVELS, LEVELS).astype(np.int8), scale


def dequantize(kernel: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Float32 (..., c_out) of an int8 kernel (..., c_out) and its scales (c_out,); off by scale/2 at most."""
    floats: np.ndarray = kernel * scale
    return floats


def pack(
    tensors: Mapping[str, np.ndarray],
    classes: Sequence[tuple[str, str]],
    folder: Path,
    *,
    name: str,
    depth: int = 50,
    variant: str = "keras",
    preprocessing: str = "caffe",
) -> Manifest:
    """Write `tensors` to `folder` as a bundle and return its manifest. The same tensors give the same bytes.

    Args:
        tensors: the network's variables by their Keras path, "layer/variable", each of any float dtype.
        classes: (wnid, name) of each class in output order.
        folder: an existing folder; a bundle of the same name in it is replaced.
        name: what the files are called.

    Raises:
        CheckpointError: a value is not finite, or one tensor alone is too large for a part.
    """
    stored: dict[str, np.ndarray] = {}
    for key, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise CheckpointError(
                "Weights must be finite numbers. Received: {key!r} with infinite or NaN values.",
                key=key,
            )
        if key.endswith("/kernel"):
            stored[key], stored[f"{key}_scale"] = quantize(tensor)
        else:
            stored[key] = tensor.astype(np.float32)

    groups = list(_groups(stored))
    for old in folder.glob(f"{name}-*-of-*.safetensors"):
        old.unlink()
    parts = []
    for number, group in enumerate(groups, start=1):
        blob = save(group)
        file = f"{name}-{number}-of-{len(groups)}.safetensors"
        (folder / file).write_bytes(blob)
        parts.append(Part(file, len(blob), hashlib.sha256(blob).hexdigest()))
    manifest = Manifest(name, depth, variant, preprocessing, tuple(classes), tuple(parts))
    text = json.dumps(asdict(manifest), indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", "utf-8")
    return manifest


def _groups(stored: Mapping[str, np.ndarray]) -> Iterable[dict[str, np.ndarray]]:
    """Deal tensors out in order, opening a new part whenever the next one would not fit."""
    group: dict[str, np.ndarray] = {}
    size = HEADER_PER_TENSOR
    for key, tensor in stored.items():
        needs = tensor.nbytes + HEADER_PER_TENSOR
        if needs + HEADER_PER_TENSOR >= PART_LIMIT:
            raise CheckpointError(
                "Each tensor must fit into a part of {part_limit} bytes. Received: {key!r} of {nbytes} "
                "bytes.",
                part_limit=PART_LIMIT,
                key=key,
                nbytes=tensor.nbytes,
            )
        if size + needs >= PART_LIMIT:
            yield group
            group, size = {}, HEADER_PER_TENSOR
        group[key] = tensor
        size += needs
    yield group


def read_manifest(path: Path) -> Manifest:
    """Read a bundle's `NAME.json`.

    Raises:
        WeightsNotFoundError: no such file.
        CheckpointError: it is not a manifest.
    """
    if not path.is_file():
        raise WeightsNotFoundError(
            "The bundled weights' manifest is missing. Received: {path!r}.",
            path=str(path),
        )
    try:
        fields = json.loads(path.read_text("utf-8"))
        fields["classes"] = tuple((str(wnid), str(label)) for wnid, label in fields["classes"])
        fields["parts"] = tuple(Part(**part) for part in fields["parts"])
        return Manifest(**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(
            "The file is not a bundle's manifest. Received: {path!r}.",
            path=str(path),
        ) from error


def unpack(path: Path) -> tuple[Manifest, dict[str, np.ndarray]]:
    """Read a bundle, checking each part's SHA-256 before a byte of it is used.

    Args:
        path: the bundle's manifest, `NAME.json`, with its parts beside it.

    Returns:
        The manifest, and each variable as float32 by its Keras path.

    Raises:
        WeightsNotFoundError: the manifest or a part is missing.
        HashMismatchError: a part has been changed, or cut off.
        CheckpointError: the manifest is not one.
    """
    manifest = read_manifest(path)
    stored: dict[str, np.ndarray] = {}
    for part in manifest.parts:
        file = path.parent / part.file
        if not file.is_file():
            raise WeightsNotFoundError(
                "A part of the bundled weights is missing. Received: {parent!r} without {file!r}.",
                parent=str(path.parent),
                file=part.file,
            )
        blob = file.read_bytes()
        digest = hashlib.sha256(blob).hexdigest()
        if digest != part.sha256:
            raise HashMismatchError(
                "A part of the bundled weights is not the file its manifest promises. Received: {file!r} "
                "of {count_of_blob} bytes with SHA-256 {digest}. Accepted: {bytes} bytes with SHA-256 "
                "{sha256}.",
                file=part.file,
                count_of_blob=len(blob),
                digest=digest,
                bytes=part.bytes,
                sha256=part.sha256,
            )
        stored |= load(blob)
    tensors = {
        key: dequantize(tensor, stored[f"{key}_scale"]) if tensor.dtype == np.int8 else tensor
        for key, tensor in stored.items()
        if not key.endswith("/kernel_scale")
    }
    return manifest, tensors
