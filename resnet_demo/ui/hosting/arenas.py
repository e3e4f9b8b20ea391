"""What glibc keeps for threads: its arenas are most of what a long-lived server's memory grows by.

References:
    mallopt(3), M_ARENA_MAX. By default there are eight a core, and each keeps what was once the most its threads held.
    malloc_trim(3), which gives the system back what lies free in them.
"""

from __future__ import annotations

import ctypes
import os
import sys

ARENAS = 1
M_ARENA_MAX = -8


def limit_arenas() -> bool:
    """Keep glibc to one arena from here on; whether that could be said. To be called before threads are started.

    What MALLOC_ARENA_MAX says goes first; other C libraries have no arenas.
    """
    if not sys.platform.startswith("linux") or "MALLOC_ARENA_MAX" in os.environ:
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS))
    except AttributeError:  # musl has no mallopt
        return False


def trim() -> bool:
    """Give the system back what lies free in the arenas; whether there was any. Elsewhere than on glibc, nothing."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except AttributeError:
        return False
