"""The networks tab in a real browser: each network is built while one looks on."""

import pytest

from resnet_demo.networks import complexity
from resnet_demo.networks.named import standard_networks

pytestmark = pytest.mark.browser


def test_every_network_is_built_and_its_difference_told(visit):
    visitor = visit()
    page = visitor.page
    page.get_by_role("tab", name="Networks").filter(visible=True).click()
    rows_under_a_bar = (
        "document.querySelector('#networks tbody tr') && document.querySelector('#progress progress')"
    )
    page.wait_for_function(rows_under_a_bar, timeout=120_000)
    page.locator("#progress progress").wait_for(state="detached", timeout=180_000)
    names = page.locator("#networks tbody th").all_inner_texts()
    assert names == list(standard_networks())
    assert page.locator(".re-drawing").count() == 4
    resnet50 = page.locator(
        "#networks tbody tr", has=page.get_by_role("rowheader", name="resnet50", exact=True)
    )
    cells = resnet50.locator("td").all_inner_texts()
    assert cells[:2] == ["50", "25,636,712"]  # as Keras counts its own ResNet50

    page.get_by_label("简体中文").click()  # and is told in the other language at once
    page.locator("#networks", has_text="论文中没有这个网络").wait_for()
    page.locator("#progress progress").wait_for(state="detached")
    shown = page.locator("[role=tabpanel]:visible").inner_text()
    assert not [
        r for r in complexity.REASONS.values() if r.split("{")[0].strip() and r.split("{")[0] in shown
    ]
