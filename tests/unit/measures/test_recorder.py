"""Each record is measured once, and is the measure's own."""

from dataclasses import asdict, fields

import numpy as np
import pytest

from resnet_demo.errors import UnknownClassError
from resnet_demo.measures import attribution, feature_maps, gates, gradcam, logit_attribution, split
from resnet_demo.measures.compare import compare_classes, compare_photos
from resnet_demo.measures.dossier import dossier
from resnet_demo.measures.lab import lab_table
from resnet_demo.measures.overview import analyze
from resnet_demo.results.analysis import Overview

OVERVIEW = {field.name for field in fields(Overview)}


def same(one, other):
    """Records, to rounding."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5 * max(1, np.abs(other).max()))
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-5, nan_ok=True)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            same(one[key], other[key])
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            same(*pair)
    else:
        assert one == other


def test_an_analysis_is_one_pass_and_another_class_or_layer_a_heatmap_more(recorder, example_photos):
    photo, model = example_photos[0], recorder.model

    asked = [(None, None), (3, None), (None, "conv2_block2"), (3, "conv2_block2")]
    found = [recorder.analysis(photo, target, at, top=3) for target, at in asked]

    assert recorder.runs == ["_analysis_pass", "_gradcam", "_gradcam", "_gradcam"]
    for (target, at), one in zip(asked, found, strict=True):
        same(asdict(one), asdict(analyze(model, photo, target, at, top=3)))
    recorder.runs.clear()
    for (target, at), one in zip(asked, found, strict=True):
        assert recorder.analysis(photo, target, at, top=3).numbers() == one.numbers()
    assert recorder.analysis(photo, found[0].target.index).target == found[0].target
    assert recorder.analysis(photo, at="e_output").gradcam is found[0].gradcam, (
        "the same layer by another name"
    )
    assert recorder.runs == []


def test_the_laboratory_reuses_the_overviews_pass(recorder, example_photos):
    photo = example_photos[0]
    analysis = recorder.analysis(photo, at="conv2")
    recorder.runs.clear()

    found = recorder.lab(photo)

    assert recorder.runs == ["_gradients_pass", "_growing_batch", "_attribution_pass", "_forming_pass"]
    same(asdict(found), asdict(lab_table(recorder.model, photo, analysis)))
    recorder.runs.clear()
    assert recorder.lab(photo, analysis.target.index) == found
    recorder.of(logit_attribution.compute, photo)
    recorder.of(logit_attribution.compute, photo, analysis.target.index)
    assert recorder.runs == []


def test_the_stages_show_what_the_overview_has_seen(recorder, example_photos):
    photo = example_photos[0]
    recorder.analysis(photo)
    recorder.runs.clear()

    found = [
        recorder.feature_maps(photo, at, k) for at, k in (("conv1", 8), ("conv3", 5), ("conv3_block3", 5))
    ]

    assert recorder.runs == []
    recorder.feature_maps(photo, "conv3_block1", 5)
    recorder.feature_maps(photo, "conv3_block1", 5)
    assert recorder.runs == ["_feature_maps"]
    batch = recorder.model.batch(photo)
    for maps in found:
        expected = feature_maps.compute(recorder.model, batch, [None], at=maps.name, k=len(maps.channels))[0]
        same(asdict(maps), asdict(expected))


def test_comparisons_take_each_ledger_once(recorder, example_photos):
    one, other = example_photos
    batch = recorder.model.batch(one, other)
    expected = compare_classes(recorder.model, batch[:1]), compare_photos(recorder.model, batch, 2)
    recorder.runs.clear()

    found = recorder.compare_classes(one), recorder.compare_photos(one, other, 2)

    same([asdict(c) for c in found], [asdict(c) for c in expected])
    recorder.compare_photos(other, one, 2)
    recorder.compare_classes(one, found[0].second.target, found[0].first.target)
    assert sorted(recorder.runs) == ["_attribution_pass", "_attribution_pass", "_two_attributions"], (
        "and a third class of both"
    )


def test_classes_alone_take_the_shortest_pass_and_none_after_an_overview(recorder, example_photos):
    one, other = example_photos
    expected = analyze(recorder.model, one, top=4), analyze(recorder.model, other, top=4)
    recorder.runs.clear()

    assert [p.index for p in recorder.classes(one, 4)] == [p.index for p in expected[0].predictions]
    same([asdict(p) for p in recorder.classes(one, 4)], [asdict(p) for p in expected[0].predictions])
    recorder.compare_classes(one)
    assert recorder.runs == ["_logits", "_two_attributions"]
    recorder.runs.clear()
    same(
        asdict(recorder.overview(other, top=4)),
        {k: v for k, v in asdict(expected[1]).items() if k in OVERVIEW},
    )
    recorder.classes(other)
    assert recorder.runs == ["_analysis_pass"]


def test_options_and_photos_are_told_apart(recorder, example_photos):
    for photo in example_photos * 2:
        for values in ((1, 0.5, 1, 1, 0), (1, 0, 1, 1, 0)):
            recorder.of(gates.compute, photo, gates=values, top=2)
        recorder.of(split.compute, photo, 1)
        recorder.of(gradcam.compute, photo, 1, at="conv2")

    assert recorder.runs == ["_gated_logits", "_gated_logits", "_split_pass", "_gradcam"] * 2


def test_progress_is_told_and_is_no_part_of_the_record(recorder, example_photos):
    reported = []
    options = {"method": "saliency", "samples": 3}

    first = recorder.of(
        attribution.compute, example_photos[0], 2, lambda *done: reported.append(done), **options
    )

    assert reported == [(1, 3), (2, 3), (3, 3)]
    assert recorder.of(attribution.compute, example_photos[0], 2, reported.append, **options) is first
    assert len(reported) == 3


def test_errors_are_not_kept(recorder, example_photos):
    for _ in range(2):
        with pytest.raises(UnknownClassError):
            recorder.analysis(example_photos[0], 7)
    recorder.analysis(example_photos[0])
    with pytest.raises(UnknownClassError):
        recorder.analysis(example_photos[0], -1)


def test_a_dossier_has_the_scores_that_were_asked_before_it_and_takes_no_pass_for_them(
    recorder, example_photos
):
    photo, at = example_photos[0], "conv3_block2"
    first = dossier(recorder, photo, 2, at, lab=False)
    assert (first.scores.belief, first.scores.layers) == (None, None)
    assert not {"belief", "layer_scores"} & first.numbers.keys()

    belief = recorder.belief(photo, 2, at, channels=7)  # which Grad-CAM does not take
    recorder.belief(photo, 2, at, "gradcam++")
    layers = recorder.layers(photo, 2)
    recorder.runs.clear()
    found = dossier(recorder, photo, 2, at, lab=False)
    assert recorder.runs == []
    assert found.scores.belief is belief
    assert found.scores.layers is layers
    assert found.numbers["belief"]["deletion"]["area"] == belief.deletion.area
    assert found.numbers["layer_scores"]["layers"].keys() == layers.layers.keys()
    assert dossier(recorder, photo, 2, "conv2_block1", lab=False).scores.belief is None
    assert dossier(recorder, photo, 3, at, lab=False).scores.layers is None
    assert dossier(recorder, photo, 2, at, lab=False, scores=True).scores == found.scores
