"""The page in English and in Chinese, light and dark, wide and narrow."""

import re

import pytest

from resnet_demo.ui.language import preferred_language
from resnet_demo.ui.words import WORDS

pytestmark = pytest.mark.browser

# What the page says in English and not in Chinese: sentences and titles, up to the first number filled in.
ENGLISH = {
    english.split("{")[0].split("\n")[0].removeprefix("# ").strip()
    for english, chinese in WORDS.values()
    if english != chinese
}
ENGLISH = {text for text in ENGLISH if len(text) > 11 and " " in text}
TABS_WITH_PHOTO = {
    "overview": ".rx-profile",
    "stages": "#grid .rx-tile",
    "lab": "#lab-table table",
    "compare": "#by-class .rx-waterfall",
    "about": ".re-quantities",
}


def test_english_sentences_are_looked_for():
    assert len(ENGLISH) > 70


def test_a_chinese_browser_is_greeted_in_chinese_and_finds_no_english(visit, ball):
    visitor = visit(chinese=True)
    page = visitor.page
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert visitor.text("h1") == "ResNet 探索器"
    assert "把照片拖到这里" in visitor.text("#photo")
    visitor.photo(ball)
    assert visitor.text(".re-headline h2") == "高尔夫球，91.3%"
    for tab, ready in TABS_WITH_PHOTO.items():
        visitor.tab(tab, ready)
        shown = page.locator("body").inner_text()
        assert not [text for text in ENGLISH if text in shown], tab
        alternatives = page.locator("[alt], [aria-label]").evaluate_all(
            "all => all.map((e) => e.getAttribute('alt') ?? e.getAttribute('aria-label')).join('\\n')"
        )
        assert not [text for text in ENGLISH if text in alternatives], tab


def test_the_language_is_switched_and_back(visit, ball):
    visitor = visit()
    page = visitor.page
    visitor.photo(ball)
    english = page.locator("body").inner_text()
    page.get_by_label("简体中文").click()
    page.get_by_text("它看到了什么").wait_for()
    page.get_by_role("tab", name="总览").first.wait_for()
    visitor.settled()
    chinese = page.locator("body").inner_text()
    assert not [text for text in ENGLISH if text in chinese]
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.locator(".re-example img").first.get_attribute("alt") == "草地上的高尔夫球"
    assert page.input_value("#target input") == "高尔夫球"
    page.get_by_label("English").click()
    page.get_by_text("What it sees").wait_for()
    page.get_by_role("tab", name="Overview").first.wait_for()
    visitor.settled()
    assert page.locator("body").inner_text() == english


def test_a_tab_opened_in_one_language_speaks_the_other_after_the_switch(visit, ball):
    visitor = visit()
    visitor.photo(ball)
    visitor.tab("lab", "#lab-table table")
    visitor.page.get_by_label("简体中文").click()
    visitor.page.get_by_text("从五个方面看每个块").wait_for()
    visitor.settled()
    shown = visitor.page.locator("body").inner_text()
    assert not [text for text in ENGLISH if text in shown]


def test_dark_is_dark(visit, ball):
    def brightness(colour):
        return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3

    visitor = visit(dark=True)
    visitor.photo(ball)
    colours = visitor.page.evaluate(
        "() => ['body', '.re-panel', '.re-panel .re-card-title', '#photo'].map((s) => {"
        " const c = getComputedStyle(document.querySelector(s));"
        " return s.endsWith('title') ? c.color : c.backgroundColor; })"
    )
    body, panel, ink, photo = map(brightness, colours)
    assert max(body, panel, photo) < 50 < 200 < ink


@pytest.mark.parametrize("chinese", [False, True], ids=["english", "chinese"])
def test_nothing_is_wider_than_a_phone(visit, ball, chinese):
    visitor = visit(chinese=chinese, width=390)
    page = visitor.page
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= 390
    visitor.photo(ball)
    for tab, ready in TABS_WITH_PHOTO.items():
        visitor.tab(tab, ready)
        assert page.evaluate(wide) <= 390, tab
        # Whatever is cut off at the right would be unreachable, unless it is in a box of its own that scrolls.
        cut = page.locator("[role=tabpanel]:visible .re-card *").evaluate_all(
            "all => all.filter((e) => !e.closest('.rx-scroll, svg, .rx-details') && e.checkVisibility()"
            " && e.getBoundingClientRect().right > 391).map((e) => e.outerHTML.slice(0, 120))"
        )
        assert not cut, tab
    top, *_ = page.locator(".re-panel").evaluate_all("all => all.map((e) => e.getBoundingClientRect().top)")
    assert top < 900  # the first result is reached without much scrolling


def test_every_image_has_words(visit, ball):
    visitor = visit()
    visitor.photo(ball)
    for tab, ready in TABS_WITH_PHOTO.items():
        visitor.tab(tab, ready)
    images = visitor.page.locator("img").evaluate_all(
        "all => all.map((i) => ({ alt: i.getAttribute('alt'), named: !!i.closest('button')?.getAttribute('aria-label'),"
        " layer: i.matches('.rx-compare-layer, .rx-layer') }))"
    )
    assert len(images) > 40
    for image in images:
        assert image["alt"] is not None
        # A layer lies on a photo whose words tell of both; a tile's picture is in a button that has a label.
        assert image["alt"] or image["layer"] or image["named"]
    charts = visitor.page.locator("svg.rx-chart").evaluate_all(
        "all => all.map((e) => e.getAttribute('aria-label'))"
    )
    assert len(charts) >= 5
    assert all(len(label) > 40 for label in charts)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,zh-TW;q=0.5", "zh"),
        ("fr-FR", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_first_language_we_have_is_spoken(header, language):
    assert preferred_language(header) == language
