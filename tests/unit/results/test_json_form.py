"""The JSON form against its published schema."""

import copy
import json

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from resnet_demo.measures.lab import lab_table
from resnet_demo.measures.overview import analyze
from resnet_demo.photos.decoding import photo_from_pixels
from resnet_demo.results import analysis_json, json_form


@pytest.fixture(scope="module")
def validator():
    Draft202012Validator.check_schema(analysis_json.schema())
    return Draft202012Validator(analysis_json.schema())


@pytest.fixture(scope="module")
def numbers(small_instrumented, example_photos):
    photo = example_photos[0]
    analysis = analyze(small_instrumented, photo, top=3)
    return json.loads(
        json.dumps(analysis.numbers(lab_table(small_instrumented, photo, analysis)), allow_nan=False)
    )


def paths(errors):
    return sorted("/".join(map(str, error.absolute_path)) for error in errors)


def test_an_analysis_with_and_without_the_laboratory_is_valid(
    validator, numbers, small_instrumented, example_photos
):
    validator.validate(numbers)
    plain = analyze(small_instrumented, example_photos[0]).numbers()
    validator.validate(json.loads(json.dumps(plain)))
    assert numbers.keys() - plain.keys() == {"ledger", "as_it_forms"}
    assert numbers["schema_version"] == plain["schema_version"] == analysis_json.SCHEMA_VERSION == "1.0"
    assert [step["blocks"] for step in numbers["as_it_forms"]] == [0, 1, 2, 3, 4, 5]


def test_every_key_is_in_the_schema_and_a_wrong_one_is_seen(validator, numbers):
    assert (
        numbers.keys() | {"left_out", "belief", "layer_scores", "double_lesion"}
        == analysis_json.schema()["properties"].keys()
    )
    assert analysis_json.schema()["$id"].endswith(f":{analysis_json.SCHEMA_VERSION}")
    wrong = copy.deepcopy(numbers)
    wrong["schema_version"] = "2.0"
    wrong["blocks"][2]["surprise"] = 1
    wrong["blocks"][1]["closed_gates"] = 1.5
    del wrong["ledger"]["stem"]
    wrong["as_it_forms"][0]["top1"] = "church"

    assert paths(validator.iter_errors(wrong)) == [
        "as_it_forms/0/top1",
        "blocks/1/closed_gates",
        "blocks/2",
        "ledger",
        "schema_version",
    ]


def test_what_a_network_cannot_be_asked_is_left_out_by_name(validator, plain_instrumented, example_photos):
    analysis = analyze(plain_instrumented, example_photos[0])

    found = json.loads(
        json.dumps(analysis.numbers(lab_table(plain_instrumented, example_photos[0], analysis)))
    )

    validator.validate(found)
    assert found["blocks"] == []
    assert set(found["left_out"]) == {"blocks", "gradients", "lesion", "ledger", "as_it_forms"}
    assert not found.keys() & {"ledger", "as_it_forms"}
    assert set(analysis.numbers()["left_out"]) == {"blocks"}


@pytest.mark.parametrize("colour", [(0, 0, 0), (250, 30, 90)])
def test_a_photo_of_one_colour_is_said_to_hold_no_evidence(small_instrumented, colour):
    pixels = np.full((50, 70, 3), colour, np.uint8)
    assert analyze(small_instrumented, photo_from_pixels(pixels)).numbers()["image"]["notes"] == [
        "no_evidence"
    ]
    pixels[:5, :9] += 3
    assert analyze(small_instrumented, photo_from_pixels(pixels)).numbers()["image"]["notes"] == []


def test_what_is_not_finite_becomes_null():
    assert json_form.plain({"a": [float("nan"), 1.5], "b": (float("-inf"), 2)}) == {
        "a": [None, 1.5],
        "b": [None, 2],
    }
