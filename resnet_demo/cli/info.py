"""`info`: which weights, which network, which versions."""

from __future__ import annotations

import argparse
import platform
from importlib import metadata
from typing import Any, TextIO

from resnet_demo import __version__
from resnet_demo.cli.loading import load_model
from resnet_demo.cli.options import add_json_option, add_network_options
from resnet_demo.cli.results import indented
from resnet_demo.cli.table import aligned


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the options of `info`."""
    parser = commands.add_parser(
        "info",
        help="tell which weights are used, and the versions",
        description="Tell which weights are used and why, their SHA-256, variant and classes, and the versions of "
        "what computes.",
        allow_abbrev=False,
    )
    add_network_options(parser)
    add_json_option(parser, 'one object, {"weights", "network", "versions"}')
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Load the network as the other commands would, and tell about it."""
    model = load_model(options)
    import keras
    import tensorflow as tf

    from resnet_demo.networks.settled import fit_in_words

    spec, weights = model.engine.architecture, model.network.provenance
    preprocessing = model.network.preprocessing
    facts: dict[str, dict[str, Any]] = {
        "weights": {name: getattr(weights, name) for name in ("name", "variant", "sha256", "path", "reason")}
        | {"preprocessing": preprocessing.value.name, "classes": weights.classes},
        "network": {
            "name": model.network.model.name,
            "input_shape": list(spec.input_shape),
            "parameters": model.network.model.count_params(),
            "blocks": len(spec.blocks),
            "preprocessing": preprocessing.numbers(),
        },
        "versions": {
            "resnet_demo": __version__,
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            **{name: metadata.version(name) for name in ("numpy", "pillow", "gradio")},
        },
    }
    if options.json:
        print(indented(facts), file=out)
    else:
        facts["network"]["preprocessing"] = " ".join(
            map(str, (preprocessing.reason, *preprocessing.warnings()))
        )
        facts["network"]["fit"] = fit_in_words(preprocessing.fit) or None
        print("\n\n".join(map(_section, facts.values())), file=out)
    return 0


def _section(values: dict[str, Any]) -> str:
    return "\n".join(aligned([(name, _text(value)) for name, value in values.items()], "ll"))


def _text(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return " × ".join(map(str, value))
    return "–" if value is None else str(value)
