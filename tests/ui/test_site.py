"""A site in a browser that has no network: every link leads somewhere, and a photo takes no more than 300 kB."""

import base64
import io
import json
import re
from urllib.parse import urljoin

import numpy as np
import pytest
import yaml
from PIL import Image

from resnet_demo.assets import EXAMPLES
from resnet_demo.cli import main
from resnet_demo.cli import site as site_command
from resnet_demo.engine import instrumented_model
from resnet_demo.measures import dossier as measures
from resnet_demo.measures.dossier import dossier
from resnet_demo.networks import weights
from resnet_demo.views.site.entry import slug_of
from resnet_demo.views.site.files import with_files

MOST = 300_000  # bytes a photo


@pytest.fixture(scope="module")
def site(tmp_path_factory, instrumented):
    """Of photos in class folders: two as they are, one of noise in a wrong folder, one file that is no picture."""
    data, out = tmp_path_factory.mktemp("photos"), tmp_path_factory.mktemp("site")
    for folder, name in (("n03445777", "golf-ball-in-grass.jpg"), ("church", "cathedral-at-night.jpg")):
        (data / folder).mkdir()
        (data / folder / name).write_bytes((EXAMPLES / name).read_bytes())
    noise = np.random.default_rng(5).integers(0, 256, (600, 700, 3), np.uint8)
    Image.fromarray(noise).save(data / "church" / "Ein Rauschen, bunt.png")
    (data / "church" / "broken.jpg").write_bytes(b"no picture")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weights, "load", lambda *_: instrumented.network)
        patch.setattr(instrumented_model, "InstrumentedModel", lambda _: instrumented)
        status = main(["site", str(data), "--out", str(out), "--weights", "bundled", "--lab"])
    assert status == 1  # one file could not be read
    return out


