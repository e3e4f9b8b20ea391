"""Make a bundle of a checkpoint that brings its class names: int8 parts of less than 10 MB, and a manifest.

    python tools/bundle_weights.py resnet50_imagenette.safetensors

`resnet_demo/assets/weights/README.md` is the card of what it writes there; `tools/measure_bundle.py` measures it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from resnet_demo.errors import ResNetDemoError
from resnet_demo.networks import bundle, checkpoints
from resnet_demo.networks.weights import BUNDLE


def main() -> int:
    """Read, pack, and list each file with its size and SHA-256, as the card shows them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path, help="any checkpoint resnet_demo reads, with class names")
    parser.add_argument(
        "--out",
        type=Path,
        default=BUNDLE.parent,
        help="an existing folder (default: resnet_demo/assets/weights)",
    )
    parser.add_argument("--name", default=BUNDLE.stem, help="what to call the files (default: %(default)s)")
    options = parser.parse_args()
    try:
        checkpoint = checkpoints.read(options.checkpoint)
        if "classes" not in checkpoint.metadata:
            parser.error(
                f"{options.checkpoint.name} brings no class names in its metadata, and a bundle needs them"
            )
        manifest = bundle.pack(
            checkpoint.tensors,
            [(wnid, name) for wnid, name in json.loads(checkpoint.metadata["classes"])],
            options.out,
            name=options.name,
            depth=checkpoint.depth,
            variant=checkpoint.variant,
            preprocessing=checkpoint.preprocessing,
        )
    except ResNetDemoError as error:
        print(error, file=sys.stderr)
        return 1
    for part in manifest.parts:
        print(f"| `{part.file}` | {part.bytes:,} | `{part.sha256}` |")
    print(f"SHA-256 of the bundle: {manifest.sha256}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
