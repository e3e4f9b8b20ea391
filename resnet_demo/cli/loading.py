"""The network a command works on, loaded without TensorFlow's chatter."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from resnet_demo.engine.importing import import_tensorflow

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
