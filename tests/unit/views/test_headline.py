"""The title says what is true: what the network sees, perhaps sees, or that it knows nothing probable."""

from dataclasses import replace

import pytest

from resnet_demo.assets import EXAMPLES
from resnet_demo.measures.overview import analyze
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results.classes import Label
from resnet_demo.views.messages.words import Words
from resnet_demo.views.sections.overview import headline


@pytest.fixture(scope="module")
def analysis(small_instrumented):
    return analyze(small_instrumented, read_photo(EXAMPLES / "golf-ball-in-grass.jpg"))


@pytest.mark.parametrize(
    ("probability", "classes", "english", "chinese"),
    [
        (0.914, 10, "French horn, 91.4%", "圆号，91.4%"),
        (0.186, 10, "None of the ten classes it knows is probable", "它认识的十个类别都不像"),
        (0.186, 1000, "Perhaps French horn, 18.6%", "可能是圆号，18.6%"),
    ],
)
def test_the_title(analysis, probability, classes, english, chinese):
    horn = replace(
        analysis.predictions[0], label=Label("n03394916", "French horn", "圆号"), probability=probability
    )
    seen = replace(
        analysis,
        predictions=(horn, *analysis.predictions[1:]),
        weights=replace(analysis.weights, classes=classes),
    )
    for language, title in (("en", english), ("zh", chinese)):
        text = str(headline(seen, Words(language)))
        assert f"<h2>{title}</h2>" in text
        assert "18.6%" in text or probability > 0.5  # below the title, too, the best guess
