"""Any readable file -> Keras' `.weights.h5` or `.keras`."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from resnet_demo.errors import OptionError
from resnet_demo.networks.checkpoints.building import build, to_keras_graph
from resnet_demo.networks.checkpoints.checkpoint import Checkpoint
from resnet_demo.networks.checkpoints.files import hdf5, keras_model
from resnet_demo.networks.checkpoints.reading import read
from resnet_demo.networks.described import stated_labels, stated_preprocessing, stated_problem
from resnet_demo.networks.metadata import (
    ACTIVATION,
    GRAPH,
    LABELS,
    PREPROCESSING,
    PREPROCESSING_SOURCE,
    PROBLEM,
    STATED,
    TRAITS,
    VARIANT,
)

GRAPHS = ("own", "keras")
ENDINGS = (".weights.h5", ".keras")


def convert(source: str | Path, target: str | Path, graph: str = "own") -> Checkpoint:
    """Write whatever opens as Keras writes it, so that both Keras and `read` take it.

    Variables alone do not tell strides, pooling and preprocessing. So the file also says its variant, its
    preprocessing, what it was converted from, and the source's own metadata, in a record `resnet_demo` that
    Keras does not look at; and the graph, of a network that is none of ours.

    Args:
        source: whatever `read` takes.
        target: must end in ".weights.h5", or in ".keras" for the whole model. Written elsewhere first and then moved:
            it is never there in part.
        graph: "own", the network that the checkpoint is for; or "keras", that of Keras' ResNet50, where the
            checkpoint is for it or can be brought into it (`to_keras_graph`).

    Returns:
        What was written; its layout is that of `source`.

    Raises:
        WeightsNotFoundError, CheckpointError: as `read`, and as `to_keras_graph`.
        OptionError: `target` has another ending, or its folder is missing or not writable; no such graph.
    """
    target = Path(target)
    ending = next((ending for ending in ENDINGS if target.name.endswith(ending)), None)
    if ending is None:
        raise OptionError(
            "The name of Keras weights must end in `.weights.h5`, that of a Keras model in `.keras`. "
            "Received: {target!r}.",
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
    metadata = _record(checkpoint)
    model = checkpoint.model or build(checkpoint)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".converting-") as folder:
            partial = Path(folder) / f"partial{ending}"
            if ending == ".keras":
                model.save(partial)
                keras_model.write_record(partial, metadata)
            else:
                model.save_weights(partial)
                hdf5.write_record(partial, metadata)
            os.replace(partial, target)
    except OSError as error:
        raise OptionError(
            "The converted weights cannot be written ({reason}). Received: {target!r}.",
            reason=error,
            target=str(target),
        ) from error
    return checkpoint


def _record(checkpoint: Checkpoint) -> dict[str, str]:
    """What is to be written beside the variables: all that is known of them, from within the source or beside it."""
    metadata = {
        PREPROCESSING_SOURCE: "metadata" if PREPROCESSING in checkpoint.metadata else "assumed",
        **checkpoint.metadata,
        VARIANT: checkpoint.variant,
        PREPROCESSING: checkpoint.preprocessing,
        "converted_from": checkpoint.layout,
    }
    if stated := stated_preprocessing(checkpoint.path, checkpoint.metadata):
        metadata[STATED] = json.dumps(stated.preprocessing.numbers())
    if labels := stated_labels(checkpoint.path, checkpoint.metadata):
        metadata[LABELS] = json.dumps(labels[0], ensure_ascii=False)
    if problem := stated_problem(checkpoint.path, checkpoint.metadata):
        metadata[PROBLEM] = problem
    if checkpoint.activation:
        metadata[ACTIVATION] = checkpoint.activation
    if checkpoint.model:
        metadata[GRAPH] = checkpoint.model.to_json()
    elif sizes := checkpoint.sizes:
        metadata[TRAITS] = " ".join(name for name in ("pooled_shortcut", "blur") if getattr(sizes, name))
    return metadata
