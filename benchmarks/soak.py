"""`python -m benchmarks.soak`: whether a server's memory comes to rest, and what is in it.

One client sends photos of all sizes, each with its heatmap at another block, one after another. Resident memory is
read after each; the run is told in tenths. Then many clients at once, and what is left of them ten seconds later.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from benchmarks.page import Server, Visitor, running

SIZES = ((32, 32), (90, 200), (224, 224), (500, 375), (640, 960), (1200, 800), (1920, 1080), (4000, 3000))
ARENA = 64 << 20  # glibc aligns the heaps of its arenas to this


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--analyses", type=int, default=1000, help="how many (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=100, help="how many at once after them (default: 100)")
    parser.add_argument("--weights", default="bundled", help="a file of weights (default: bundled)")
    options = parser.parse_args()
    os.environ["RESNET_DEMO_REQUESTS_A_MINUTE"] = "1000000"  # one client is to ask as fast as it can
    with running(options.weights) as server:
        resident = soak(server, options.analyses)
        print(as_table(resident))
        print(f"last tenth / second tenth: {growth(resident):.3f}")
        print("what it is:", as_line(contents(server.process.pid)))
        if options.clients:
            before = resident_mb(server.process.pid)
            answered, refused = crowd(server, options.clients)
            time.sleep(10)
            after = resident_mb(server.process.pid)
            print(
                f"{options.clients} clients at once: {answered} answered, {refused} told that it is busy; "
                f"{before:.0f} MB before, {after:.0f} MB ten seconds after: {after / before:.3f}"
            )
            print("what it is:", as_line(contents(server.process.pid)))
    return 0


def write_photo(number: int, folder: Path) -> Path:
    """Photo `number`, like none before it; the sizes go round."""
    width, height = SIZES[number % len(SIZES)]
    coarse = np.random.default_rng(number).integers(0, 255, (9, 12, 3), dtype=np.uint8)
    path = folder / f"{width}x{height}.jpg"
    Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(path, quality=90)
    return path


def soak(server: Server, analyses: int) -> np.ndarray:
    """Resident memory in MB after each of so many analyses, one after another."""
    with closing(Visitor(server.url)) as visitor, tempfile.TemporaryDirectory() as folder:
        resident = []
        for i in range(analyses):
            # All blocks come early; sizes and blocks go round with different periods, so that each meets each.
            visitor.analyze(write_photo(i, Path(folder)), visitor.layers[i % len(visitor.layers)])
            resident.append(resident_mb(server.process.pid))
    return np.array(resident)


def growth(resident: np.ndarray) -> float:
    """The mean of the last tenth over that of the second."""
    tenths = np.array_split(resident, 10)
    return float(tenths[9].mean() / tenths[1].mean())


def crowd(server: Server, clients: int) -> tuple[int, int]:
    """So many clients at once, each with a photo of its own; how many were answered, and how many told "busy"."""

    def one(number: int) -> bool:
        with (
            httpx.Client(base_url=server.url, timeout=120) as client,
            tempfile.TemporaryDirectory() as folder,
        ):
            photo = write_photo(10_000 + len(SIZES) * number + 2, Path(folder))
            uploaded = client.post("/gradio_api/upload", files={"files": ("photo.jpg", photo.read_bytes())})
            if uploaded.status_code != 200:
                return False
            asked = client.post(
                "/gradio_api/call/analyze", json={"data": [{"path": uploaded.json()[0]}, "", ""]}
            )
            if asked.status_code != 200:
                return False
            answer = client.get(f"/gradio_api/call/analyze/{asked.json()['event_id']}")
            return "event: complete" in answer.text

    with ThreadPoolExecutor(clients) as pool:
        answered = sum(pool.map(one, range(clients)))
    return answered, clients - answered


def resident_mb(process: int) -> float:
    """A process's resident memory in millions of bytes."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found.group(1)) * 1024 / 1e6


def contents(process: int) -> Counter[str]:
    """Resident MB by kind: the main heap, the arenas that glibc gives to threads, other memory, mapped files."""
    mb: Counter[str] = Counter()
    kind = "other"
    for line in io.StringIO(Path(f"/proc/{process}/smaps").read_text()):
        if header := re.match(r"([0-9a-f]+)-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)", line):
            start, name = int(header.group(1), 16), header.group(2).strip()
            in_arena = start % ARENA == 0 or (kind == "arenas" and not name and start % ARENA)
            kind = "heap" if name == "[heap]" else "files" if name else "arenas" if in_arena else "other"
        elif line.startswith("Rss:"):
            mb[kind] += int(line.split()[1]) * 1024 / 1e6  # type: ignore[assignment]
    mb["threads"] = len(list(Path(f"/proc/{process}/task").iterdir()))
    return mb


def as_line(mb: Counter[str]) -> str:
    """The kinds in one line."""
    kinds = ", ".join(f"{kind} {mb[kind]:.0f} MB" for kind in ("heap", "arenas", "other", "files"))
    return f"{kinds}; {mb['threads']} threads"


def as_table(resident: np.ndarray) -> str:
    """The tenths of a run."""
    tenths = np.array_split(resident, 10)
    rows = [
        f"{sum(map(len, tenths[: i + 1])):>9} {tenth.mean():>9.0f} {tenth.max():>9.0f}"
        for i, tenth in enumerate(tenths)
    ]
    return "\n".join(["analyses   mean MB    max MB", *rows])


if __name__ == "__main__":
    sys.exit(main())
