"""TensorFlow's import: without its chatter, and without what Keras would take along."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

# Keras imports these wherever they are installed, for wrappers and drawings that nothing here asks of it. Who needs one
# itself, as `degradation` its digits, imports it then.
NOT_NEEDED = ("sklearn", "matplotlib")


def import_tensorflow(*not_needed: str) -> None:
    """Import TensorFlow and Keras, without notes on the processor unless TF_CPP_MIN_LOG_LEVEL asks for them.

    Args:
        not_needed: packages, besides `NOT_NEEDED`, that are not to be imported with it.
    """
    if "tensorflow" in sys.modules:
        return
    quiet = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2") != "0"
    with _hidden(*NOT_NEEDED, *not_needed), _without_notes() if quiet else contextlib.nullcontext():
        import keras  # noqa: F401
        import tensorflow  # noqa: F401


@contextlib.contextmanager
def _hidden(*packages: str) -> Iterator[None]:
    """Have the body find these packages missing, where they were not imported before."""
    hidden = [name for name in packages if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # an ImportError, says the import system's reference
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextlib.contextmanager
def _without_notes() -> Iterator[None]:
    """Hold back what the body writes to stderr, C++ included, and then pass on all but TensorFlow's notes.

    TensorFlow writes some notes before it looks at TF_CPP_MIN_LOG_LEVEL.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            lines = held.read().decode(errors="backslashreplace").splitlines(keepends=True)
            sys.stderr.writelines(line for line in lines if not _is_note(line))


def _is_note(line: str) -> bool:
    return line.startswith(("I0000 ", "WARNING: All log messages before absl::InitializeLog()"))
