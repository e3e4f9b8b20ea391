"""What comes out of the cases in a folder, as a table: the input's shape, the two best classes, and what was said.

    cd PROJECT; python ../shared/cases/make_keras.py CASES; python ../shared/cases/make_torch.py CASES
    python tools/try_cases.py CASES [--photo PHOTO] [k01 t04 …]

Each file or folder of CASES is given to the command `predict` as its weights. Where CASES/expected.json has outputs for
it (probabilities, by the name without its ending), the last column is the largest difference, and the tool ends with 1
where one is above 1e-3: rounding leaves less.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PHOTO = ROOT / "resnet_demo/assets/examples/golf-ball-in-grass.jpg"
ENDINGS = (".weights.h5", ".safetensors", ".keras", ".h5", ".pth", ".pt", ".bin")
TOLERANCE = 1e-3


def predict(case: Path, photo: Path) -> tuple[dict | None, str]:
    """What `predict` prints as JSON, None where it refuses, and what it says on stderr."""
    import keras

    from resnet_demo.cli import main

    keras.backend.clear_session()
    out, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        main(["predict", str(photo), "--weights", str(case), "--json", "--top", "1000"])
    found = json.loads(out.getvalue()) if out.getvalue() else None
    return found, said.getvalue().strip().replace("\n", " ")


def difference(found: dict | None, expected: list[float] | None) -> float | None:
    """The largest difference of probabilities; of one unit, that of "yes". None where nothing is expected."""
    if found is None or expected is None:
        return None
    got = {p["index"]: p["probability"] for p in found["predictions"]}
    wanted = dict(enumerate(expected)) if len(expected) > 1 else {1: expected[0]}
    return max(abs(got[index] - value) for index, value in wanted.items())


def row(case: Path, photo: Path, expected: dict[str, list[float]]) -> tuple[str, bool]:
    """A case's line of the table, and whether it is as expected."""
    found, said = predict(case, photo)
    ending = next((ending for ending in ENDINGS if case.name.endswith(ending)), "")
    apart = difference(found, expected.get(case.name.removesuffix(ending)))
    if found is None:
        return f"| {case.name} | refused | | {said} |", expected.get(case.name.removesuffix(ending)) is None
    best = ", ".join(
        f"{p['label']} {p['probability']:.4f} ({p['logit']:.4f})" for p in found["predictions"][:2]
    )
    shape = "×".join(map(str, found["input_shape"][1:]))
    largest = "" if apart is None else f"{apart:.1e}"
    return f"| {case.name} | {shape}: {best} | {largest} | {said} |", apart is None or apart <= TOLERANCE


def main() -> int:
    """Print the table; 1 where a case is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("only", nargs="*", help="beginnings of the names of the cases to try")
    parser.add_argument("--photo", type=Path, default=PHOTO)
    options = parser.parse_args()
    file = options.cases / "expected.json"
    expected = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    cases = [
        case
        for case in sorted(options.cases.iterdir())
        if (case.is_dir() or case.name.endswith(ENDINGS))
        and case.name != "photos"
        and (not options.only or case.name.startswith(tuple(options.only)))
    ]
    print("| case | got | from what is expected | said |\n|---|---|---|---|")
    wrong = 0
    for case in cases:
        line, right = row(case, options.photo, expected)
        print(line, flush=True)
        wrong += not right
    return int(wrong > 0)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
