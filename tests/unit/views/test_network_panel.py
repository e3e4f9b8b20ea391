"""The weights panel tells what is known, told, remembered or assumed, each marked, in both languages."""

from dataclasses import replace

import pytest

from resnet_demo.assets import EXAMPLES
from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.measures.overview import analyze
from resnet_demo.networks.facts import facts_of
from resnet_demo.networks.outputs import Outputs, settle_outputs
from resnet_demo.networks.preprocessing import NAMED
from resnet_demo.networks.settled import Settled, Statement
from resnet_demo.photos.decoding import read_photo
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.network import network_panel
from resnet_demo.views.sections.overview import headline


def panel(small: InstrumentedModel, preprocessing: Settled, outputs: Outputs, language: str) -> str:
    network = replace(small.network, preprocessing=preprocessing, outputs=outputs)
    return str(network_panel(facts_of(network, small.engine.architecture), Words(language)))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("source", ["model", "told", "metadata", "memory", "assumed"])
def test_how_each_is_known_is_marked(small_instrumented, source, language):
    words = Words(language)
    outputs = settle_outputs(7, override=("sigmoid", "--activation"))
    text = panel(small_instrumented, Settled(NAMED["tf"], source, "x.json"), outputs, language)
    assert f're-source-{source}">{words(f"known_{source}")}<' in text
    assert f're-source-told">{words("known_told")}<' in text
    assert NAMED["tf"].formula() in text
    assert words("known_several") in text
    assert "re-warning" not in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_looks_wrong_is_said_with_both_numbers(small_instrumented, language):
    preprocessing = Settled(NAMED["caffe"], "told", "--preprocessing", {"torch": 0.0274, "caffe": 5.34})
    outputs = settle_outputs(1, override=("softmax", "--activation"))
    text = panel(small_instrumented, preprocessing, outputs, language)
    _, _, warnings = text.partition("re-warning")
    assert "0.0274" in warnings
    assert "5.34" in warnings
    assert Words(language)("why_outputs_constant") in warnings


def test_what_the_users_options_make_superfluous_is_said(small_instrumented):
    preprocessing = Settled(
        NAMED["raw"], "model", "rescaling", unused=Statement(NAMED["unit"], "--preprocessing")
    )
    text = panel(small_instrumented, preprocessing, settle_outputs(7, "softmax"), "en")
    assert "--preprocessing says unit" in text.partition("re-warning")[2]


def test_scores_that_are_no_probabilities_are_not_called_unsure(small_instrumented):
    outputs = settle_outputs(7, override=("none", "--activation"))
    model = InstrumentedModel(replace(small_instrumented.network, outputs=outputs))
    photo = read_photo(EXAMPLES / "golf-ball-in-grass.jpg")
    analysis = analyze(model, photo)
    text = str(headline(analysis, Words("en")))
    assert f"<h2>{analysis.predictions[0].label.english}, –</h2>" in text
