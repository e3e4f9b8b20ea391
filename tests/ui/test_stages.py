"""The stages in a real browser: channels in a grid, one of them large over the photo."""

import pytest
from gradio_client import handle_file

pytestmark = pytest.mark.browser


def test_a_channel_is_laid_over_the_photo(visit, client, ball):
    visitor = visit()
    visitor.photo(ball)
    visitor.tab("stages", "#grid .rx-tile")
    page = visitor.page
    facts = client.predict(handle_file(ball), stage="conv2", api_name="/feature_maps")[1]
    strongest = facts["channels"][0]
    assert facts["shape"] == [56, 56, 256]
    assert f"56×56 positions, 256 channels. Channel {strongest} is the most active" in visitor.text(
        "#grid .re-finding"
    )
    assert visitor.text("#channel h3") == f"conv2 · {strongest}"

    other = facts["channels"][5]
    visitor.changes("#channel .rx-layer", lambda: page.click(f'#grid [data-channel="{other}"]'))
    assert visitor.text("#channel h3") == f"conv2 · {other}"
    assert page.locator("#channel .rx-ring").count() == 1
    assert page.locator('#grid [aria-pressed="true"]').get_attribute("data-channel") == str(other)


def test_stage_scale_and_count_are_chosen(visit, client, ball):
    visitor = visit()
    visitor.photo(ball)
    visitor.tab("stages", "#grid .rx-tile")
    page = visitor.page
    page.locator("#stage").get_by_label("stem").click()
    page.locator("h3", has_text="pool1").first.wait_for()
    visitor.settled()
    assert page.locator(".rx-tiles:visible").count() == 2  # conv1 and pool1
    page.locator("#stage").get_by_label("conv5").click()
    page.locator("#grid h3", has_text="conv5").wait_for()
    assert page.locator("#grid .rx-colorbar").count() == 0
    page.get_by_label("together").click()
    page.locator("#grid .rx-colorbar").wait_for()
    visitor.settled()
    page.fill("#channels input[type=number]", "24")
    page.keyboard.press("Tab")
    page.locator("#grid .rx-tile").nth(23).wait_for()
    facts = client.predict(handle_file(ball), stage="conv5", channels=24, api_name="/feature_maps")[1]
    tiles = page.locator("#grid .rx-tile")
    assert [int(t.get_attribute("data-channel")) for t in tiles.all()] == facts["channels"]
