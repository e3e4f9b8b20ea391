"""A measure that is added to the catalogue, with its JSON form, is at once in every place where callers ask."""

from types import SimpleNamespace

import pytest

from resnet_demo.measures import catalogue, lab
from resnet_demo.measures.overview import analyze
from resnet_demo.measures.recorder import Recorder
from resnet_demo.results.forms import FORMS, Form
from resnet_demo.ui import api


@pytest.fixture
def brightness(monkeypatch):
    """A measure of no use: how bright the batch is, in units of its target."""

    def compute(model, batch, targets):
        return tuple((float(one.mean()), target) for one, target in zip(batch, targets, strict=True))

    measure = SimpleNamespace(NAME="brightness", REQUIRES=frozenset({"classes"}), compute=compute)
    form = Form(lambda found: {"mean": found[0], "target": found[1]}, "How bright.", "The mean.")
    for measures in ("OFFERED", "MEASURED"):
        monkeypatch.setattr(lab, measures, (*getattr(lab, measures), measure))
    monkeypatch.setitem(FORMS, "brightness", form)
    return measure


def test_every_form_is_of_a_measure():
    assert {measure.NAME for measure in catalogue.MEASURES} >= FORMS.keys()
    assert {measure.NAME for measure in lab.OFFERED} == FORMS.keys()
    assert {measure.COST for measure in set(lab.OFFERED) - set(lab.MEASURED)} == {"on demand"}
    assert "on demand" not in {measure.COST for measure in lab.MEASURED}


def test_it_is_in_analysis_json(brightness, small_instrumented, example_photos):
    found = analyze(small_instrumented, example_photos[0])
    numbers = found.numbers(lab.lab_table(small_instrumented, example_photos[0], found))
    mean = float(small_instrumented.batch(example_photos[0]).mean())
    assert numbers["brightness"] == {"mean": mean, "target": found.target.index}


def test_what_a_network_lacks_for_it_is_said_by_its_name(
    brightness, small_instrumented, example_photos, monkeypatch
):
    monkeypatch.setattr(brightness, "REQUIRES", frozenset({"no such capability", "residual"}))
    monkeypatch.setattr(catalogue, "lacking", lambda engine, requires: ValueError(*sorted(requires)))
    found = analyze(small_instrumented, example_photos[0])
    numbers = found.numbers(lab.lab_table(small_instrumented, example_photos[0], found))
    assert "no such capability" in numbers["left_out"]["brightness"]


def test_it_has_an_endpoint_which_says_what_it_does(brightness, small_instrumented, tmp_path):
    (one,) = (endpoint for endpoint in api.endpoints() if endpoint.name == "brightness")
    assert one.inputs == ("photo", "target")
    answer = api.Answers(Recorder(small_instrumented)).of("brightness")
    assert answer.__doc__.startswith("How bright.\n\nArgs:\n    photo: ")
    assert answer.__doc__.endswith("Returns:\n    The mean.\n")
