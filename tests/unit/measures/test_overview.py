"""One Analysis out of one pass, and the form in which it leaves the program."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import tensorflow as tf

from resnet_demo.engine.instrumented_model import InstrumentedModel
from resnet_demo.errors import OptionError, UnknownClassError, UnknownLayerError
from resnet_demo.measures import feature_maps, gradcam
from resnet_demo.measures.attribution import heatmap
from resnet_demo.measures.gradients import gradient_splits
from resnet_demo.measures.lesion import lesion_logits
from resnet_demo.measures.overview import analyze
from resnet_demo.photos.decoding import photo_from_pixels
from resnet_demo.results.analysis import ImageFacts

MAGNITUDES = {"mean_magnitude", "rms", "std"}


@pytest.fixture(scope="module")
def analysis(instrumented, example_photos):
    return analyze(instrumented, example_photos[1])


@pytest.fixture(scope="module")
def photo():
    pixels = np.random.default_rng(5).integers(0, 256, (50, 70, 3), np.uint8)
    pixels[:20, 40:] //= 3
    return photo_from_pixels(pixels, name="drawn.png")


def test_the_predictions_are_those_of_the_logits(instrumented, example_batch, analysis):
    logits = instrumented.engine.logits(example_batch[1:])[0]

    assert [p.index for p in analysis.predictions] == list(np.argsort(-logits)[:5])
    np.testing.assert_allclose([p.logit for p in analysis.predictions], np.sort(logits)[::-1][:5], rtol=1e-4)
    assert analysis.predictions[0].label == instrumented.labels[analysis.predictions[0].index]
    assert analysis.target == analysis.predictions[0]
    assert analysis.input_shape == (1, 224, 224, 3)
    weights = instrumented.network.provenance
    assert vars(analysis.weights) == {name: getattr(weights, name) for name in vars(analysis.weights)}


def test_everything_in_it_is_what_the_single_measurements_say(instrumented, example_batch, analysis):
    batch = example_batch[1:]

    alone = gradcam.gradcam(instrumented, batch, "conv5_block3")
    assert analysis.gradcam.layer == alone.layer
    np.testing.assert_allclose(analysis.gradcam.gradcam, alone.gradcam, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(analysis.gradcam.heatmap, alone.heatmap, rtol=1e-4, atol=1e-6)
    assert [s.name for s in analysis.stages] == ["conv1", "pool1", "conv2", "conv3", "conv4", "conv5"]
    assert [s.maps.shape for s in analysis.stages] == [
        (n, n, 16) for n in (112, 56, 56, 28, 14, 7)
    ]  # fmt: skip
    stage = feature_maps.compute(instrumented, batch, [None], at="conv2")[0]
    np.testing.assert_allclose(analysis.stages[2].means, stage.means, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(analysis.stages[2].channels, stage.channels)


def test_shares_of_every_block_add_up_to_one(analysis):
    assert len(analysis.blocks) == 16
    for block in analysis.blocks:
        shares = block.energy
        assert shares.shortcut + shares.residual + shares.cross == pytest.approx(1, abs=1e-4)
        assert block.novelty**2 + block.cosine**2 == pytest.approx(1)
        assert block.ratio == pytest.approx(block.residual.rms / block.shortcut.rms)
        assert (block.change is None) == (block.kind == "projection")


def test_the_numbers_have_the_keys_of_the_format_and_no_others(analysis):
    numbers = json.loads(json.dumps(analysis.numbers(), allow_nan=False))

    assert list(numbers) == [
        "schema_version",
        "image",
        "weights",
        "network",
        "predictions",
        "target",
        "gradcam",
        "stages",
        "blocks",
    ]
    assert numbers["gradcam"].keys() == {"layer", "maximum", "mean"}
    for stage in numbers["stages"]:
        assert stage.keys() == {"name", "layer", "shape", "channels", "means"}
    assert numbers["weights"].keys() == {"name", "variant", "sha256", "classes"}
    assert numbers["target"].keys() == {"index", "label", "logit"}
    assert len(numbers["predictions"]) == 5
    for prediction in numbers["predictions"]:
        assert prediction.keys() == {"index", "wnid", "label", "probability", "logit"}
    assert len(numbers["blocks"]) == 16
    for block in numbers["blocks"]:
        assert list(block) == [
            "name", "stage", "kind", "shape", "shortcut", "residual", "sum", "output",
            "ratio", "cosine", "novelty", "energy", "closed_gates", "change",
        ]  # fmt: skip
        for tensor in ("shortcut", "residual", "sum", "output"):
            assert block[tensor].keys() == MAGNITUDES
        assert block["energy"].keys() == {"shortcut", "residual", "cross"}
        assert block["kind"] == ("projection" if block["name"].endswith("block1") else "identity")
    assert numbers["blocks"][3]["name"] == "conv3_block1"
    assert numbers["blocks"][3]["shape"] == [28, 28, 512]


def test_the_numbers_are_the_analysis(analysis):
    numbers = analysis.numbers()

    assert numbers["weights"]["classes"] == 10
    assert numbers["weights"]["sha256"] == analysis.weights.sha256
    assert numbers["target"]["label"] == analysis.target.label.english
    assert numbers["predictions"][1]["wnid"] == analysis.predictions[1].label.wnid
    assert numbers["blocks"][7]["residual"]["rms"] == analysis.blocks[7].residual.rms
    assert numbers["blocks"][7]["energy"]["cross"] == analysis.blocks[7].energy.cross
    assert numbers["gradcam"]["layer"] == "conv5_block3_out"
    map_ = analysis.gradcam.gradcam
    assert numbers["gradcam"]["maximum"] == map_.max()
    assert numbers["gradcam"]["mean"] == pytest.approx(map_.sum() / 49)
    assert [s["name"] for s in numbers["stages"]] == ["conv1", "pool1", "conv2", "conv3", "conv4", "conv5"]
    assert numbers["stages"][4]["layer"] == "conv4_block6_out"
    assert numbers["stages"][4]["shape"] == [14, 14, 1024]
    assert numbers["stages"][4]["channels"] == list(analysis.stages[4].channels)
    maps = analysis.stages[4].maps
    assert numbers["stages"][4]["means"] == pytest.approx(maps.mean(axis=(0, 1)), rel=1e-4)
    assert numbers["image"].keys() == {"name", "format", "width", "height", "notes"}


def test_a_number_there_is_not_becomes_null(analysis):
    without = replace(
        analysis, blocks=(replace(analysis.blocks[0], cosine=float("nan"), ratio=float("inf")),)
    )

    (block,) = json.loads(json.dumps(without.numbers(), allow_nan=False))["blocks"]

    assert block["cosine"] is block["ratio"] is None
    assert block["novelty"] == analysis.blocks[0].novelty


def test_the_arrays_have_the_names_of_the_format(analysis):
    arrays = analysis.arrays()

    names = [b.name for b in analysis.blocks]
    assert set(arrays) == {"gradcam", "heatmap"} | {
        f"{map_}/{name}" for map_ in ("shortcut_map", "residual_map", "share_map") for name in names
    }
    assert arrays["gradcam"].shape == (7, 7)
    assert arrays["heatmap"].shape == (224, 224)
    assert arrays["residual_map/conv3_block2"].shape == (28, 28)
    assert {a.dtype for a in arrays.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(arrays["shortcut_map/conv2_block1"], analysis.blocks[0].shortcut_map)
    np.testing.assert_array_equal(arrays["residual_map/conv2_block1"], analysis.blocks[0].residual_map)
    assert ((arrays["share_map/conv5_block3"] >= 0) & (arrays["share_map/conv5_block3"] <= 1)).all()


def test_a_target_and_a_layer_can_be_chosen(small_instrumented, photo):
    ranked = analyze(small_instrumented, photo, top=7).predictions
    second = ranked[1].index

    found = analyze(small_instrumented, photo, target=second, at="conv2_block1", top=2)

    assert found.target == ranked[1]
    assert [p.index for p in found.predictions] == [ranked[0].index, second]
    expected = gradcam.gradcam(small_instrumented, small_instrumented.batch(photo), "conv2_block1", second)
    assert found.gradcam.layer == "a_output"
    np.testing.assert_allclose(found.gradcam.gradcam, expected.gradcam, rtol=1e-4, atol=1e-6)
    elsewhere = analyze(small_instrumented, photo, target=second, at="conv3").numbers()["gradcam"]
    assert found.numbers()["gradcam"]["layer"] == "a_output"
    assert found.numbers()["gradcam"] != elsewhere


def test_class_zero_is_a_target_of_its_own(small_instrumented, photo):
    assert analyze(small_instrumented, photo, target=0).target.index == 0


@pytest.mark.parametrize("at", ["stem", "pool1", "conv2", "conv3_block2"])
def test_the_profile_does_not_depend_on_where_grad_cam_looks(small_instrumented, photo, at):
    everywhere, here = analyze(small_instrumented, photo), analyze(small_instrumented, photo, at=at)

    for expected, found in zip(everywhere.numbers()["blocks"], here.numbers()["blocks"], strict=True):
        assert found["residual"] == pytest.approx(expected["residual"], rel=1e-4)
        assert found["energy"] == pytest.approx(expected["energy"], rel=1e-3, abs=1e-4)


def test_an_analysis_is_one_pass_traced_once(small_instrumented, photo):
    instrumented = InstrumentedModel(small_instrumented.network)
    runs, run = [], instrumented.engine.run

    def counted(function, *arrays, **static):
        runs.append(static)
        return run(function, *arrays, **static)

    instrumented.engine.run = counted
    for target in (None, 3, 5):
        analyze(instrumented, photo, target=target)

    assert runs == [{"watched": ("e_output",)}] * 3
    assert len(instrumented.engine._passes) == 1


def test_looking_elsewhere_is_one_pass_a_stage_however_many_the_blocks(small_instrumented, photo):
    instrumented = InstrumentedModel(small_instrumented.network)
    layers = instrumented.engine.architecture.layers

    for layer in layers:
        analyze(instrumented, photo, at=layer.name)

    assert len(layers) == 9
    assert len(instrumented.engine._passes) == 5, "the default, conv1, pool1, conv2, conv3"


def test_a_network_in_float64_gives_the_same_analysis(small_instrumented, exact_instrumented, photo):
    expected, found = (analyze(e, photo, at="conv3_block1") for e in (small_instrumented, exact_instrumented))

    assert found.gradcam.gradcam.dtype == found.stages[0].maps.dtype == np.float64
    for name, array in found.arrays().items():
        np.testing.assert_allclose(array, expected.arrays()[name], rtol=0, atol=1e-4 * np.abs(array).max())
    for exact, block in zip(found.blocks, expected.blocks, strict=True):
        assert block.closed_gates == pytest.approx(exact.closed_gates, abs=1e-3)
        assert block.residual.rms == pytest.approx(exact.residual.rms, rel=1e-4)


@pytest.mark.slow
def test_threads_on_one_network_give_what_one_after_another_gives(small_instrumented, small_batch, photo):
    at = ["conv2_block1", None, "conv1", "conv3"]

    def measure(instrumented, i):
        batch = small_batch[i % 3 :][:1]
        return [
            analyze(instrumented, photo, target=i % 7, at=at[i % 4]).arrays(),
            lesion_logits(instrumented.engine, batch),
            [vars(split) for split in gradient_splits(instrumented, batch, i % 7)],
            heatmap(instrumented, batch, "gradcam++", "conv2_block2", i % 7).heatmap,
        ]

    expected = [measure(small_instrumented, i) for i in range(8)]
    untraced = InstrumentedModel(small_instrumented.network)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: measure(untraced, i), range(8)))

    for one, other in zip(found, expected, strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, one, other)
    assert not np.array_equal(found[0][3], found[3][3]), "or the comparison would show nothing"


def test_an_analysis_is_frozen_and_leaves_the_photo_alone(small_instrumented, photo):
    before = photo.pixels.copy()

    found = analyze(small_instrumented, photo)

    with pytest.raises(FrozenInstanceError):
        found.target = None
    np.testing.assert_array_equal(photo.pixels, before)
    assert found.image == ImageFacts("drawn.png", "array", width=70, height=50, notes=())


def test_the_same_photo_gives_the_same_analysis(small_instrumented, photo):
    first, second = analyze(small_instrumented, photo), analyze(small_instrumented, photo)

    assert first.numbers() == second.numbers()
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name])


def test_what_is_not_there_is_refused(small_instrumented, photo):
    with pytest.raises(UnknownLayerError, match=r"'conv6'\. Accepted: conv1, pool1, conv2, conv3"):
        analyze(small_instrumented, photo, at="conv6")
    for target in (-1, 7):
        with pytest.raises(UnknownClassError, match=rf"Received: {target}\. Accepted: 0 to 6"):
            analyze(small_instrumented, photo, target=target)
    with pytest.raises(OptionError, match="top=0"):
        analyze(small_instrumented, photo, top=0)
