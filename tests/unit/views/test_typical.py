"""A block's numbers stand beside what is typical of the bundled weights, and unusual ones are named."""

from dataclasses import replace

import pytest

from resnet_demo.atlas.bundled import atlas_of
from resnet_demo.measures.overview import analyze
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.block import block_view


@pytest.fixture(scope="module")
def block(instrumented, example_photos):
    return analyze(instrumented, example_photos[0]).blocks[4]


def rows(view: str, language: str) -> list[str]:
    part = view.split("re-typical")[1].split("</table>")[0]
    assert Words(language)("typical_title") in part
    return part.split("<tbody>")[1].split("</tr>")[:3]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_number_has_its_band(instrumented, block, language):
    atlas = atlas_of(instrumented.network.provenance.sha256)
    shares = atlas["blocks"][4]["ratio"]["quantiles"]
    words = Words(language)
    inside = replace(block, ratio=(shares["0.05"] + shares["0.95"]) / 2)
    outside = replace(block, ratio=shares["0.95"] * 1.1)
    for one, said in ((inside, "usual"), (outside, "unusual")):
        ratio, *_ = rows(block_view(one, words, atlas=atlas), language)
        assert f"{shares['0.05']:.3g}" in ratio
        assert f">{words(said)}<" in ratio


def test_other_weights_have_no_band(block):
    assert "re-typical" not in block_view(block, Words("en"), atlas=atlas_of("0" * 64))
