"""The laboratory's sums on real weights and real photos: each is exact but for float32's rounding.

With the bundled weights and with a v1.5 ImageNet checkpoint, on the forty photos of ../shared/data/imagenet_val; where
they are not, with the bundled weights on three of the examples. The worst figure of each sum is in the table at the end
of the run, and in docs/exactness.md.
"""

import json
from dataclasses import dataclass

import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.assets import EXAMPLES
from resnet_demo.engine.branches import push_forward
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures import gradients, logit_attribution, split
from resnet_demo.measures.gates import gated_logits
from resnet_demo.measures.gradients import block_gradients
from resnet_demo.measures.lesion import lesion_logits
from resnet_demo.measures.overview import analyze
from resnet_demo.networks import weights
from resnet_demo.photos.decoding import Photo, read_photo

BATCH = 4
APART = 2  # lesions are what costs most here; set to 1, and every block is run for every photo


@dataclass(frozen=True)
class Real:
    """Real weights, the photos in batches, and a class for each: the top one and the photo's own by turns."""

    name: str
    instrumented: InstrumentedModel
    photos: list[Photo]
    batches: list[np.ndarray]
    targets: list[list[int | None]]

    def pairs(self):
        return zip(self.batches, self.targets, strict=True)


@pytest.fixture(scope="module", params=["bundled", pytest.param("v1.5", marks=pytest.mark.shared)])
def real(request, shared, instrumented):
    if request.param == "v1.5":
        instrumented = InstrumentedModel(
            weights.load(str(shared / "weights" / "resnet50_v1.5_imagenet1k.safetensors"))
        )
    folder = shared / "data" / "imagenet_val"
    if folder.is_dir():
        entries = json.loads((folder / "labels.json").read_text())
        assert len(entries) == 40
    else:
        names = ("asian-elephant-and-calf.jpg", "golf-ball-in-grass.jpg", "scarlet-macaw-in-flight.jpg")
        folder, entries = EXAMPLES, [{"file": name, "index": 3 * i} for i, name in enumerate(names)]
    photos = [read_photo(folder / entry["file"]) for entry in entries]
    classes = len(instrumented.labels)
    targets = [None if i % 2 else entry["index"] % classes for i, entry in enumerate(entries)]
    starts = range(0, len(photos), BATCH)
    return Real(
        request.param,
        instrumented,
        photos,
        [instrumented.batch(*photos[i : i + BATCH]) for i in starts],
        [targets[i : i + BATCH] for i in starts],
    )


@pytest.fixture
def worst(real, record_property):
    """Check a sum's figures against its bound, and have the worst told at the end of the run (tests/conftest.py)."""

    def worst(what, figures, bound):
        record_property("figure", [what, real.name, float(max(figures)), len(figures), bound])
        assert max(figures) <= bound

    return worst


def test_the_ledger_adds_up_to_the_logit(real, worst):
    engine, figures = real.instrumented.engine, []
    for batch, targets in real.pairs():
        logits = engine.logits(batch)
        for one, row, target in zip(
            logit_attribution.compute(real.instrumented, batch, targets), logits, targets, strict=True
        ):
            assert one.target == (row.argmax() if target is None else target)
            figures.append(abs(one.sum - row[one.target]) / max(1, abs(row[one.target])))

    worst("|ledger sum − logit| / max(1, |logit|)", figures, 1e-5)


def test_the_parts_of_a_heatmap_add_up_to_it(real, worst):
    figures = [
        np.abs(one.shortcut + one.residual - one.total).max() / np.abs(one.total).max()
        for batch, targets in real.pairs()
        for image in split.compute(real.instrumented, batch, targets)
        for one in image
    ]

    assert len(figures) == len(real.photos) * 16
    worst("|shortcut part + residual part − map| / |map|", figures, 1e-4)


def test_the_branches_gradients_add_up_to_the_inputs(real, worst):
    figures = [
        one.error
        for batch, targets in real.pairs()
        for image in gradients.compute(real.instrumented, batch, targets)
        for one in image
    ]

    assert len(figures) == len(real.photos) * 16
    worst("|g_S + g_F − ∂L/∂x| / |∂L/∂x|", figures, 1e-4)


def _forwards_and_backwards(engine, batch, target):
    both = []
    layers = engine.forward(batch)
    for block, g in zip(engine.architecture.blocks, block_gradients(engine, batch, target), strict=True):
        s, f = (
            push_forward(engine, block, last, layers[block.input], g.input)
            for last in (block.shortcut, block.residual)
        )
        both.append((tf.einsum("nhwc,nhwc->n", g.sum, s + f), tf.einsum("nhwc,nhwc->n", g.input, g.input)))
    return both


def test_the_gradient_is_the_transpose_of_the_way_forward(real, worst):
    """⟨∂L/∂y, (J_S + J_F)·∂L/∂x⟩ = ‖∂L/∂x‖², with J applied forwards: no kernel of the backward pass is shared."""
    engine = real.instrumented.engine
    figures = [
        abs(forwards / backwards - 1)
        for batch, targets in list(real.pairs())[::5]
        for pair in engine.run(_forwards_and_backwards, batch, real.instrumented.targets(targets, len(batch)))
        for forwards, backwards in zip(*pair, strict=True)
    ]

    worst("|⟨∂L/∂y, J ∂L/∂x⟩ / ‖∂L/∂x‖² − 1|", figures, 1e-4)


def test_gates_of_one_change_nothing_bit_for_bit(real):
    engine = real.instrumented.engine
    for batch, _ in real.pairs():
        gated = gated_logits(engine, batch, np.ones((len(batch), 16)))
        np.testing.assert_array_equal(gated, engine.logits(batch))

    photo = real.photos[0]
    alone = gated_logits(engine, real.instrumented.batch(photo), np.ones((1, 16)))[0]
    analysis = analyze(real.instrumented, photo, top=len(real.instrumented.labels))
    assert all(alone[prediction.index] == prediction.logit for prediction in analysis.predictions)


def test_lesions_equal_separate_runs(real, worst):
    """One photo at a time, as the page has it; of every second photo every second block, of every block ten photos."""
    engine, figures = real.instrumented.engine, []
    for i, photo in enumerate(real.photos[::APART]):
        batch = real.instrumented.batch(photo)
        together = lesion_logits(engine, batch)[1:, 0]  # (16, classes)
        for block in range(i % APART, 16, APART):
            alone = gated_logits(engine, batch, 1 - np.eye(16)[block : block + 1])[0]
            figures.append(np.abs(together[block] - alone).max())

    assert len(figures) == len(real.photos[::APART]) * 16 // APART
    worst("|lesion in the growing batch − separate run|", figures, 1e-4)
