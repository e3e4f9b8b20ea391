"""What only a browser can tell: the charts are legible at any width, and they answer."""

import shutil
from pathlib import Path

import pytest

import resnet_demo.views
from resnet_demo.views.block_drawing import DrawingWords, DrawnBlock, DrawnLayer, block_drawing
from resnet_demo.views.compare_slider import CompareWords, compare_slider
from resnet_demo.views.markup import join
from resnet_demo.views.profile import ProfileBar, ProfileWords, profile
from resnet_demo.views.scatter import ScatterPoint, ScatterWords, scatter
from resnet_demo.views.sortable_table import TableColumn, TableRow, TableWords, sortable_table
from resnet_demo.views.waterfall import LedgerItem, WaterfallWords, waterfall

pytestmark = pytest.mark.browser

FOLDER = Path(resnet_demo.views.__file__).parent
NAMES = ["conv2_block1", "conv2_block2", "conv3_block1"]
KINDS = ["projection", "identity", "projection"]
VALUES = [0.4, -7.0, 2.0]
SHORTCUT = [0.3, 1.2, 0.6]
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def pieces():
    bars = [ProfileBar(n, n[:5], k, s, 0.5, 0.5) for n, k, s in zip(NAMES, KINDS, SHORTCUT, strict=True)]
    items = [LedgerItem(n, v, "block", n) for n, v in zip(NAMES, VALUES, strict=True)]
    points = [
        ScatterPoint(n, n, n[:5], k, s, v) for n, k, s, v in zip(NAMES, KINDS, SHORTCUT, VALUES, strict=True)
    ]
    tops = ["tench", "église", None]
    rows = [
        TableRow(n, k, {"v": v, "t": t})
        for n, k, v, t in zip(NAMES, KINDS, [*VALUES[:2], None], tops, strict=True)
    ]
    columns = [TableColumn("v", "ledger", "signed"), TableColumn("t", "top class", "text")]
    layers = (DrawnLayer("conv", 3, 2048, 2), DrawnLayer("bn"))
    return join(
        [
            profile(bars, ProfileWords(), measure="mean magnitude", alt=""),
            waterfall(items, sum(VALUES), WaterfallWords(), alt=""),
            scatter(points, "ratio", "ledger", ScatterWords(), alt="", correlation="ρ = 0.50"),
            sortable_table(rows, columns, TableWords(), caption=""),
            compare_slider(PIXEL, PIXEL, CompareWords(), alt="photo"),
            block_drawing(DrawnBlock("7 × 7 × 2048", "7 × 7 × 2048", layers, layers), DrawingWords(), alt=""),
        ]
    )


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        installed = (
            shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        )
        chromium = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, request):
    page = browser.new_page(viewport={"width": getattr(request, "param", 800), "height": 900})
    css, js = ((FOLDER / name).read_text(encoding="utf-8") for name in ("charts.css", "charts.js"))
    page.set_content(
        f"<style>{css} body {{ margin: 0; padding: 16px }}</style><script>{js}</script>{pieces()}"
    )
    page.evaluate(
        """() => { window.clicked = [];
           document.body.addEventListener("click", (e) => {
             const block = e.target.closest("[data-block]");
             if (block) window.clicked.push(block.dataset.block); }); }"""
    )
    yield page
    page.close()


@pytest.mark.parametrize("page", [390, 1440], indirect=True)
def test_letters_are_legible_and_inside_the_page(page):
    texts = page.evaluate(
        """() => [...document.querySelectorAll("svg text")].map((t) => {
             const box = t.getBoundingClientRect(), size = parseFloat(getComputedStyle(t).fontSize);
             return [t.textContent, box.left, box.right, size * t.getScreenCTM().a]; })"""
    )
    width = page.viewport_size["width"]
    assert len(texts) > 50
    assert [t for t in texts if t[1] < 0 or t[2] > width] == []
    assert [t for t in texts if t[3] < 10.9] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("page", [390, 1440], indirect=True)
def test_bars_are_proportional_on_the_screen(page):
    widths = page.evaluate(
        "() => [...document.querySelectorAll('rect.rx-bar-shortcut')].map((r) => r.getBBox().width)"
    )
    assert [w / widths[1] for w in widths] == pytest.approx([v / 1.2 for v in SHORTCUT], abs=0.02)
    assert widths[1] > 100


def test_a_row_answers_wherever_it_is_clicked(page):
    row = page.locator(".rx-profile [data-block=conv2_block2]")
    box = row.locator(".rx-hit").bounding_box()
    assert box["width"] == pytest.approx(800 - 32, abs=2)
    for x in (3, box["width"] / 2, box["width"] - 3):
        page.mouse.click(box["x"] + x, box["y"] + box["height"] / 2)
    assert page.evaluate("clicked") == ["conv2_block2"] * 3


@pytest.mark.parametrize("chart", [".rx-profile", ".rx-waterfall", ".rx-scatter"])
@pytest.mark.parametrize("key", ["Enter", " "])
def test_blocks_answer_to_the_keyboard(page, chart, key):
    page.locator(f"{chart} [data-block=conv3_block1]").focus()
    page.keyboard.press(key)
    assert page.evaluate("clicked") == ["conv3_block1"]


def test_table_sorts_with_missing_values_last(page):
    def order():
        return page.locator(".rx-lab tbody [data-block]").evaluate_all("all => all.map(e => e.dataset.block)")

    def press(title):
        page.locator(".rx-lab thead button", has_text=title).click()
        return order(), page.locator(".rx-lab thead th").evaluate_all("all => all.map(e => e.ariaSort)")

    assert press("ledger") == (
        ["conv2_block1", "conv2_block2", "conv3_block1"],
        ["none", "descending", "none"],
    )
    assert press("ledger") == (
        ["conv2_block2", "conv2_block1", "conv3_block1"],
        ["none", "ascending", "none"],
    )
    assert press("top class")[0] == ["conv2_block2", "conv2_block1", "conv3_block1"]
    assert press("block") == (NAMES, ["ascending", "none", "none"])


def test_slider_moves_the_divider_by_keyboard(page):
    slider, opacity = page.locator(".rx-compare input").all()
    slider.focus()
    page.keyboard.press("End")
    opacity.focus()
    page.keyboard.press("Home")
    layer = page.locator(".rx-compare-right")
    assert layer.evaluate("e => getComputedStyle(e).clipPath") == "inset(0px 0px 0px 100%)"
    assert layer.evaluate("e => getComputedStyle(e).opacity") == "0"


def test_dark_page_has_other_colours(page):
    def fill():
        return page.locator(".rx-bar-residual").first.evaluate("e => getComputedStyle(e).fill")

    light = fill()
    page.evaluate("document.body.classList.add('dark')")
    assert light != fill()
