"""One photo's heatmap tested, and its layers scored: in few passes, counted where images enter a network."""

import numpy as np
import pytest

from resnet_demo.engine.engine import Engine
from resnet_demo.measures import attribution, gradcam
from resnet_demo.measures.scores import belief
from resnet_demo.measures.scores.agreement import agreement, mean_agreement, noisy
from resnet_demo.measures.scores.erasing import erasing_curves, from_centre
from resnet_demo.measures.scores.sanity import forgetful
from resnet_demo.measures.scores.scoring import Wanted, probabilities_of, score, usual_layers
from resnet_demo.results.belief import best_layers

AT = "conv3_block2"


@pytest.fixture
def seen(monkeypatch, small_instrumented):
    """How many images entered a network, this one or another."""
    shape = small_instrumented.engine.architecture.input_shape
    images, run = [], Engine.run

    def counted(self, function, *arrays, **static):
        if np.shape(arrays[0])[1:] == shape:
            images.append(len(arrays[0]))
        return run(self, function, *arrays, **static)

    monkeypatch.setattr(Engine, "run", counted)
    return images


def heatmap(model, image, method):
    if method == "gradcam":
        return gradcam.compute(model, image[np.newaxis], [2], at=AT)[0]
    return attribution.compute(model, image[np.newaxis], [2], method=method, at=AT, channels=4, samples=2)[0]


@pytest.mark.parametrize("method", ["gradcam", *attribution.METHODS])
def test_at_most_forty_passes_and_as_many_as_are_told(small_instrumented, small_batch, seen, method):
    forgetful(small_instrumented)
    shown = heatmap(small_instrumented, small_batch[0], method)
    seen.clear()
    reported = []
    found = belief.believe(
        small_instrumented,
        small_batch[0],
        2,
        shown,
        method=method,
        at=AT,
        progress=lambda done, total: reported.append((done, total)),
    )
    assert sum(seen) == found.passes <= belief.MOST_PASSES == 40
    assert [done for done, _ in reported] == sorted({done for done, _ in reported})
    assert reported[-1] == (found.passes, found.passes)
    assert len(reported) >= 4
    assert np.isnan(found.stability) == (method in ("faster-scorecam", "saliency"))


def test_it_is_what_the_scores_are(small_instrumented, small_batch):
    image = small_batch[1]
    shown = heatmap(small_instrumented, image, "gradcam")
    found = belief.believe(small_instrumented, image, 2, shown, at=AT)

    def probability(images):
        return probabilities_of(small_instrumented, images, [2] * len(images))

    ((deletion, insertion),) = erasing_curves(image, [shown.heatmap], probability, belief.CURVE_STEPS)
    np.testing.assert_allclose(found.deletion.probabilities, deletion.probabilities, atol=1e-6)
    np.testing.assert_allclose(found.insertion.probabilities, insertion.probabilities, atol=1e-6)
    assert found.centre_deletion.probabilities[0] == found.deletion.probabilities[0]
    assert not np.allclose(found.centre_deletion.probabilities, found.deletion.probabilities)
    other = heatmap(forgetful(small_instrumented), image, "gradcam")
    assert found.sanity == pytest.approx(agreement(shown.gradcam, other.gradcam), nan_ok=True)
    copies = [heatmap(small_instrumented, copy, "gradcam").gradcam for copy in noisy(image)]
    assert found.stability == pytest.approx(mean_agreement(shown.gradcam, np.stack(copies)), nan_ok=True)


def test_layers_are_scored_as_over_a_data_set(small_instrumented, small_batch, seen):
    reported = []
    found = belief.score_layers(small_instrumented, small_batch[0], 4, progress=lambda *t: reported.append(t))
    layers = usual_layers(small_instrumented.engine.architecture)
    assert sum(seen) == found.passes == 9 * len(layers) + 4
    assert reported[-1] == (found.passes, found.passes)
    assert tuple(found.layers) == layers
    wanted = Wanted(("gradcam",), layers, belief.LAYER_SCORES)
    (expected,) = score(small_instrumented, small_batch[:1], [4], [None], wanted, belief.LAYER_STEPS)
    for layer in layers:
        assert found.layers[layer] == pytest.approx(expected["gradcam"][layer])


def test_the_centre_comes_first_in_its_own_map():
    found = from_centre((5, 7))
    assert found.argmax() == 2 * 7 + 3
    assert found[0, 0] == found.min()
    assert found[2, 1] == pytest.approx(-2 / 7)


def test_best_layers():
    layers = {
        "a": {
            "insertion": 0.2,
            "deletion": 0.2,
            "sanity": -0.4,
            "average_drop": None,
            "increase": float("nan"),
        },
        "b": {"insertion": 0.3, "deletion": 0.4, "sanity": 0.1, "average_drop": None, "increase": 0.5},
        "c": {"insertion": 0.3, "deletion": 0.1, "sanity": 0.3, "average_drop": None, "increase": 0.5},
    }
    assert best_layers(layers) == {"insertion": "b", "deletion": "c", "sanity": "b"}
    assert best_layers({"a": layers["a"]}) == {"insertion": "a", "deletion": "a", "sanity": "a"}


def test_without_probabilities_there_is_nothing_to_watch(small_instrumented, small_batch):
    from dataclasses import replace

    from resnet_demo.engine.instrumented_model import InstrumentedModel
    from resnet_demo.errors import ArchitectureError

    network = small_instrumented.network
    silent = InstrumentedModel(replace(network, outputs=replace(network.outputs, activation="none")))
    with pytest.raises(ArchitectureError, match="taken for no probabilities"):
        belief.score_layers(silent, small_batch[0], 1)
