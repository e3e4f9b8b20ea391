"""Are the numbers the same? `analyze --lab` over a folder of photos, and two such runs compared.

    python tools/golden.py run PHOTOS OUT --weights bundled     # OUT/NAME.json for each photo
    python tools/golden.py compare BEFORE AFTER                 # ends with 1 where they differ

The rule: every key of BEFORE is in AFTER; texts, whole numbers and null are equal; a number differs by no more
than 1e-5 of the larger of 1 and itself. `error`, which is what rounding leaves, may be anything up to 1e-4. Which class
or channel has a rank may change, since rounding turns the order of equal ones: what is compared is the number at each
rank. Keys that only AFTER has are told.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOLERANCE = 1e-5
ROUNDING = 1e-4  # a key called "error"


def run(photos: Path, out: Path, weights: str) -> None:
    """Write each photo's numbers as OUT/NAME.json."""
    from resnet_demo import load
    from resnet_demo.measures.batches import pictures_in
    from resnet_demo.measures.lab import lab_table
    from resnet_demo.measures.overview import analyze
    from resnet_demo.photos.decoding import read_photo

    model = load(weights)
    out.mkdir(parents=True, exist_ok=True)
    for path in pictures_in(photos):
        photo = read_photo(path)
        analysis = analyze(model, photo)
        numbers = analysis.numbers(lab_table(model, photo, analysis))
        (out / f"{path.stem}.json").write_text(json.dumps(numbers, indent=2) + "\n", "utf-8")
        print(path.name, flush=True)


def differences(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """Each place where the rule does not hold, and what stands there."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before:
            if key not in after:
                yield f"{at}.{key}: gone"
            else:
                yield from differences(before[key], after[key], f"{at}.{key}")
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            yield f"{at}: {len(before)} items, then {len(after)}"
        for i, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from differences(one, other, f"{at}[{i}]")
    elif isinstance(before, float) or isinstance(after, float):
        if not _close(before, after, ROUNDING if at.endswith(".error") else TOLERANCE):
            yield f"{at}: {before}, then {after}"
    elif before != after and not _is_order(at):
        yield f"{at}: {before!r}, then {after!r}"


def _close(before: Any, after: Any, tolerance: float) -> bool:
    if before is None or after is None or isinstance(before, str) or isinstance(after, str):
        return bool(before == after)
    return abs(before - after) <= tolerance * max(1.0, abs(before))


def _is_order(at: str) -> bool:
    """Whether the place holds which class or channel has a rank, not its number, which is compared too."""
    return ".channels[" in at or (
        at.startswith(".predictions[") and not at.endswith(("probability", "logit"))
    )


def compare(before: Path, after: Path) -> int:
    """Print what differs; 1 where anything does, or there is nothing to compare."""
    wrong, new = 0, set()
    files = sorted(before.glob("*.json"))
    for path in files:
        other = after / path.name
        if not other.exists():
            print(f"{path.name}: gone")
            wrong += 1
            continue
        old, now = (json.loads(p.read_text("utf-8")) for p in (path, other))
        for line in differences(old, now):
            print(f"{path.name}{line}")
            wrong += 1
        new |= now.keys() - old.keys()
    print(f"{len(files)} photos, {wrong} differences; new keys: {', '.join(sorted(new)) or 'none'}")
    return int(bool(wrong) or not files)


def main(arguments: list[str] | None = None) -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("photos", type=Path)
    running.add_argument("out", type=Path)
    running.add_argument("--weights", default="bundled")
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "run":
        run(options.photos, options.out, options.weights)
        return 0
    return compare(options.before, options.after)


if __name__ == "__main__":
    sys.exit(main())
