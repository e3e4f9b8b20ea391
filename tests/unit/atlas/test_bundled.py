"""The atlas that comes with the package is of the weights that come with it, small, and what `bundle_atlas` makes."""

import numpy as np
import pytest

from resnet_demo.atlas import store
from resnet_demo.atlas.bundled import BUNDLED, FILE, SHOWN, atlas_of, trimmed
from resnet_demo.errors import OptionError
from resnet_demo.results import findings


@pytest.fixture(scope="module")
def atlas(instrumented):
    return atlas_of(instrumented.network.provenance.sha256)


def test_it_is_of_the_bundled_weights_and_of_no_others(atlas, instrumented):
    assert atlas["images"] == 60
    assert [block["name"] for block in atlas["blocks"]] == [
        b.name for b in instrumented.engine.architecture.blocks
    ]
    assert atlas_of("0" * 64) is None
    assert BUNDLED.stat().st_size < 60_000


def test_every_kept_quantity_has_its_spread(atlas):
    for block in atlas["blocks"]:
        for name in SHOWN:
            one = block[name]
            assert one["count"] == 60
            shares = list(one["quantiles"].values())
            assert shares == sorted(shares)
            low, high = one["mean"] - 3 * one["std"], one["mean"] + 3 * one["std"]
            assert low <= shares[2] <= high  # the median
            assert one["std"] > 0


def test_unusual_is_outside_of_nine_in_ten():
    typical = {"quantiles": {"0.05": 0.2, "0.5": 0.3, "0.95": 0.4}}
    assert [findings.unusual(value, typical) for value in (0.19, 0.2, 0.3, 0.4, 0.41)] == [
        True,
        False,
        False,
        False,
        True,
    ]


def test_the_classes_together_are_all_photos(atlas):
    assert [one["label"] for one in atlas["classes"]][:2] == ["tench", "English springer"]
    counts = np.array([one["images"] for one in atlas["classes"]])
    assert counts.sum() == atlas["images"]
    for name in ("ratio", "novelty", "closed_gates", "lesion", "ledger"):
        means, deviations = (
            np.array([one[name][key] for one in atlas["classes"]]) for key in ("mean", "std")
        )
        whole = [block[name]["mean"] for block in atlas["blocks"]]
        np.testing.assert_allclose(counts @ means / counts.sum(), whole, rtol=2e-3, atol=2e-4)
        assert (deviations > 0).all()


def test_layers_scores_are_kept(atlas):
    layers = atlas["scores"]["gradcam"]
    assert list(layers) == [
        "conv5_block3",
        "conv5_block2",
        "conv5_block1",
        "conv4_block6",
        "conv3_block4",
        "conv2_block3",
    ]
    assert layers["conv5_block3"]["stability"]["mean"] > layers["conv2_block3"]["stability"]["mean"]


QUANTILES = {"0.05": -2e-7 / 3, "0.95": 2.0}


def test_trimming_keeps_four_digits_and_what_there_is(atlas):
    blocks = [{"name": "b", "ratio": {"mean": 1 / 3, "std": 0, "count": 1, "quantiles": QUANTILES}}]
    classes = [{"index": 0, "label": "a", "images": 1, "blocks": blocks}]
    found = trimmed(atlas | {"blocks": blocks, "classes": classes, "scores": {}})
    assert found["classes"][0]["ratio"] == {"mean": [0.3333], "std": [0]}
    assert found["blocks"][0]["ratio"]["quantiles"] == {"0.05": -6.667e-08, "0.95": 2.0}
    assert set(found["blocks"][0]) == {"name", "ratio"}


def test_a_hosts_own_atlas_is_read_for_its_weights_alone(tmp_path, monkeypatch, atlas):
    blocks = [{"name": "b", "ratio": {"mean": 0.5, "std": 0, "count": 1, "quantiles": QUANTILES}}]
    classes = [{"index": 0, "label": "a", "images": 1, "blocks": blocks}]
    mine = atlas | {
        "weights": {"name": "mine", "sha256": "1" * 64},
        "blocks": blocks,
        "classes": classes,
        "scores": {},
    }
    path = tmp_path / "mine.json"
    store.write(path, mine)
    monkeypatch.setenv(FILE, str(path))
    assert atlas_of("1" * 64)["blocks"][0]["ratio"]["mean"] == 0.5
    assert atlas_of(atlas["weights"]["sha256"]) == atlas
    assert atlas_of("2" * 64) is None
    monkeypatch.setenv(FILE, str(tmp_path / "none.json"))
    with pytest.raises(OptionError, match="no atlas"):
        atlas_of("1" * 64)
