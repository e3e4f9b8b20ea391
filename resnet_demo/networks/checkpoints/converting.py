"""Any readable file -> Keras' `.weights.h5`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from resnet_demo.errors import OptionError
from resnet_demo.networks.checkpoints.building import build, to_keras_graph
from resnet_demo.networks.checkpoints.checkpoint import Checkpoint
from resnet_demo.networks.checkpoints.files.hdf5 import write_record
from resnet_demo.networks.checkpoints.reading import PREPROCESSING, PREPROCESSING_SOURCE, VARIANT, read

GRAPHS = ("own", "keras")


def convert(source: str | Path, target: str | Path, graph: str = "own") -> Checkpoint:
    """Write any checkpoint as Keras writes weights, so that both `load_weights` and `read` take it.

    Variables alone do not tell strides, pooling and preprocessing. So the file also says its variant, its
    preprocessing, what it was converted from, and the source's own metadata, in a dataset `resnet_demo` that
    Keras does not look at.

    Args:
        source: any file `read` takes.
        target: must end in ".weights.h5". Written elsewhere first and then moved: it is never there in part.
        graph: "own", the network that the checkpoint is for; or "keras", that of Keras' ResNet50, where the
            checkpoint is for it or can be brought into it (`to_keras_graph`).

    Returns:
        What was written; its layout is that of `source`.

    Raises:
        WeightsNotFoundError, CheckpointError: as `read`, and as `to_keras_graph`.
        OptionError: `target` has another ending, or its folder is missing or not writable; no such graph.
    """
    source, target = Path(source), Path(target)
    if not target.name.endswith(".weights.h5"):
        raise OptionError(
            "The name of Keras weights must end in `.weights.h5`. Received: {target!r}.",
            target=str(target),
        )
    if graph not in GRAPHS:
        raise OptionError(
            "There is no such graph. Received: {graph!r}. Accepted: {graphs}.",
            graph=graph,
            graphs=", ".join(GRAPHS),
        )
    checkpoint = read(source)
    if graph == "keras" and checkpoint.variant != "keras":
        checkpoint = to_keras_graph(checkpoint)
    metadata = {
        PREPROCESSING_SOURCE: "metadata" if PREPROCESSING in checkpoint.metadata else "assumed",
        **checkpoint.metadata,
        VARIANT: checkpoint.variant,
        PREPROCESSING: checkpoint.preprocessing,
        "converted_from": checkpoint.layout,
    }
    model = build(checkpoint)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".converting-") as folder:
            partial = Path(folder) / "partial.weights.h5"
            model.save_weights(partial)
            write_record(partial, metadata)
            os.replace(partial, target)
    except OSError as error:
        raise OptionError(
            "The converted weights cannot be written ({reason}). Received: {target!r}.",
            reason=error,
            target=str(target),
        ) from error
    return checkpoint
