"""What is timed inside one process: one photo, warm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from resnet_demo.analysis.explorer import Explorer
from resnet_demo.analysis.gradients import gradient_splits
from resnet_demo.analysis.ledger import ledger
from resnet_demo.analysis.lesion import lesion_all
from resnet_demo.analysis.preprocessing import read_photo
from resnet_demo.analysis.report import analyze
from resnet_demo.analysis.split import split_gradcam
from resnet_demo.bench import peers
from resnet_demo.ui.overview import block_view, classes_view, headline, heatmap_view, profile_view
from resnet_demo.ui.words import Words


def passes(explorer: Explorer, path: Path) -> dict[str, Callable[[], object]]:
    """The contestants by name; each does its whole work on the photo at `path`, results in NumPy."""
    photo = read_photo(path)
    batch = explorer.batch(photo)
    model = explorer.network.model
    blocks = explorer.engine.architecture.blocks
    top = int(explorer.engine.logits(batch).argmax())
    words = Words("en")

    def overview() -> list[str]:
        found = analyze(explorer, photo)
        name = words.class_of(found.target)
        return [
            headline(found, words),
            classes_view(found, words),
            heatmap_view(photo, found.gradcam, name, blocks[-1].name, words),
            profile_view(found.blocks, "mean_magnitude", blocks[-1].name, words),
            block_view(found.blocks[-1], explorer.engine.architecture, words),
        ]

    return {
        "forward": lambda: explorer.engine.logits(batch),
        "keras_predict": lambda: model.predict(batch, verbose=0),
        "analysis": lambda: analyze(explorer, photo),
        "overview": overview,
        "lesion_all": lambda: lesion_all(explorer, batch, top),
        "gradients": lambda: gradient_splits(explorer, batch, top),
        "ledger": lambda: ledger(explorer, batch, top),
        "split_gradcam_last": lambda: split_gradcam(explorer, batch, blocks[-1].name, top),
        "split_gradcam_first": lambda: split_gradcam(explorer, batch, blocks[0].name, top),
        "tf_keras_vis": peers.tf_keras_vis(model, batch, blocks[-1].output, top),
    }
