"""glibc gives a server's threads one arena, and gives back what lies free in them."""

import os
import subprocess
import sys

import pytest

# Twelve threads hold memory at the same time; then glibc's own count of its arenas is printed.
COUNTING = """
import ctypes, sys, tempfile, threading
libc = ctypes.CDLL(None)
if sys.argv[1] == "limited":
    from resnet_demo.ui.hosting.arenas import limit_arenas
    print(limit_arenas())
libc.malloc.restype = ctypes.c_void_p
gate = threading.Barrier(12)
def hold():
    libc.malloc(1000); gate.wait()
threads = [threading.Thread(target=hold) for _ in range(12)]
[t.start() for t in threads]; [t.join() for t in threads]
libc.fdopen.restype = ctypes.c_void_p
with tempfile.TemporaryFile() as out:
    stream = ctypes.c_void_p(libc.fdopen(out.fileno(), b"w"))
    libc.malloc_info(0, stream); libc.fflush(stream)
    out.seek(0); print(out.read().count(b"<heap nr="))
"""

# 100 MB in pieces, all freed but the last, which keeps glibc from giving the rest back by itself.
FREEING = """
import ctypes
from pathlib import Path
from resnet_demo.ui.hosting.arenas import trim
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
resident = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
pieces = [libc.malloc(10_000) for _ in range(10_000)]
for piece in pieces: ctypes.memset(piece, 1, 10_000)
for piece in pieces[:-1]: libc.free(piece)
before = resident()
print(trim(), before - resident())
"""


def counted(how: str, **environment: str) -> list[str]:
    clean = {k: v for k, v in os.environ.items() if k != "MALLOC_ARENA_MAX"}
    ended = subprocess.run(
        [sys.executable, "-c", COUNTING, how],
        capture_output=True,
        text=True,
        env=clean | environment,
        check=True,
    )
    return ended.stdout.split()


needs_glibc = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not os.confstr("CS_GNU_LIBC_VERSION"), reason="arenas are glibc's"
)


@needs_glibc
def test_one_arena_and_no_more():
    assert int(counted("as it is")[0]) > 2
    said, count = counted("limited")
    assert said == "True"
    assert int(count) == 1
    assert counted("limited", MALLOC_ARENA_MAX="5")[0] == "False"


@needs_glibc
def test_what_lies_free_goes_back_to_the_system():
    ended = subprocess.run([sys.executable, "-c", FREEING], capture_output=True, text=True, check=True)
    done, megabytes = ended.stdout.split()
    assert done == "True"
    assert float(megabytes) > 50
