"""The overview in a real browser: the four results of a photo, and what answers to clicks and keys."""

import base64
import io
import re

import numpy as np
import pytest
from gradio_client import handle_file
from PIL import Image

pytestmark = pytest.mark.browser

HEATMAP = ".rx-compare-right"


def decoded(uri: str) -> np.ndarray:
    """The pixels of a data URI."""
    kind, data = uri.split(",", 1)
    assert kind.startswith("data:image/"), kind
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))


@pytest.fixture(scope="module")
def ball_shown(shared_visit, ball):
    """One page with a photo, for tests that need not be the first to touch it."""
    visitor = shared_visit()
    visitor.photo(ball)
    return visitor


def test_a_photo_gets_its_four_results(visit, client, ball):
    visitor = visit()
    visitor.photo(ball)
    page = visitor.page

    known = client.predict(handle_file(ball), api_name="/classify")
    names = page.locator(".rx-prediction-name").all_inner_texts()
    assert names == [p["label"] for p in known]
    assert (
        page.locator(".rx-prediction-percent").first.inner_text() == f"{100 * known[0]['probability']:.1f}%"
    )
    assert visitor.text(".re-headline h2") == f"{known[0]['label']}, {100 * known[0]['probability']:.1f}%"

    heat = decoded(page.locator(HEATMAP).get_attribute("src"))
    assert heat.shape == (224, 224, 4)
    assert heat[..., 3].std() > 10  # it is not the same everywhere

    blocks = client.predict(handle_file(ball), api_name="/residual_profile")
    drawn = page.locator(".rx-river [data-block]")
    assert [b.get_attribute("data-block") for b in drawn.all()] == [b["name"] for b in blocks]
    assert len(blocks) == 16
    page.get_by_label("bars").click()  # the other view of the same
    page.locator(".rx-profile").wait_for()
    visitor.settled()
    assert [b.get_attribute("data-block") for b in page.locator(".rx-profile [data-block]").all()] == [
        b["name"] for b in blocks
    ]
    page.locator(".rx-profile ~ .rx-details summary, .rx-profile .rx-details summary").first.click()
    rows = page.locator(".rx-profile ~ .rx-details table tbody tr, .rx-profile .rx-details table tbody tr")
    for row, block in zip(rows.all(), blocks, strict=True):
        name, kind, shortcut, residual, closed = row.locator("th, td").all_inner_texts()
        assert (name, kind) == (block["name"], f"{block['kind']} block")
        assert float(shortcut) == pytest.approx(block["shortcut"]["mean_magnitude"], abs=6e-4)
        assert float(residual) == pytest.approx(block["residual"]["mean_magnitude"], abs=6e-4)
        assert closed == f"{100 * block['closed_gates']:.1f}%"

    visitor.tab("stages", "#grid .rx-tile")
    maps = client.predict(handle_file(ball), api_name="/feature_maps")[1]
    tiles = page.locator("#grid .rx-tile")
    assert [int(t.get_attribute("data-channel")) for t in tiles.all()] == maps["channels"]
    assert len(maps["channels"]) == 16


def test_a_click_on_a_block_opens_it_and_moves_the_heatmap_there(visit, client, ball):
    visitor = visit()
    visitor.photo(ball)
    visitor.changes(HEATMAP, lambda: visitor.page.click('.rx-river [data-block="conv3_block2"]'))
    assert visitor.text("#block h3") == "conv3_block2 · identity block · 28 × 28 × 512"
    assert visitor.page.input_value("#layer input") == "conv3_block2"
    assert "at conv3_block2" in visitor.text(".re-panel:has(.rx-compare) .re-finding")
    assert visitor.page.locator("#block .rx-map").count() == 5  # S, F, y, output and the share

    block = next(
        b
        for b in client.predict(handle_file(ball), api_name="/residual_profile")
        if b["name"] == "conv3_block2"
    )
    energy = visitor.text("#block .re-formula")
    *shares, total = [
        float(n) for n in re.findall(r"[−-]?\d+\.\d+", energy.replace("− ", "−").replace("−", "-"))
    ]
    assert shares == pytest.approx([block["energy"][k] for k in ("shortcut", "residual", "cross")], abs=6e-3)
    assert total == 1


def test_the_explained_class_is_clicked_or_chosen(visit, ball):
    visitor = visit()
    visitor.photo(ball)
    page = visitor.page
    second = page.locator(".rx-prediction").nth(1)
    name = second.locator(".rx-prediction-name").inner_text()
    visitor.changes(HEATMAP, second.click)
    assert visitor.text('.rx-prediction[aria-pressed="true"] .rx-prediction-name') == name
    assert page.input_value("#target input") == name

    page.click("#target input")  # any class, also one that is not among the five
    page.keyboard.type("garbage")
    visitor.changes(HEATMAP, lambda: page.get_by_role("option", name="garbage truck").click())
    assert visitor.text('.rx-prediction[aria-pressed="true"] .rx-prediction-name') == "garbage truck"
    assert page.locator(".rx-prediction").count() == 6