@pytest.fixture(scope="module")
def page(browser, site):
    events = []
    context = browser.new_context(offline=True, locale="en-US")
    page = context.new_page()
    page.on("request", lambda r: events.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    # A picture that was still on its way when the page was left is none that failed.
    page.on("requestfailed", lambda r: events.append(r.url) if r.failure != "net::ERR_ABORTED" else None)
    page.on("console", lambda m: events.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: events.append(str(error)))
    yield page
    context.close()
    assert events == []


def test_every_page_opens_and_every_link_leads_somewhere(page, site):
    start = (site / "index.html").as_uri()
    waiting, seen = [start], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        page.goto(address)
        assert page.evaluate(
            "[...document.images].filter((i) => i.loading !== 'lazy').every((i) => i.naturalWidth)"
        )
        for link in page.eval_on_selector_all("a[href]", "all => all.map((a) => a.getAttribute('href'))"):
            assert not re.match(r"\w+:|/", link), link
            waiting.append(urljoin(address, link).split("#")[0])
    written = {path.as_uri() for path in site.rglob("*.html")}
    assert seen == written
    assert len(written) == 1 + 3 + 16 + len(list((site / "classes").iterdir()))


def test_a_photo_is_no_more_than_its_share(site):
    pages = list((site / "photos").glob("*.html"))
    assert len(pages) == 3
    for path in pages:
        size = path.stat().st_size + sum(f.stat().st_size for f in path.with_suffix("").iterdir())
        assert size <= MOST, path.name
        assert "data:image" not in path.read_text("utf-8")


def test_addresses_stay(site):
    names = {path.stem for path in (site / "photos").glob("*.html")}
    ball = (EXAMPLES / "golf-ball-in-grass.jpg").read_bytes()
    assert slug_of("golf-ball-in-grass.jpg", ball) in names
    assert [name for name in names if re.fullmatch(r"ein-rauschen-bunt-[0-9a-f]{8}", name)]
    assert slug_of("照片.jpg", b"") == "photo-e3b0c442"


def test_what_was_wrong_is_marked_and_what_could_not_be_read_named(page, site):
    page.goto((site / "index.html").as_uri())
    text = page.locator(".re-report-en header").inner_text()
    assert "3 photos" in text
    assert "2 of the 3" in text
    assert "1 files could not be read: broken.jpg." in text
    assert page.locator(".re-report-en .re-thumb-wrong").all_inner_texts()[0].endswith("it is: church")
    page.locator("label[for=say-zh]").click()
    assert "实为：教堂" in page.locator(".re-report-zh .re-thumb-wrong").inner_text()
    page.locator(".re-report-zh .re-thumb").first.click()  # the language goes along
    page.locator(".re-report-zh").wait_for()
    page.locator("label[for=say-en]").click()


def test_a_block_that_is_pressed_leads_to_its_page_and_back_to_a_photo(page, site):
    ball = next((site / "photos").glob("golf-ball*.html"))
    page.goto(ball.as_uri())
    page.locator(
        ".re-report-en .rx-river [data-block=conv4_block2], .re-report-en [data-block=conv4_block2]"
    ).first.click()
    page.wait_for_url("**/blocks/conv4_block2.html")
    rows = page.locator(".re-report-en .rx-lab tbody tr")
    assert rows.count() == 3
    page.locator(".re-report-en .rx-lab th button", has_text="lesion").click()
    lesions = [float(v) for v in rows.evaluate_all("rows => rows.map((r) => r.children[4].dataset.value)")]
    assert lesions == sorted(lesions, reverse=True)
    page.locator(".re-report-en .rx-lab .rx-row-name", has_text="golf-ball").click()
    page.wait_for_url("**/photos/golf-ball*.html")


def test_the_card_is_a_static_spaces(site):
    _, front, text = (site / "README.md").read_text("utf-8").split("---\n", 2)
    matter = yaml.safe_load(front)
    assert matter["sdk"] == "static"
    assert (site / matter["app_file"]).is_file()
    assert "3 photos" in text


def test_each_picture_is_one_file_whose_pixels_are_the_same():
    pixels = (np.add.outer(np.arange(40), np.arange(0, 120, 2)) // 9 % 9).astype(np.uint8)
    image = Image.fromarray(pixels)
    image.putpalette(np.arange(27, dtype=np.uint8).tobytes())
    raw = io.BytesIO()
    image.save(raw, "PNG", compress_level=0, transparency=bytes(range(9)))
    uri = f"data:image/png;base64,{base64.b64encode(raw.getvalue()).decode()}"
    text, files = with_files(f'<img src="{uri}"><img src="{uri}">', "here")
    ((name, data),) = files.items()
    assert text == f'<img src="here/{name}"><img src="here/{name}">'
    assert len(data) < len(raw.getvalue())
    kept = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
    assert (kept == np.asarray(Image.open(raw).convert("RGBA"))).all()


def test_a_killed_run_goes_on_and_does_no_photo_twice(tmp_path, instrumented, monkeypatch, capsys):
    monkeypatch.setattr(weights, "load", lambda *_: instrumented.network)
    monkeypatch.setattr(instrumented_model, "InstrumentedModel", lambda _: instrumented)
    write, written = site_command._write_photo, []

    def dies(folder, slug, found):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(slug)
        return write(folder, slug, found)

    arguments = ["site", str(EXAMPLES), "--limit", "4", "--out"]
    with monkeypatch.context() as patch:
        patch.setattr(site_command, "_write_photo", dies)
        assert main([*arguments, str(tmp_path / "s")]) == 130
    assert not (tmp_path / "s" / "index.html").exists()
    with (tmp_path / "s" / "site.part").open("a") as file:
        file.write('{"slug": "the line that was being wri')
    dossiers = []
    monkeypatch.setattr(measures, "dossier", lambda *a, **k: dossiers.append(1) or dossier(*a, **k))
    assert main([*arguments, str(tmp_path / "s")]) == 0
    assert len(dossiers) == 2
    assert not (tmp_path / "s" / "site.part").exists()
    assert main([*arguments, str(tmp_path / "whole")]) == 0
    capsys.readouterr()
    for page in (tmp_path / "whole").rglob("*.html"):
        assert (tmp_path / "s" / page.relative_to(tmp_path / "whole")).read_text() == page.read_text()


def test_a_folder_of_photos_without_classes(tmp_path, instrumented, monkeypatch, capsys):
    monkeypatch.setattr(weights, "load", lambda *_: instrumented.network)
    monkeypatch.setattr(instrumented_model, "InstrumentedModel", lambda _: instrumented)
    assert main(["site", str(EXAMPLES), "--out", str(tmp_path / "s"), "--limit", "2", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"photos": 2, "unreadable": [], "index": str(tmp_path / "s" / "index.html")}
    (tmp_path / "empty").mkdir()
    assert main(["site", str(tmp_path / "empty"), "--out", str(tmp_path / "t")]) == 1
    assert "There is no data set in the folder." in capsys.readouterr().err
    assert not (tmp_path / "t").exists()
