"""The laboratory and the comparison in a real browser."""

import re

import pytest
from gradio_client import handle_file
from PIL import Image

pytestmark = pytest.mark.browser


def numbers(text: str) -> list[float]:
    """The numbers in a text, as the page writes them: "− 0.4" and "3.1×10⁻⁶" too."""
    plain = re.sub(r"−\s*", "-", text)
    plain = re.sub(
        r"×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)",
        lambda m: "e" + m[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")),
        plain,
    )
    return [float(n) for n in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?", plain)]


@pytest.fixture(scope="module")
def laboratory(shared_visit, ball):
    visitor = shared_visit()
    visitor.photo(ball)
    visitor.tab("lab", "#lab-table table")
    return visitor


def test_ledger_and_its_order(laboratory, client, ball):
    page = laboratory.page
    known = client.predict(handle_file(ball), api_name="/ledger")
    names = page.locator("#ledger .rx-chart > g .rx-label")
    blocks = [b.get_attribute("data-block") for b in page.locator("#ledger [data-block]").all()]
    assert blocks == [
        f"conv{s}_block{b}" for s, n in ((2, 3), (3, 4), (4, 6), (5, 3)) for b in range(1, n + 1)
    ]
    assert names.count() == 16 + 5  # class bias, stem, projection biases, rounding, logit
    bias, stem, projections, added, total, logit, rounding = numbers(laboratory.text("#ledger .re-formula"))
    assert bias + stem + projections + added == pytest.approx(total, abs=2e-3)  # as a reader would add it
    assert abs(rounding) < 1e-4
    assert [bias, stem, projections] == pytest.approx(
        [known[k] for k in ("class_bias", "stem", "projection_biases")], rel=6e-3
    )
    assert added == pytest.approx(sum(known["blocks"]), rel=6e-3)
    assert total == pytest.approx(logit, abs=1e-3)
    assert logit == pytest.approx(known["logit"], abs=1e-5)

    page.get_by_label("largest first").click()
    first = max(zip(known["blocks"], blocks, strict=True), key=lambda pair: abs(pair[0]))[1]
    page.wait_for_function(
        "name => document.querySelector('#ledger [data-block]').dataset.block === name", arg=first
    )


def test_every_two_blocks_are_switched_off_when_asked(shared_visit, client, ball, tmp_path):
    photo = tmp_path / "cropped.jpg"  # of which no other test has had anything measured
    with Image.open(ball) as image:
        image.crop((0, 1, *image.size)).save(photo)
    laboratory = shared_visit()
    laboratory.photo(photo)
    laboratory.tab("lab", "#lab-table table")
    page = laboratory.page
    assert not page.locator("#lab-pairs .rx-heat").count()
    page.locator("#pairs-show").click()
    page.locator("#lab-pairs .rx-heat").wait_for()
    laboratory.settled()
    assert not page.locator("#pairs-show").is_visible()
    known = {tuple(x["blocks"]): x for x in client.predict(handle_file(photo), api_name="/double_lesion")}
    cells = page.locator("#lab-pairs td[aria-label]").evaluate_all("all => all.map((e) => e.ariaLabel)")
    assert len(cells) == 16 * 16
    for (a, b), pair in known.items():
        said = [cell for cell in cells if cell.startswith(f"without {a} and {b}: ")]
        assert numbers(said[0].partition(": ")[2])[0] == pytest.approx(
            pair["logit_change"], rel=6e-3, abs=1e-4
        )
    worst = min(known, key=lambda two: known[two]["logit_change"])
    assert f"without {worst[0]} and {worst[1]}" in laboratory.text("#lab-pairs .re-finding")


def test_a_block_is_followed_through_every_view(laboratory, client, ball):
    page = laboratory.page
    page.click('#gradients [data-block="conv4_block1"]')
    page.locator("#split h3", has_text="conv4_block1").wait_for()
    laboratory.settled()
    assert laboratory.text("#ledger-map h3") == "Where conv4_block1 argued"
    assert page.input_value("#layer input") == "conv4_block1"
    for view in ("#ledger", "#gradients", "#lab-table"):
        assert page.locator(f"{view} .rx-selected").count() == 1
    assert "does not hold for conv4_block1" in laboratory.text("#gradients .re-text")  # a projection block

    gradient = next(
        g for g in client.predict(handle_file(ball), api_name="/gradients") if g["block"] == "conv4_block1"
    )
    _, *found = numbers(laboratory.text("#gradients .re-formula").replace("conv4_block1", "0"))
    assert found[:4] == pytest.approx(
        [gradient[k] for k in ("shortcut_rms", "residual_rms", "total_rms", "cosine")], rel=6e-3
    )
    parts = client.predict(handle_file(ball), at="conv4_block1", api_name="/split_gradcam")
    sums = [sum(map(sum, parts[k])) for k in ("shortcut", "residual", "total")]
    written = laboratory.text("#split .re-formula").split("=", 1)[1]
    assert numbers(written)[:3] == pytest.approx(sums, rel=6e-3)
    assert page.locator("#split .rx-map").count() == 3
    assert page.locator("#split .rx-compare-layer").count() == 2  # one map at either side of the slider


def test_the_table_is_sorted(laboratory, client, ball):
    page = laboratory.page
    lesions = {x["block"]: x["logit_change"] for x in client.predict(handle_file(ball), api_name="/lesion")}
    heading = page.locator("#lab-table th", has=page.get_by_role("button", name="lesion", exact=True))
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    rows = page.locator("#lab-table tbody tr")
    order = [re.match(r"\w+", r.locator("th").inner_text())[0] for r in rows.all()]
    assert order == sorted(lesions, key=lambda name: -lesions[name])
    heading.get_by_role("button").click()
    assert re.match(r"\w+", rows.first.locator("th").inner_text())[0] == order[-1]


def test_gates_change_the_classes(laboratory):
    page = laboratory.page
    assert "All gates are one" in laboratory.text("#gated .re-finding")
    gates = page.locator("#gates")
    closed = ("conv2_block1", "conv3_block1", "conv4_block1", "conv5_block1")
    for name in closed:
        gates.get_by_label(name).click()
    page.locator("#gated .re-finding", has_text="With 4 of the residual branches scaled to 0").wait_for()
    laboratory.settled()
    before, now = (page.locator("#gated .rx-predictions").nth(i) for i in (0, 1))
    assert now.inner_text() != before.inner_text()
    page.fill("#gate input[type=number]", "1")
    page.keyboard.press("Tab")
    page.locator("#gated .re-finding", has_text="scaled to 1").wait_for()
    laboratory.settled()
    assert now.inner_text() == before.inner_text()  # a gate of one changes nothing
    for name in closed:
        gates.get_by_label(name).click()
    page.locator("#gated .re-finding", has_text="All gates are one").wait_for()


def test_scatter_and_its_columns(laboratory):
    page = laboratory.page
    points = page.locator("#scatter [data-block]")
    assert points.count() == 16
    rho, *_ = numbers(laboratory.text("#scatter .re-finding"))
    assert numbers(laboratory.text("#scatter .re-formula"))[2] == pytest.approx(rho, abs=6e-3)
    page.click("#up input")
    page.get_by_role("option", name="ledger").click()
    page.locator("#scatter .re-finding", has_text="magnitude ratio and ledger").wait_for()
    assert page.locator("#scatter details tbody tr").count() == 10  # each pair of the five columns


def test_every_view_begins_with_a_finding_and_ends_with_its_formula(laboratory):
    views = laboratory.page.locator('[role="tabpanel"]:visible .re-panel:not(:has(#pairs-show)) .re-card')
    assert views.count() == 8  # of pairs it is told when they are asked for
    for view in views.all():
        assert len(view.locator(".re-finding").inner_text()) > 40
        assert re.search(r"\d", view.locator(".re-formula").first.inner_text())


def test_the_stem_has_no_branches_and_that_is_said(laboratory):
    page = laboratory.page
    page.click("#layer input")
    page.get_by_role("option", name="stem · conv1").click()
    page.get_by_text("conv1 is in the stem and has no branches; conv5_block3 is shown").wait_for()


def test_two_classes_and_two_photos_are_compared(visit, client, ball, church):
    visitor = visit()
    visitor.photo(ball)
    visitor.tab("compare", "#by-class .rx-waterfall")
    page = visitor.page
    page.click("#other-class input")
    page.get_by_role("option", name="church").click()
    page.locator("#by-class .re-finding", has_text="less that of church").wait_for()
    visitor.settled()
    known = client.predict(handle_file(ball), other="church", api_name="/compare")
    difference = known["first"]["logit"] - known["second"]["logit"]
    found = numbers(visitor.text("#by-class .re-formula"))
    assert found[0] == pytest.approx(known["first"]["logit"], abs=1e-3)
    assert found[-2:] == pytest.approx(
        [difference, sum(d["difference"] for d in known["differences"])], abs=1e-3
    )

    layers = numbers(visitor.text("#by-position .re-formula"))  # + − = sum; biases, difference
    assert layers[0] + layers[1] == pytest.approx(layers[2], abs=2e-3)
    assert layers[3] + layers[4] == pytest.approx(layers[5], abs=2e-3)
    assert [layers[3], layers[5]] == pytest.approx([layers[2], difference], abs=2e-3)
    visitor.changes(
        "#by-position .rx-compare-layer", lambda: page.click('#by-class [data-block="conv4_block6"]')
    )
    assert visitor.text("#by-position .re-finding").startswith("conv4_block6: for golf ball")

    visitor.photo(church, into="#other-photo")
    page.locator("#by-photo .rx-waterfall").wait_for()
    known = client.predict(handle_file(ball), other_photo=handle_file(church), api_name="/compare")
    found = numbers(visitor.text("#by-photo .re-formula"))
    assert found[-1] == pytest.approx(known["first"]["logit"] - known["second"]["logit"], abs=1e-3)
    assert page.locator("#both-photos .rx-compare-layer").count() == 2  # a map over either photo
    lines = page.locator("#both-photos .re-formula").all_inner_texts()[-2:]
    for line, side in zip(lines, ("first", "second"), strict=True):
        layers, bias, projections, logit = numbers(line)
        assert layers + bias + projections == pytest.approx(logit, abs=2e-3)
        assert logit == pytest.approx(known[side]["logit"], abs=2e-3)
