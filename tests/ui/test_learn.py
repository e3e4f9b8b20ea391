"""The walk in a real browser: by address, by button, by keyboard; and each verdict's number by another way."""

import json
import re

import pytest

from resnet_demo.assets import LEARN

pytestmark = pytest.mark.browser


def percents(text: str) -> list[float]:
    return [float(n) / 100 for n in re.findall(r"([\d.]+)%", text)]


def open_step(visitor, step: str) -> str:
    """Open a step by its address, and have it checked; what its verdict says."""
    page = visitor.page
    page.goto(f"{page.url.split('?')[0]}?learn={step}")
    page.locator("#learn-idea h2").wait_for()
    visitor.settled()
    if page.locator("#learn-check").is_visible():
        page.locator("#learn-check").click()
    page.locator("#learn-result .rx-outcome").wait_for(timeout=60_000)
    visitor.settled()
    return visitor.text("#learn-result .rx-outcome")


@pytest.fixture(scope="module")
def walk(shared_visit):
    return shared_visit()


def test_step_1_shows_what_the_bundled_curves_end_in(walk):
    said = open_step(walk, "1")
    runs = json.loads((LEARN / "degradation.json").read_text("utf-8"))["runs"]

    def last(kind, depth):
        return [r["train_error"][-1] for r in runs if (r["kind"], r["depth"]) == (kind, depth)]

    plain, residual, shallow = last("plain", 44), last("residual", 44), last("plain", 8)
    assert min(plain) > max(residual)  # so it holds
    assert said.startswith("✓ holds")
    found = percents(said)
    assert found[0] == pytest.approx(sum(plain) / 3, abs=6e-4)
    assert found[2] == pytest.approx(sum(shallow) / 3, abs=6e-4)
    assert found[3] == pytest.approx(sum(residual) / 3, abs=6e-4)
    assert walk.page.locator("#learn-result .rx-curve").count() == 12  # 2 kinds, 3 depths, 2 errors


def test_a_newcomer_is_offered_the_walk(visit):
    visitor = visit()
    page = visitor.page
    page.get_by_role("link", name="New to ResNet? Start here").click()
    page.locator("#learn-idea h2", has_text="Deeper plain networks").wait_for()
    assert page.url.endswith("?learn=1")
    visitor.settled()
    visitor.tab("overview")
    assert "learn" not in page.url
