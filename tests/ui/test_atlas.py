"""The atlas, and the questions below the heatmap, in a real browser and by the API."""

import re

import pytest
from gradio_client import handle_file

HEATMAP = ".rx-compare-layer"


def test_the_atlas_stands_there_without_a_photo_and_marks_the_photo_in_it(visit, ball):
    visitor = visit()
    visitor.tab("atlas", "#atlas-lesions .rx-heat")
    page = visitor.page
    assert page.locator("#atlas-typical .rx-range").count() == 16
    assert page.locator("#atlas-typical .rx-own").count() == 0
    assert not page.locator("#atlas-unusual .re-card").count()
    visitor.photo(ball)
    page.locator("#atlas-typical .rx-own").first.wait_for()
    assert page.locator("#atlas-typical .rx-own").count() == 16
    assert re.match(r"\d+ of 48 numbers", visitor.text("#atlas-unusual .re-finding"))
    page.locator("#atlas-class input").click()
    page.get_by_role("option", name="church").click()
    page.locator("#atlas-typical .rx-range-whole").first.wait_for()
    assert "6 photos (church)" in visitor.text("#atlas-typical .re-finding")
    page.locator("#atlas-quantity input").click()
    page.get_by_role("option", name="ledger").click()
    page.wait_for_function("() => !document.querySelector('#atlas-typical .rx-own')")
    assert "ledger is largest in" in visitor.text("#atlas-typical .re-finding")


def test_a_heatmap_is_tested_and_the_answer_goes_with_it(visit, client, church):
    visitor = visit(chinese=True)
    assert not visitor.page.locator("#ask-belief").is_visible()
    visitor.photo(church)
    page = visitor.page
    page.click("#ask-belief")
    page.locator("#belief .rx-curve").first.wait_for()
    found = client.predict(handle_file(church), api_name="/belief")
    said = visitor.text("#belief .re-finding")
    for area in (found["deletion"]["area"], found["centre"]["insertion"]["area"]):
        assert f"{100 * area:.1f}%" in said
    assert f"{found['stability']:.2f}" in visitor.text("#belief .re-belief")
    page.click("#ask-layers")
    page.locator("#layers .rx-row-name").first.wait_for()
    visitor.settled()
    assert page.locator("#layers .rx-row-name").count() == 6
    visitor.changes(HEATMAP, lambda: page.locator('#layers [data-block="conv4_block6"]').click())
    page.wait_for_function("() => !document.querySelector('#belief .re-card')")  # it was of another heatmap
    assert page.locator("#layers .rx-row-name").count() == 6  # and this is of every layer
    assert visitor.text("#block h3").startswith("conv4_block6")


@pytest.mark.parametrize("method", ["gradcam++", "saliency"])
def test_whichever_method_drew_it(visit, ball, method):
    visitor = visit()
    visitor.photo(ball)
    visitor.changes(HEATMAP, lambda: visitor.page.check(f'#method input[value="{method}"]'))
    visitor.page.click("#ask-belief")
    visitor.page.locator("#belief .rx-curve").first.wait_for()
    assert ("SmoothGrad" if method == "saliency" else "Grad-CAM++") in visitor.text("#belief .re-finding")
