"""A report opens from the disk, without any network, in both languages, and its numbers are those of analysis.json."""

import csv
import io
import json
import re

import pytest

from resnet_demo.assets import EXAMPLES
from resnet_demo.atlas.bundled import atlas_of
from resnet_demo.measures.catalogue import MEASURES
from resnet_demo.measures.dossier import dossier
from resnet_demo.measures.recorder import Recorder
from resnet_demo.photos.decoding import read_photo
from resnet_demo.results import blocks_table
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number
from resnet_demo.views.pictures import photo_uri
from resnet_demo.views.report import report
from resnet_demo.views.report.sections import ON_THE_PAGE_ALONE, SECTIONS


@pytest.fixture(scope="module")
def found(instrumented):
    photo = read_photo(EXAMPLES / "golf-ball-in-grass.jpg")
    atlas = atlas_of(instrumented.network.provenance.sha256)
    return dossier(Recorder(instrumented), photo, at="conv5_block2", atlas=atlas, scores=True)


@pytest.fixture(scope="module")
def file(found, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report(found, photo_uri(found.photo)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def opened(browser, file):
    """The report in a browser that lets no request out, by language; what went wrong in it is checked at the end."""
    events: list[str] = []
    contexts = []

    def open_report(language="en-US", width=1280, dark=False):
        context = browser.new_context(
            locale=language,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: None if r.url.startswith("data:") else events.append(r.url))
        page.on("console", lambda m: events.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: events.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert set(events) == {file.as_uri()}


def test_each_measure_has_a_section_or_answers_to_the_page_alone():
    names = {measure.NAME for measure in MEASURES}
    assert SECTIONS.keys() | ON_THE_PAGE_ALONE == names
    assert not SECTIONS.keys() & ON_THE_PAGE_ALONE


def test_nothing_in_it_leads_elsewhere(file):
    text = file.read_text("utf-8")
    assert not re.findall(r"""(?:https?:)?//[\w.-]+\.\w|(?:src|href)=["'](?!data:|#)""", text)
    assert text.count("data:image/jpeg") == 6  # the photo under three maps, in two languages
    assert len(text) < 2_500_000


def test_it_says_the_same_in_either_language(opened, found):
    for language, code, other in (("en-US", "en", "zh"), ("zh-CN", "zh", "en")):
        page, words = opened(language), Words(code)
        label = words.class_of(found.analysis.target)
        shown, hidden = page.locator(f".re-report-{code}"), page.locator(f".re-report-{other}")
        assert not hidden.is_visible()
        assert page.evaluate("document.documentElement.lang").startswith(code)
        text = shown.inner_text()
        assert label in text.splitlines()[0]
        for title in (
            "classes_title",
            "cam_title",
            "forming_title",
            "profile_title",
            "ledger_title",
            "gradients_title",
            "table_title",
            "report_numbers",
            "report_network",
            "belief_title",
            "layers_title",
        ):
            assert words(title) in text
        assert words("split_title", block="conv5_block2") in text
        assert found.network.weights.sha256 in text
        page.locator(f"label[for=say-{other}]").click()
        assert hidden.is_visible()
        assert not shown.is_visible()


def test_its_numbers_are_those_of_analysis_json(opened, found):
    page, numbers = opened(), found.numbers
    assert json.loads(page.locator("#analysis").inner_text() or page.locator("#analysis").text_content()) == (
        json.loads(json.dumps(numbers))
    )
    rows = page.locator(".re-report-en .re-numbers tbody tr").all()
    written = [row.locator("th, td").all_inner_texts() for row in rows]
    assert [row[0] for row in written] == [block["name"] for block in numbers["blocks"]]
    for row, block in zip(written, numbers["blocks"], strict=True):
        expected = [block["shortcut"]["rms"], block["residual"]["rms"], block["cosine"]]
        expected += [block[name] for name in ("ratio", "novelty", "closed_gates", "change")]
        expected += [block["lesion"]["logit_change"], block["ledger"]]
        assert row[2:] == ["–" if value is None else number(value, 4) for value in expected]
    ledger = page.locator(".re-report-en", has_text="The ledger").inner_text()
    assert number(numbers["ledger"]["logit"], 7) in ledger


def test_its_curves_are_lines_and_its_layers_those_of_analysis_json(opened, found):
    page, numbers = opened(), found.numbers
    lines = page.locator(".re-report-en .re-two polyline")
    assert lines.evaluate_all("all => all.map((one) => getComputedStyle(one).fill)") == ["none"] * 4
    rows = page.locator(".re-report-en table", has_text="average drop").locator("tbody tr")
    assert rows.locator(".rx-row-name").all_inner_texts() == list(numbers["layer_scores"]["layers"])


def test_a_block_that_is_pressed_opens_below(opened):
    page = opened()
    block = page.locator(".re-report-en [data-of-block=conv3_block2]")
    assert block.get_attribute("open") is None
    page.locator(".re-report-en .rx-profile [data-block=conv3_block2]").first.click()
    assert block.get_attribute("open") is not None
    assert block.locator(".rx-map").count() == 5


def test_on_a_phone_it_is_as_wide_as_the_phone_and_on_paper_all_is_open(opened):
    page = opened("zh-CN", width=390, dark=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".re-report-zh details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".re-report-zh details:not([open])").count() > 16


def test_the_table_of_blocks_as_csv(found):
    read = list(csv.DictReader(io.StringIO(blocks_table.as_csv(blocks_table.rows(found)))))
    assert len(read) == 16
    for row, block in zip(read, found.numbers["blocks"], strict=True):
        assert row["block"] == block["name"]
        assert float(row["residual_std"]) == block["residual"]["std"]
        assert float(row["ledger"]) == block["ledger"]
        assert row["change"] == ("" if block["change"] is None else str(block["change"]))
