import xml.etree.ElementTree as ET

from resnet_demo.views.predictions import PredictionBar, PredictionWords, prediction_bars

ROWS = [
    PredictionBar(207, "golden retriever", "n02099601", 0.75, 14.21),
    PredictionBar(3, "<dog> & 'cat'", "", 0.25, -1.5),
]
WORDS = PredictionWords(logit="logit", target="解释")


def test_rows_bars_and_the_target(with_class):
    root = ET.fromstring(prediction_bars(ROWS, WORDS, label="top classes", target=3))
    buttons = list(root.iter("button"))
    assert [b.get("data-class") for b in buttons] == ["207", "3"]
    assert [b.get("aria-pressed") for b in buttons] == ["false", "true"]
    assert [b.get("style") for b in with_class(root, "rx-prediction-bar")] == ["width:75%", "width:25%"]
    assert [e.text for e in with_class(root, "rx-prediction-percent")] == ["75.0%", "25.0%"]
    assert [e.text for e in with_class(root, "rx-prediction-small")] == [
        "n02099601 · logit 14.2",
        "logit −1.50",
    ]
    assert [e.text for e in with_class(root, "rx-prediction-name")] == ["golden retriever", "<dog> & 'cat'"]
    assert "解释" in "".join(buttons[1].itertext())
    assert "解释" not in "".join(buttons[0].itertext())


def test_no_rows():
    assert len(ET.fromstring(prediction_bars([], WORDS, label="none"))) == 0
