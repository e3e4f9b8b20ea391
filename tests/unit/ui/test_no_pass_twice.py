"""How a result is drawn runs no network: order, axes, magnitude, scaling, language, and going back to what was seen.

(The theme is the browser's, which asks nobody.) Each handler is called as the page calls it.
"""

import gradio as gr
import pytest

from resnet_demo.assets import EXAMPLES
from resnet_demo.ui.compare import CompareHandlers
from resnet_demo.ui.laboratory import LaboratoryHandlers
from resnet_demo.ui.on_show import NetworkOnShow
from resnet_demo.ui.overview import OverviewHandlers
from resnet_demo.ui.stages import StagesHandlers

PATH = str(EXAMPLES / "golf-ball-in-grass.jpg")
OTHER = str(EXAMPLES / "cathedral-at-night.jpg")
LAST = "conv3_block3"
LAB = ("network", "ratio", "lesion", [], 0.0, "en")


@pytest.fixture
def shown(recorder):
    """The overview is open, with a photo for its top class."""
    shown = NetworkOnShow(recorder)
    OverviewHandlers(shown).show_new_photo(PATH, "", LAST, 32, "river", "mean_magnitude", "en")
    assert recorder.runs == ["_analysis_pass"]
    recorder.runs.clear()
    return shown


def hit(**what):
    return gr.EventData(None, what)


def test_the_overview(shown, recorder):
    at = OverviewHandlers(shown)
    drawings = [("river", "rms"), *(("bars", measure) for measure in ("mean_magnitude", "rms", "std"))]
    assert len({str(at.only_branches(PATH, None, LAST, *drawing, "en")) for drawing in drawings}) == 4
    english = at.show(PATH, None, LAST, "gradcam", 32, "bars", "rms", "en")[0]
    chinese = at.show(PATH, None, LAST, "gradcam", 32, "bars", "rms", "zh")[0]
    assert not set(map(str, english)) & set(map(str, chinese))
    assert recorder.runs == []

    at.pick_block(PATH, None, hit(block="conv2_block1"), None, "gradcam", 32, "bars", "rms", "en")
    assert recorder.runs == ["_gradcam"]  # a map at another layer
    at.pick_block(PATH, None, hit(block=LAST), None, "gradcam", 32, "bars", "rms", "en")
    at.pick_block(PATH, None, hit(block="conv2_block1"), None, "gradcam", 32, "bars", "rms", "zh")
    assert recorder.runs == ["_gradcam"]

    asked = str(at.show_forming(PATH, None, LAST, "en"))
    taken = list(recorder.runs)
    assert len(taken) > 1
    assert str(at.show_forming(PATH, None, LAST, "zh")) != asked
    assert asked in map(str, at.show(PATH, None, LAST, "gradcam", 32, "river", "rms", "en")[0])
    at.only_branches(PATH, None, LAST, "ledger", "rms", "en")
    assert recorder.runs == taken


def test_the_stages(shown, recorder):
    at = StagesHandlers(shown)
    first = at.show(PATH, "conv3", "each", 4, "en")
    assert recorder.runs == []  # of the overview's pass
    for answer in (
        at.show(PATH, "conv3", "together", 4, "en"),
        at.show(PATH, "conv3", "each", 4, "zh"),
        at.show(PATH, "stem", "each", 4, "en"),
    ):
        assert str(answer[1]) != str(first[1])
    shown_channel = first[1].split('data-channel="')[2].split('"')[0]
    at.pick_first(PATH, "conv3", "each", 4, "en", hit(channel=shown_channel))
    assert recorder.runs == []


def test_the_laboratory(shown, recorder):
    at = LaboratoryHandlers(shown)
    first = at.show(PATH, None, LAST, *LAB)
    assert recorder.runs
    assert "_analysis_pass" not in recorder.runs  # the overview's is used
    recorder.runs.clear()

    again = [
        at.only_ledger(PATH, None, LAST, "largest", "en"),
        at.only_scatter(PATH, None, LAST, "novelty", "ledger", "en"),
        at.only_gates(PATH, None, LAST, [], 0.5, "en"),
        at.show(PATH, None, LAST, *LAB[:-1], "zh"),
        at.pick_block(PATH, None, hit(block="conv2_block1"), *LAB),
    ]
    assert str(again[0][1]) != str(first[1])
    assert str(again[1][1]) != str(first[6])
    assert recorder.runs == []

    gated = at.only_gates(PATH, None, LAST, [LAST], 0.5, "en")
    assert len(recorder.runs) == 1
    at.only_gates(PATH, None, LAST, [LAST], 0.5, "zh")
    assert str(gated[1]) != str(first[7])
    assert len(recorder.runs) == 1


def test_the_comparison(shown, recorder):
    at = CompareHandlers(shown, visitors=None)  # asked by the third question alone
    at.show(PATH, None, 2, OTHER, "en")
    assert recorder.runs
    recorder.runs.clear()
    at.show(PATH, None, 2, OTHER, "zh")
    at.show(PATH, None, 2, None, "en")
    at.pick_block(PATH, None, 2, "en", hit(block="conv2_block1"))
    assert recorder.runs == []