def test_slider_and_opacity_answer_to_keys(ball_shown):
    visitor = ball_shown
    page = visitor.page
    page.focus(".rx-compare-slider")
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.focus(".rx-compare-opacity")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    style = page.locator(".rx-compare").get_attribute("style").replace(" ", "")
    assert "--rx-split:7%" in style
    assert "--rx-opacity:77%" in style


def test_the_river_is_reached_and_used_by_keyboard(ball_shown):
    visitor = ball_shown
    page = visitor.page
    page.focus('.rx-river [data-block="conv2_block1"]')
    page.keyboard.press("Tab")
    focused = "document.activeElement.getAttribute('data-block')"
    assert page.evaluate(focused) == "conv2_block2"
    visitor.changes(HEATMAP, lambda: page.keyboard.press("Enter"))
    assert visitor.text("#block h3").startswith("conv2_block2 ")
    assert page.evaluate(focused) == "conv2_block2"  # redrawn, and still there
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "conv2_block3"


def test_the_measure_is_chosen(ball_shown, client, ball):
    visitor = ball_shown
    assert not visitor.page.locator("#measure").is_visible()  # a river is drawn by the rms alone
    visitor.page.get_by_label("bars").click()
    visitor.page.get_by_label("standard deviation").click()
    visitor.page.locator(".rx-profile", has_text="standard deviation").wait_for()
    block = client.predict(handle_file(ball), api_name="/residual_profile")[-1]
    label = visitor.page.locator('.rx-profile [data-block="conv5_block3"]').get_attribute("aria-label")
    shortcut, residual = (float(n) for n in re.findall(r"\d+\.\d+", label))
    assert shortcut == pytest.approx(block["shortcut"]["std"], abs=6e-4)
    assert residual == pytest.approx(block["residual"]["std"], abs=6e-4)


