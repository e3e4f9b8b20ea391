"""The atlas' file: JSON, or Parquet with one line a number."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from resnet_demo.errors import OptionError

ATLAS_VERSION = "1.0"  # rises when a key changes its meaning or goes; not the version of analysis.json
REST = b"atlas"  # the key of Parquet's metadata under which all that is no table stands, as JSON


def require_format(path: Path) -> None:
    """OptionError for a Parquet file where pyarrow is not installed."""
    if path.suffix == ".json":
        return
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise OptionError(
            "Parquet needs pyarrow. Received: {path}, and it is not installed. Accepted: a file that "
            "ends in .json, or `pip install resnet-demo[cluster]` first.",
            path=path,
        ) from error


def write(path: Path, numbers: dict[str, Any]) -> None:
    """Write an atlas whole or not at all.

    In Parquet a line is one quantity of one block, of all photos (`class` empty) or of one class; the rest, the
    correlations and lesions too, is JSON in the file's metadata.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        if path.suffix == ".json":
            new.write_text(json.dumps(numbers, ensure_ascii=False, indent=1) + "\n", "utf-8")
        else:
            _write_parquet(new, numbers)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _write_parquet(path: Path, numbers: dict[str, Any]) -> None:
    import pyarrow
    from pyarrow import parquet

    rest = {key: value for key, value in numbers.items() if key != "blocks"}
    rest["classes"] = [{k: v for k, v in one.items() if k != "blocks"} for one in numbers["classes"]]
    table = pyarrow.Table.from_pylist(list(_lines(numbers)))
    parquet.write_table(table.replace_schema_metadata({REST: json.dumps(rest)}), path)


def _lines(numbers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for index, blocks in [
        (None, numbers["blocks"]),
        *((c["index"], c["blocks"]) for c in numbers["classes"]),
    ]:
        for block in blocks:
            for quantity, one in block.items():
                if quantity != "name":
                    quantiles = {f"q{share}": value for share, value in one["quantiles"].items()}
                    yield {
                        "class": index,
                        "block": block["name"],
                        "quantity": quantity,
                        "count": one["count"],
                        "mean": one["mean"],
                        "std": one["std"],
                        **quantiles,
                    }


def read(path: Path) -> dict[str, Any]:
    """An atlas as it was given to `write`.

    Raises:
        OptionError: no such file, or no atlas.
    """
    try:
        found = json.loads(path.read_text("utf-8")) if path.suffix == ".json" else _read_parquet(path)
        if found["schema_version"].split(".")[0] != ATLAS_VERSION.split(".")[0]:
            raise ValueError(f"its version is {found['schema_version']}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OptionError(
            "The file is no atlas ({reason}). Received: {path}. Accepted: what the command `atlas` writes.",
            reason=error,
            path=path,
        ) from error
    return found


def _read_parquet(path: Path) -> dict[str, Any]:
    from pyarrow import parquet

    table = parquet.read_table(path)
    found: dict[str, Any] = json.loads(table.schema.metadata[REST])
    by_class: dict[int | None, dict[str, dict[str, Any]]] = {}
    for line in table.to_pylist():
        block = by_class.setdefault(line["class"], {}).setdefault(line["block"], {"name": line["block"]})
        block[line["quantity"]] = {
            **{key: line[key] for key in ("count", "mean", "std")},
            "quantiles": {key[1:]: value for key, value in line.items() if key.startswith("q0")},
        }
    found["blocks"] = list(by_class[None].values())
    for one in found["classes"]:
        one["blocks"] = list(by_class[one["index"]].values())
    return found
