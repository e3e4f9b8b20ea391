"""Two blocks at once: every pair stands in the square twice, one block alone on its diagonal."""

from itertools import combinations
from xml.etree import ElementTree

from resnet_demo.results.classes import Label, Prediction
from resnet_demo.results.laboratory import DoubleLesion, Lesion
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.pairs import pairs_view

NAMES = ("conv2_block1", "conv2_block2", "conv3_block1")
CAT, DOG = (Prediction(i, Label(f"n{i}", name, name), 0.5, 1.0) for i, name in enumerate(("cat", "dog")))
ALONE = [Lesion(name, -0.5 * i, -0.1, CAT, False) for i, name in enumerate(NAMES)]


def drawn(changed, language="en"):
    pairs = [
        DoubleLesion(two, -1.0 - i, -0.2, DOG if i in changed else CAT, i in changed)
        for i, two in enumerate(combinations(NAMES, 2))
    ]
    return ElementTree.fromstring(pairs_view(pairs, ALONE, "cat", Words(language)))


def test_every_pair_says_its_change():
    said = [cell.get("aria-label") for cell in drawn({2}).iter("td") if cell.get("aria-label")]

    assert said[1] == said[3] == "without conv2_block1 and conv2_block2: logit −1.00; on top: cat"
    assert said[5] == said[7] == "without conv2_block2 and conv3_block1: logit −3.00; on top: dog"
    assert said[8] == "without conv3_block1: logit −1.00; on top: cat"
    assert len(said) == 9


def test_the_sentence_names_what_costs_most():
    some, none = ("".join(drawn(changed).find("p").itertext()) for changed in ({0, 2}, ()))

    assert "in 2 of 3 pairs" in some
    assert (
        "without conv2_block2 and conv3_block1: its logit changes by −3.00, and the top class is then dog"
        in some
    )
    assert none.startswith("No two blocks are indispensable: the top class stays in all 3 pairs.")
    assert "2 对换成了别的类别" in "".join(drawn({0, 2}, "zh").find("p").itertext())
    formula = next(p for p in drawn(()).iter("p") if p.get("class") == "re-formula")
    assert (
        formula.text
        == "without conv2_block2 −0.500, without conv3_block1 −1.00, together −1.50; without both −3.00"
    )
