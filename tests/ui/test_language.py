"""The page in English and in Chinese, light and dark, wide and narrow."""

import re

import pytest

from resnet_demo.ui.language import preferred_language
from resnet_demo.views.messages.words import CATALOGUES

pytestmark = pytest.mark.browser

# What the page says in English and not in Chinese: sentences and titles, up to the first number filled in.
ENGLISH = {
    english.split("{")[0].split("\n")[0].removeprefix("# ").strip()
    for english, chinese in zip(*(c.values() for c in CATALOGUES.values()), strict=True)
    if english != chinese
}
ENGLISH = {text for text in ENGLISH if re.search(r"[A-Za-z]{3,} [a-z]{2,}", text)}
TABS_WITH_PHOTO = {
    "overview": ".rx-river",
    "learn": "#learn-result .rx-outcome",
    "stages": "#grid .rx-tile",
    "lab": "#lab-table table",
    "compare": "#by-class .rx-waterfall",
    "about": ".re-quantities",
}


def test_english_sentences_are_looked_for():
    assert len(ENGLISH) > 70


@pytest.mark.parametrize("chinese", [False, True], ids=["english", "chinese"])
def test_every_tab_on_a_phone(visit, ball, chinese):
    """One visit looks at four things: the width, the words for pictures, the language, and how soon results come."""
    visitor = visit(chinese=chinese, width=390)
    page = visitor.page
    assert page.evaluate("document.documentElement.lang") == ("zh-Hans" if chinese else "en")
    assert visitor.text("h1") == ("ResNet 探索器" if chinese else "ResNet Explorer")
    assert ("把照片拖到这里" if chinese else "Drop a photo here") in visitor.text("#photo")
    visitor.photo(ball)
    assert visitor.text(".re-headline h2") == ("高尔夫球，91.3%" if chinese else "golf ball, 91.3%")
    first = page.locator(".re-panel").first.evaluate("(e) => e.getBoundingClientRect().top")
    assert first < 900  # without much scrolling
    for tab, ready in TABS_WITH_PHOTO.items():
        visitor.tab(tab, ready)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab
        # What is cut off at the right can be reached only in a box of its own that scrolls.
        cut = page.locator("[role=tabpanel]:visible .re-card *").evaluate_all(
            "all => all.filter((e) => !e.closest('.rx-scroll, svg, .rx-details') && e.checkVisibility()"
            " && e.getBoundingClientRect().right > 391).map((e) => e.outerHTML.slice(0, 120))"
        )
        assert not cut, tab
        assert not unnamed(page), tab
        if chinese:
            shown = visitor.page.locator("main").first.inner_text() + words_for_pictures(page)
            assert not [text for text in ENGLISH if text in shown], tab


def unnamed(page) -> list[str]:
    """Images and charts without words. A layer lies on a photo whose words tell of both; a button has its label, and so
    has the block that a cell of the river holds."""
    return page.locator("img, svg.rx-chart").evaluate_all(
        "all => all.filter((e) => e.checkVisibility() && !(e.getAttribute('alt') || e.getAttribute('aria-label') ||"
        " e.matches('.rx-compare-layer, .rx-layer, .rx-river-cell:has(> [aria-label])') ||"
        " e.closest('button')?.getAttribute('aria-label')))"
        ".map((e) => e.outerHTML.slice(0, 120))"
    )


def words_for_pictures(page) -> str:
    return page.locator(".gradio-container :is(img, svg, .re-flush [aria-label])").evaluate_all(
        "all => all.map((e) => [e.getAttribute('alt'), e.getAttribute('aria-label')].join()).join('\\n')"
    )


def test_the_language_is_switched_and_back(visit, ball):
    """On the laboratory, which is made anew, and the overview, which is made anew though it is not looked at."""
    visitor = visit()
    page = visitor.page
    visitor.photo(ball)
    visitor.tab("lab", "#lab-table table")
    english = page.locator("main").first.inner_text()
    asked_in = set()
    page.on(
        "request", lambda r: asked_in.add(r.headers["accept-language"]) if "/queue/join" in r.url else None
    )
    page.get_by_label("简体中文").click()
    page.get_by_text("从五个方面看每个块").wait_for()
    page.get_by_role("tab", name="总览").first.wait_for()
    visitor.settled()
    chinese = page.locator("main").first.text_content()  # what is hidden, too
    assert "它看到了什么" in chinese
    assert not [text for text in ENGLISH if text in chinese]
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.locator(".re-example img").first.get_attribute("alt") == "草地上的高尔夫球"
    assert page.input_value("#target input") == "高尔夫球"
    assert page.url.endswith("?lang=zh")  # so it is when loaded again, or sent to somebody
    assert asked_in == {"zh"}  # so is what the server may have to refuse
    page.get_by_label("English").click()
    page.get_by_text("Every block from five sides").wait_for()
    page.get_by_role("tab", name="Overview").first.wait_for()
    visitor.settled()
    assert without_rounding(page.locator("main").first.inner_text()) == without_rounding(english)


def without_rounding(text: str) -> str:
    """The text less its smallest numbers: what rounding leaves over is not the same from run to run."""
    return re.sub(r"−?[\d.]+×10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+", "…", text)


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
