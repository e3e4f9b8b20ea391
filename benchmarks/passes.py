"""What is timed inside one process: one photo, warm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks import peers
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.as_it_forms import as_it_forms
from resnet_demo.measures.gradcam import gradcam
from resnet_demo.measures.gradients import gradient_splits
from resnet_demo.measures.lesion import lesion_all
from resnet_demo.measures.logit_attribution import logit_attribution
from resnet_demo.measures.overview import analyze
from resnet_demo.measures.split import split_gradcam
from resnet_demo.photos.decoding import read_photo
from resnet_demo.views.messages.words import Words
from resnet_demo.views.pictures import photo_uri
from resnet_demo.views.sections.block import block_view
from resnet_demo.views.sections.overview import classes_view, headline, heatmap_view, profile_view


def passes(model: InstrumentedModel, path: Path) -> dict[str, Callable[[], object]]:
    """The contestants by name; each does its whole work on the photo at `path`, results in NumPy."""
    photo = read_photo(path)
    batch = model.batch(photo)
    keras_model = model.network.model
    blocks = model.engine.architecture.blocks
    top = int(model.engine.logits(batch).argmax())
    words = Words("en")

    def overview() -> list[str]:
        found = analyze(model, photo)
        name = words.class_of(found.target)
        return [
            headline(found, words),
            classes_view(found, words),
            heatmap_view(photo_uri(photo.pixels), found.gradcam, name, blocks[-1].name, words),
            profile_view(found.blocks, "mean_magnitude", blocks[-1].name, words),
            block_view(found.blocks[-1], words, rectified=True),
        ]

    return {
        "forward": lambda: model.engine.logits(batch),
        "keras_predict": lambda: keras_model.predict(batch, verbose=0),
        "analysis": lambda: analyze(model, photo),
        "overview": overview,
        "lesion_all": lambda: lesion_all(model, batch, top),
        "gradients": lambda: gradient_splits(model, batch, top),
        "as_it_forms": lambda: as_it_forms(model, batch, top),
        "ledger": lambda: logit_attribution(model, batch, top),
        "gradcam_stem": lambda: gradcam(model, batch, "conv1", top),
        "gradcam_first": lambda: gradcam(model, batch, blocks[0].name, top),
        "split_gradcam_last": lambda: split_gradcam(model, batch, blocks[-1].name, top),
        "split_gradcam_first": lambda: split_gradcam(model, batch, blocks[0].name, top),
        "tf_keras_vis": peers.tf_keras_vis(keras_model, batch, blocks[-1].output, top),
    }
