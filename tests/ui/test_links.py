"""An address opens the page at a view, the page tells the address of what it shows, and what there is not is said."""

import json
import zipfile
from urllib.parse import parse_qs

import pytest


@pytest.fixture
def at(visit, server):
    """Open the page at an address."""

    def open_page(address, **options):
        visitor = visit(**options)
        visitor.page.goto(server.url + address)
        return visitor

    return open_page


def test_an_address_opens_a_view_and_the_page_tells_it_again(at):
    address = "?example=golf-ball-in-grass&class=n03028079&layer=conv4&lang=zh"
    visitor = at(address)
    page = visitor.page
    page.locator("#block h3", has_text="conv4_block6").wait_for()
    visitor.settled()
    assert "教堂" in page.locator(".rx-prediction[aria-pressed=true]").inner_text()
    assert page.input_value("#target input") == "教堂"
    assert page.input_value("#layer input") == "conv4_block6"
    parameters = parse_qs(page.locator(".re-link a").get_attribute("href").removeprefix("?"))
    assert parameters == {
        "example": ["golf-ball-in-grass"],
        "class": ["n03028079"],
        "layer": ["conv4_block6"],
        "lang": ["zh"],
    }
    page.locator(".rx-prediction[data-class='8']").click()
    page.locator(".re-link a[href*=n03445777]").wait_for()
    visitor.settled()


def test_a_link_is_copied_whole(at, server):
    visitor = at("?example=golf-ball-in-grass.jpg")
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.page.locator(".re-link-copy").click()
    visitor.page.get_by_text("Copied").wait_for()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied == (f"{server.url}/?example=golf-ball-in-grass&class=n03445777&layer=conv5_block3&lang=en")
    visitor.settled()


@pytest.mark.parametrize(
    ("address", "chinese", "said"),
    [
        ("?example=nowhere", False, "There is no such example. Received: 'nowhere'. Accepted: "),
        ("?example=golf-ball-in-grass&class=unicorn", False, "There is no such class. Received: 'unicorn'"),
        (
            "?example=golf-ball-in-grass&layer=conv9",
            False,
            "There is no such block or stage. Received: 'conv9'",
        ),
        ("?example=golf-ball-in-grass&lang=xx", True, "没有这种语言。收到：'xx'。接受：en, zh。"),
        ("?class=church", False, "There is no such example. Received: ''. Accepted: "),
    ],
)
def test_what_there_is_not_is_said(at, address, chinese, said):
    visitor = at(address, chinese=chinese)
    visitor.page.locator("#headline .re-error").wait_for()
    assert said in visitor.page.inner_text("#headline")
    visitor.settled()


def test_a_photo_of_ones_own_has_no_address(visit, ball, tmp_path):
    own = tmp_path / ball.name  # of an example's name
    own.write_bytes(ball.read_bytes() + b"\0")
    visitor = visit()
    visitor.photo(own)
    assert visitor.page.locator(".re-link").count() == 0


def test_a_report_and_all_files_are_taken_along(visit, ball, tmp_path):
    visitor = visit()
    page = visitor.page
    assert not page.locator("#keep-report").is_visible()  # there is nothing yet
    visitor.photo(ball)
    page.locator("#ask-belief").click()
    page.locator("#belief .re-belief").wait_for(timeout=60_000)
    for button, name in (("#keep-report", "report.html"), ("#keep-all", "results.zip")):
        with page.expect_download(timeout=60_000) as download:
            page.locator(button).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
        visitor.settled()
    report = (tmp_path / "report.html").read_text("utf-8")
    assert ball.name in report
    assert "How far can this be believed?" in report
    assert "Which layer should I look at?" not in report
    with zipfile.ZipFile(tmp_path / "results.zip") as archive:
        names = set(archive.namelist())
        assert archive.read("report.html").decode() == report
        numbers = json.loads(archive.read("analysis.json"))
    assert names >= {
        "analysis.json",
        "arrays.npz",
        "blocks.csv",
        "heatmap.png",
        "profile.svg",
        "ledger.svg",
        "lab.png",
    }
    assert numbers == json.loads(report.split('id="analysis">')[1].split("</script>")[0])
