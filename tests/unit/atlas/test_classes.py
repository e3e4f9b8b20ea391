"""A photo's class is found by WordNet id, by name in either language, or by index."""

import pytest

from resnet_demo.atlas.classes import class_finder
from resnet_demo.results.classes import Label

LABELS = (
    Label("n01440764", "tench", "丁鱥"),
    Label("n03028079", "church", "教堂"),
    Label("n03394916", "French horn", "圆号"),
)


@pytest.mark.parametrize(
    ("labelled", "expected"),
    [
        (("n03394916", "tench", 1), 2),  # the WordNet id decides
        (("n99999999", "tench", 1), None),  # a class of ImageNet that the network does not have
        ((None, "French_Horn", 0), 2),
        ((None, "教堂", None), 1),
        ((None, "elephant", 1), None),
        ((None, None, 1), 1),
        ((None, None, 3), None),
        ((None, None, None), None),
    ],
)
def test_what_decides(labelled, expected):
    assert class_finder(LABELS)(*labelled) == expected


def test_a_network_without_wordnet_ids_goes_by_names():
    named = tuple(Label("", label.english, label.english) for label in LABELS)
    assert class_finder(named)("n01440764", "church", 0) == 1
