"""Trim an atlas to what the page shows, and put it where the package has it.

usage: python tools/bundle_atlas.py ATLAS.json
"""

import json
import sys
from pathlib import Path

from resnet_demo.atlas.bundled import BUNDLED, trimmed
from resnet_demo.atlas.store import read


def main() -> None:
    """Read, trim, write."""
    found = trimmed(read(Path(sys.argv[1])))
    BUNDLED.parent.mkdir(exist_ok=True)
    BUNDLED.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    print(f"{BUNDLED}: {BUNDLED.stat().st_size / 1e3:.1f} kB, {found['images']} photos")


if __name__ == "__main__":
    main()
