"""The atlas that comes with the package is of the weights that come with it, small, and what `bundle_atlas` makes."""

import pytest

from resnet_demo.atlas.bundled import BUNDLED, KEPT, atlas_of, trimmed
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
    assert BUNDLED.stat().st_size < 30_000


def test_every_kept_quantity_has_its_spread(atlas):
    for block in atlas["blocks"]:
        for name in KEPT:
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


def test_trimming_keeps_four_digits(atlas):
    blocks = [{"ratio": {"mean": 1 / 3}, "ledger": {"mean": -2e-7 / 3}}]
    found = trimmed(atlas | {"classes": [one | {"blocks": blocks} for one in atlas["classes"]]})
    assert found["classes"][0]["ratio"] == [0.3333]
    assert found["classes"][0]["ledger"] == [-6.667e-08]
