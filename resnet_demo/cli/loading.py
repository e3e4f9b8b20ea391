"""The network a command works on, loaded without TensorFlow's chatter."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.results.analysis import Analysis


def load_model(options: argparse.Namespace) -> InstrumentedModel:
    """The network that the options of `add_network_options` ask for.

    Raises:
        WeightsError, ArchitectureError, OptionError: as `weights.load`.
    """
    import_tensorflow()
    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.networks import weights

    size = tuple(options.size) if options.size else None
    network = weights.load(
        options.weights, options.labels, None, options.preprocessing, size, options.activation
    )
    return InstrumentedModel(network)


def tell(model: InstrumentedModel) -> None:
    """Say on stderr which weights these are, what was found out or assumed of them, and what looks wrong."""
    network = model.network
    known = network.preprocessing.is_known
    reasons = (network.provenance.reason, network.preprocessing.reason, network.outputs.reason)
    print(*(reasons[:1] if known else reasons), file=sys.stderr)
    for warning in network.warnings():
        print(f"Warning: {warning}", file=sys.stderr)


def tell_of_photo(model: InstrumentedModel, analysis: Analysis) -> None:
    """Say on stderr what looks wrong on this photo alone."""
    from resnet_demo.networks.reasons import Reason

    said = [(warning.key, warning.values) for warning in model.network.warnings()]
    for key, values in analysis.warnings:
        if (key, values) not in said:
            print(f"Warning: {Reason(key, values)}", file=sys.stderr)


def import_tensorflow() -> None:
    """Import TensorFlow, without its notes on the processor unless the user has set TF_CPP_MIN_LOG_LEVEL."""
    if "tensorflow" in sys.modules or "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    with _without_notes():
        import tensorflow  # noqa: F401


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
