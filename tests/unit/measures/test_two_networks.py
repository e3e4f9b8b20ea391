"""Two networks on one photo: each is measured as by itself; classes meet by name; the parts add up to the logits."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import ArchitectureError
from resnet_demo.measures.recorder import Recorder
from resnet_demo.measures.two_networks import compare_networks
from resnet_demo.networks.labels import make_label
from resnet_demo.networks.resnet import resnet
from resnet_demo.results.two_networks import keys_of
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.two_networks import side_by_side_view, summary_view


def named(small, names):
    """The small network with these classes: (wnid, name), or a name alone."""
    labels = tuple(make_label(*pair) if isinstance(pair, tuple) else make_label("", pair) for pair in names)
    return InstrumentedModel(replace(small.network, labels=labels))


@pytest.fixture(scope="module")
def first(small_instrumented):
    return Recorder(
        named(small_instrumented, ["kite", ("n1", "tench"), "boat", "church", "dog", "cat", "golf_ball"])
    )


@pytest.fixture(scope="module")
def second(small_instrumented):
    """ResNet-18 of four classes, two of which the first knows, one under another name."""
    keras.utils.set_random_seed(3)
    model = resnet(18, classes=4, input_shape=(32, 48, 3))
    labels = (
        make_label("", "Golf Ball"),
        make_label("", "moon"),
        make_label("n1", "Tinca tinca"),
        make_label("", "sun"),
    )
    provenance = replace(small_instrumented.network.provenance, name="other", classes=4)
    return Recorder(
        InstrumentedModel(
            replace(small_instrumented.network, model=model, labels=labels, provenance=provenance)
        )
    )


def test_each_is_measured_as_by_itself_for_the_class_that_both_know(first, second, example_photos):
    photo = example_photos[0]
    found = compare_networks(first, second, photo, 6)
    assert found.same_class
    assert [side.analysis.target.index for side in (found.first, found.second)] == [6, 0]
    for side, recorder, target in ((found.first, first, 6), (found.second, second, 0)):
        logits = recorder.model.engine.logits(recorder.model.batch(photo))[0]
        assert side.analysis.target.logit == pytest.approx(logits[target], abs=1e-4)
        assert sum(side.by_stage().values()) == pytest.approx(logits[target], abs=1e-3)
        alone = recorder.analysis(photo, target)
        np.testing.assert_array_equal(side.analysis.gradcam.heatmap, alone.gradcam.heatmap)
    assert (found.first.layer, found.second.layer) == ("conv3_block3", "conv5_block2")
    assert list(found.second.by_stage())[2:-1] == ["conv2", "conv3", "conv4", "conv5"]


def test_classes_meet_by_wordnet_id_or_name_in_any_spelling(first, second, example_photos):
    found = compare_networks(first, second, example_photos[0], 1)
    assert found.second.analysis.target.index == 2  # by its id
    pairs = {(mine.index, other.index) for mine, other in found.shared()}
    assert pairs == {(1, 2), (6, 0)}
    surest = [max(p.probability for p in pair) for pair in found.shared()]
    assert surest == sorted(surest, reverse=True)
    assert keys_of(make_label("n1", "Golf_Ball")) == ("n1", "golf ball")


def test_a_class_that_the_other_does_not_know_is_said_and_its_own_top_class_shown(
    first, second, example_photos
):
    found = compare_networks(first, second, example_photos[0], 0)
    assert not found.same_class
    assert found.second.analysis.target == found.second.analysis.predictions[0]
    for language in ("en", "zh"):
        words = Words(language)
        text = str(summary_view(found, words))
        top = words.class_of(found.second.analysis.target)
        sentence = words(
            "networks_own_class", second="other", label="kite", other=top, first_logit="", second_logit=""
        )
        assert sentence.split("kite")[0] in text
        drawn = str(side_by_side_view("data:,", found, words))
        assert drawn.count("re-networks-pair") == 4
        assert words("profile_hint") not in drawn  # nothing opens there


def test_a_network_without_classes_is_refused_in_one_sentence(first, small_instrumented, example_photos):
    model = small_instrumented.network.model
    backbone = keras.Model(model.input, model.get_layer("e_output").output)
    headless = Recorder(InstrumentedModel(replace(small_instrumented.network, model=backbone, labels=())))
    with pytest.raises(ArchitectureError, match="needs a network that scores classes"):
        compare_networks(first, headless, example_photos[0])
