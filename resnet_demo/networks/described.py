"""What is written about a network in its file, or in a JSON file beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from resnet_demo.errors import OptionError
from resnet_demo.networks.metadata import PREPROCESSING, PREPROCESSING_SOURCE
from resnet_demo.networks.preprocessing import NAMED, from_mapping
from resnet_demo.networks.settled import Statement

# Hugging Face's, then timm's. What is about preprocessing alone comes first.
BESIDE = ("preprocessor_config.json", "config.json")


def stated_preprocessing(path: Path, metadata: Mapping[str, str]) -> Statement | None:
    """What the file's metadata, or else a file beside it, says that the network eats.

    Args:
        path: the weights file, or the folder of one.
        metadata: the file's own.

    Raises:
        OptionError: it says something that cannot be.
    """
    stated = metadata.get(PREPROCESSING)
    if stated in NAMED and metadata.get(PREPROCESSING_SOURCE) != "assumed":
        return Statement(NAMED[stated], "its metadata")
    for origin, content in _contents(path, metadata):
        if found := from_mapping(content, origin):
            return Statement(found, origin)
    return None


def stated_labels(path: Path, metadata: Mapping[str, str]) -> tuple[tuple[str, ...], str] | None:
    """The class names in the file's metadata or beside it ("id2label", timm's "label_names"), and who says so.

    None where nobody does. Names are not yet counted.
    """
    for origin, content in _contents(path, metadata):
        inner = content.get("pretrained_cfg")
        for section in (content, inner if isinstance(inner, Mapping) else {}):
            names = section.get("label_names")
            if isinstance(by_number := section.get("id2label"), Mapping):
                try:
                    names = [by_number[key] for key in sorted(by_number, key=int)]
                except ValueError:
                    continue
            if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
                return tuple(names), origin
    return None


def stated_problem(path: Path, metadata: Mapping[str, str]) -> str | None:
    """Hugging Face's "problem_type" in the file's metadata or beside it, which tells what outputs mean."""
    for _, content in _contents(path, metadata):
        if isinstance(problem := content.get("problem_type"), str):
            return problem
    return None


def _contents(path: Path, metadata: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Whatever may tell, the nearest first, and what to call it."""
    yield "its metadata", {key.removeprefix("resnet_demo."): _json(value) for key, value in metadata.items()}
    for key, text in metadata.items():
        if isinstance(value := _json(text), Mapping):
            yield key if key in BESIDE else "its metadata", value
    folder = path if path.is_dir() else path.parent
    for name in (*(() if path.is_dir() else (f"{path.stem}.json",)), *BESIDE):
        file = folder / name
        if not file.is_file() or file == path:
            continue
        try:
            content = json.loads(file.read_text("utf-8-sig"))
        except (OSError, ValueError) as error:
            raise OptionError(
                "The file beside the weights is not JSON. Received: {file!r} ({reason}).",
                file=str(file),
                reason=error,
            ) from error
        if isinstance(content, Mapping):
            yield name, content


def _json(text: str) -> Any:
    """What the text is as JSON; the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