# What the progress bar says, remembered: on a busy machine it may be gone before a test looks.
WATCH_PROGRESS = """() => {
  window.ran = new Set();
  new MutationObserver(() => {
    for (const [said] of document.body.textContent.matchAll(/Running (Faster-ScoreCAM|Saliency)/g)) ran.add(said);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def test_other_methods_draw_other_heatmaps(visit, ball):
    visitor = visit()
    visitor.photo(ball)
    page = visitor.page
    assert not page.locator("#masks").is_visible()
    visitor.changes(HEATMAP, lambda: page.get_by_label("Grad-CAM++").click())
    page.evaluate(WATCH_PROGRESS)
    page.get_by_label("Faster-ScoreCAM").click()
    page.wait_for_function("() => ran.has('Running Faster-ScoreCAM')")
    visitor.settled()
    assert page.locator("#masks").is_visible()
    page.fill("#masks input[type=number]", "8")
    visitor.changes(HEATMAP, lambda: page.keyboard.press("Tab"))
    page.get_by_label("SmoothGrad").click()
    page.wait_for_function("() => ran.has('Running Saliency')")
    visitor.settled()
    heat = decoded(page.locator(HEATMAP).get_attribute("src"))
    assert heat[..., 3].std() > 1


def test_a_slow_answer_about_the_last_photo_does_not_stand_beside_the_next(visit, ball, church):
    visitor = visit()
    page = visitor.page
    visitor.photo(ball)
    page.get_by_label("Faster-ScoreCAM").click()
    visitor.settled()
    page.fill("#masks input[type=number]", "64")
    page.keyboard.press("Tab")
    visitor.photo(church)
    assert visitor.text(".re-headline h2").startswith("church")


def test_an_example_is_chosen_by_keyboard_and_named(visit):
    visitor = visit()
    page = visitor.page
    examples = page.locator(".re-example")
    assert examples.locator("img").evaluate_all("all => all.map((i) => i.alt)") == [
        "Golf ball in grass",
        "Cathedral at night",
        "Parachute in the sky",
        "Radio cassette player",
        "Old gas pump",
    ]
    examples.nth(2).focus()
    page.keyboard.press("Enter")
    page.get_by_text("parachute-in-the-sky.jpg").wait_for()
    assert visitor.text(".re-headline h2").startswith("parachute")


def test_a_removed_photo_leaves_the_page_as_it_was(visit, ball):
    visitor = visit()
    visitor.photo(ball)
    visitor.page.get_by_label("Remove Image").or_(visitor.page.get_by_label("Clear")).first.click()
    visitor.page.get_by_text("Drop a photo to begin").wait_for()
    visitor.settled()
    assert visitor.page.locator(".re-finished .rx-river-cell:visible").count() == 16  # the example is back
    assert visitor.page.locator(".re-panel:visible").count() == 0
    assert visitor.page.input_value("#target input") == ""


def test_of_choices_in_quick_succession_the_last_is_answered_and_then_there_is_peace(visit, ball):
    visitor = visit()
    page = visitor.page
    visitor.photo(ball)
    for name in ("conv3_block1", "conv4_block2", "conv2_block3"):
        page.click("#layer input")
        page.get_by_role("option", name=name).click()
    page.locator("#block h3", has_text="conv2_block3").wait_for()
    visitor.settled()
    assert visitor.text("#block h3").startswith("conv2_block3")


def test_the_river_is_as_wide_as_the_rms_and_coloured_by_the_ledger(visit, client, ball):
    visitor = visit()
    visitor.photo(ball)
    page = visitor.page
    blocks = client.predict(handle_file(ball), api_name="/residual_profile")
    cells = page.locator(".rx-river-cell")
    for what in ("shortcut", "residual", "sum", "output"):
        streams = [c.locator(f"rect.rx-river-{what}").last for c in cells.all()]
        widths = [stream.evaluate("e => e.getBBox().height") for stream in streams]
        scale = widths[0] / blocks[0][what]["rms"]
        assert widths == pytest.approx([scale * b[what]["rms"] for b in blocks], abs=0.05)
    page.get_by_label("river, coloured by the ledger").click()
    page.locator(".rx-river .rx-colorbar").wait_for()
    visitor.settled()
    entries = client.predict(handle_file(ball), api_name="/ledger")["blocks"]
    below = [float(c.locator("text").last.text_content().replace("−", "-")) for c in cells.all()]
    assert below == pytest.approx(entries, abs=0.006)


def test_the_answer_as_it_forms_is_asked_for_and_opens_its_blocks(visit, client, ball):
    radio = ball.with_name("radio-cassette-player.jpg")  # whose laboratory no other test opens
    visitor = visit()
    visitor.photo(radio)
    page = visitor.page
    assert page.locator(".rx-forming").count() == 0  # it takes a pass of its own
    page.get_by_role("button", name="Show how the answer formed").click()
    page.locator("#forming .rx-forming").wait_for()
    visitor.settled()
    steps = client.predict(handle_file(radio), api_name="/as_it_forms")
    labels = page.locator("#forming svg [aria-label]").evaluate_all("all => all.map((e) => e.ariaLabel)")
    found = [float(re.search(r"(\d+\.\d)%;", label)[1]) for label in labels if "; on top:" in label]
    assert found == pytest.approx([100 * step["probability"] for step in steps], abs=0.06)
    final = steps[-1]["top1"]
    lead = max([s["blocks"] for s in steps if s["top1"] != final], default=-1) + 1
    named = steps[lead]["blocks"]
    blocks = [b["name"] for b in client.predict(handle_file(radio), api_name="/residual_profile")]
    sentence = visitor.text("#forming .re-finding")
    assert (f"at {blocks[named - 1]}, the {named}. of 16" if lead else "from the stem on") in sentence
    visitor.changes(HEATMAP, lambda: page.locator('#forming [data-block="conv3_block4"]').click(force=True))
    assert visitor.text("#block h3").startswith("conv3_block4 ")
    assert page.locator("#forming .rx-selected").count() == 1  # and the picture is still there
    assert not page.locator("#forming-show").is_visible()


def test_a_block_is_opened_in_the_laboratory(visit, ball):
    visitor = visit()
    visitor.photo(ball)
    visitor.changes(HEATMAP, lambda: visitor.page.click('.rx-river [data-block="conv4_block1"]'))
    visitor.page.click("#block .re-button")
    visitor.page.locator("#ledger-map h3", has_text="Where conv4_block1 argued").wait_for()
    assert visitor.page.locator("#ledger-map").is_visible()


def test_a_finished_example_stands_there_first_and_is_opened_at_a_block(visit):
    visitor = visit()
    page = visitor.page
    assert visitor.text(".re-finished .rx-prediction-name") == "golf ball"
    assert visitor.text(".re-finished .rx-badge") == "An example, finished"
    assert page.locator(".re-finished .rx-river-cell").count() == 16
    page.locator('.re-finished [data-block="conv3_block2"]').focus()
    page.keyboard.press("Enter")
    page.get_by_text("golf-ball-in-grass.jpg").wait_for()
    visitor.settled()
    assert page.locator(".re-finished").count() == 0
    assert visitor.text("#block h3").startswith("conv3_block2 ")
