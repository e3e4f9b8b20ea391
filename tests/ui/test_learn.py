"""The walk in a real browser: by address, by button, by keyboard; and each verdict's number by another way."""

import json
import re
import time

import pytest

from resnet_demo.assets import LEARN

pytestmark = pytest.mark.browser


def percents(text: str) -> list[float]:
    """The shares of a sentence."""
    return [float(n) / 100 for n in re.findall(r"([\d.]+)%", text)]


def numbers(text: str) -> list[float]:
    """The numbers of a sentence, "9.95×10⁶" too."""
    plain = re.sub(
        r"×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)",
        lambda m: "e" + m[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")),
        text,
    )
    return [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", plain)]


# Gradio's client may have its stream open when the page is left for another address.
LEAVING = ("signal is aborted", "Connection errored out")


def go(visitor, address: str) -> None:
    visitor.page.goto(visitor.page.url.split("?")[0] + address)
    visitor.settled()
    visitor.problems[:] = [p for p in visitor.problems if not any(text in p for text in LEAVING)]


def open_step(visitor, step: str) -> str:
    """Open a step by its address, and have it checked; what its verdict says."""
    page = visitor.page
    go(visitor, f"?learn={step}")
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


def test_a_step_is_linked_to_together_with_a_photo(visit):
    visitor = visit()
    go(visitor, "?example=cathedral-at-night&learn=3")
    visitor.page.locator("#learn-result", has_text="cathedral-at-night.jpg").wait_for()
    visitor.settled()
    assert visitor.text("#learn-idea h2").startswith("A block adds")
    assert visitor.page.url.endswith("learn=3")


def test_a_newcomer_is_offered_the_walk(visit):
    visitor = visit()
    page = visitor.page
    page.get_by_role("link", name="New to ResNet? Start here").click()
    page.locator("#learn-idea h2", has_text="Deeper plain networks").wait_for()
    assert page.url.endswith("?learn=1")
    visitor.settled()
    visitor.tab("overview")
    assert "learn" not in page.url


def test_step_2_waits_to_be_asked_and_shows_pytorchs_gradients(walk, torch_norms):
    go(walk, "?learn=2")
    walk.page.locator("#learn-check").wait_for()
    assert walk.page.locator("#learn-result .rx-outcome").count() == 0
    said = open_step(walk, "2")

    def change(kind, batch_norm):
        return torch_norms(kind, 110, batch_norm)[0] / torch_norms(kind, 8, batch_norm)[0]

    expected = [change(kind, norm) for norm in (True, False) for kind in ("plain", "residual")]
    assert expected[0] > 100 > expected[1] > 0.01  # with BatchNorm it holds
    assert expected[2] < 0.01 < 100 < expected[3]  # without, shortcuts do not prevent it
    assert said.startswith("◐ holds only where … It holds only with BatchNorm.")
    # Through 110 layers rounding grows as the gradient does: the order of magnitude is the same.
    assert numbers(said)[2:6] == pytest.approx(expected, rel=0.4)
    assert walk.page.locator("#learn-result .rx-curve").count() == 20  # 4 kinds, 5 depths


def test_steps_by_button_keyboard_and_memory(visit):
    visitor = visit()
    page = visitor.page
    visitor.tab("learn", "#learn-idea h2")
    page.get_by_role("button", name="Gradients →").click()
    title = page.locator("#learn-idea h2")
    title.filter(has_text="Gradients vanish").wait_for()
    visitor.settled()
    assert page.url.endswith("?learn=2")
    assert page.locator("#learn-steps [aria-current=step]").inner_text().split() == ["2", "Gradients"]
    assert (
        page.evaluate("document.activeElement.tagName") == "H2"
    )  # the reader is at the new step's beginning
    page.keyboard.press("ArrowLeft")
    title.filter(has_text="Deeper plain").wait_for()
    visitor.settled()
    page.locator("#learn-steps [aria-current]").focus()
    page.keyboard.press("ArrowRight")
    title.filter(has_text="Gradients vanish").wait_for()
    visitor.settled()
    assert page.evaluate("document.activeElement.dataset.step") == "2"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    title.filter(has_text="Deeper plain").wait_for()
    visitor.settled()
    assert page.evaluate("document.activeElement.dataset.step") == "1"
    page.keyboard.press("ArrowRight")
    title.filter(has_text="Gradients vanish").wait_for()
    visitor.settled()

    visitor.tab("overview")
    visitor.tab("learn", "#learn-idea h2")
    assert title.inner_text().startswith("Gradients vanish")
    go(visitor, "")  # another visit of the same reader
    visitor.tab("learn", "#learn-idea h2")
    assert title.inner_text().startswith("Gradients vanish")


@pytest.mark.parametrize("asked", ["99", "0", "-1", "x" * 300, "<b>"])
def test_what_is_no_step_opens_the_first(walk, asked):
    open_step(walk, asked)
    assert walk.text("#learn-idea h2").startswith("Deeper plain")
    assert walk.page.url.endswith("?learn=1")


def test_the_bottleneck_step_counts_as_one_does_by_hand(walk):
    said = open_step(walk, "bottleneck")
    wide, bottleneck, narrow = 2 * 9 * 256**2, 2 * 256 * 64 + 9 * 64**2, 2 * 9 * 64**2
    assert said.startswith("✓ holds")
    width, factor, *weights, narrow_width, narrow_weights, ratio = numbers(said)
    assert (width, *weights, narrow_width, narrow_weights) == (256, wide, bottleneck, 64, narrow)
    assert [factor, ratio] == pytest.approx([wide / bottleneck, bottleneck / narrow], abs=0.05)


def test_the_shapes_step_counts_projections_by_hand(walk):
    said = open_step(walk, "shapes")
    added_b = sum(a * b + 5 * b for a, b in ((64, 128), (128, 256), (256, 512)))
    added_c = added_b + sum(n * (c * c + 5 * c) for c, n in ((64, 3), (128, 3), (256, 5), (512, 2)))
    assert said.startswith("✕ does not hold")
    found = numbers(said)
    assert (found[0], found[1], found[3]) == (0, added_b, added_c)
    assert found[5:] == [64, 128, 0]


def test_the_projection_step_reads_the_network_on_screen(walk):
    said = open_step(walk, "projection")
    counted = [(64, 256, 56), (256, 512, 28), (512, 1024, 14), (1024, 2048, 7)]
    parameters, cost = (
        sum(a * b + 5 * b for a, b, _ in counted),
        sum(a * b * side**2 for a, b, side in counted),
    )
    whole = 25_636_712 - 990 * 2049  # Keras' ResNet50 with ten classes in place of a thousand
    assert said.startswith("✓ holds")
    assert "4 of 16 blocks" in said
    assert percents(said) == pytest.approx([parameters / whole, cost / 3.856e9], abs=6e-4)
    assert f"{parameters:,}" in walk.text("#learn-result .rx-background")
    assert walk.page.locator("#learn-result .rx-bars tbody tr").count() == 16


def test_the_depths_step_counts_the_five(walk):
    said = open_step(walk, "depths")
    assert said.startswith("✓ holds")
    tables = walk.page.locator("#learn-result .rx-bars")
    millions = [numbers(row)[2] for row in tables.first.locator("tbody tr").all_inner_texts()]
    # torchvision's counts, less the BatchNorm statistics it does not count and the biases it has not, to the decimal.
    assert millions == pytest.approx([11.7, 21.8, 25.6, 44.7, 60.4], abs=0.05)
    assert tables.count() == 3
    assert "3.57%" in tables.nth(1).locator("tr", has_text="2015").inner_text()
    assert (
        tables.nth(1).locator("tbody tr a[href^='https://']").count() == 8
    )  # each winner's error has its source
    assert (
        walk.page.locator("#learn-result .rx-note a[href='https://keras.io/api/applications']").count() == 1
    )


def trainings() -> list[int]:
    """The training processes there are."""
    import psutil

    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if "resnet_demo.learn.training_process" in (process.info["cmdline"] or ())
        and process.ppid() in {p.pid for p in psutil.Process().children(recursive=True)}
    ]


def eventually(condition) -> bool:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return condition()


def test_a_training_is_stopped_by_its_reader_and_ends_when_the_page_is_left(visit):
    visitor = visit()
    page = visitor.page
    go(visitor, "?learn=2")
    page.locator("#learn-idea h2").wait_for()
    assert not page.locator("#learn-train-start").is_visible()  # of step 1 alone
    open_step(visitor, "1")
    page.locator("#learn-train-start").click()
    page.locator("#learn-trained progress").wait_for()
    assert eventually(trainings)
    page.get_by_role(
        "button", name="Gradients →"
    ).click()  # others are answered meanwhile, and so is one oneself
    page.locator("#learn-idea h2", has_text="Gradients vanish").wait_for()
    page.locator('#learn-steps [data-step="1"]').click()
    page.locator("#learn-train-stop").click()
    page.locator("#learn-trained progress").wait_for(state="detached")
    assert eventually(lambda: not trainings())

    page.locator("#learn-train-start").click()
    page.locator("#learn-trained progress").wait_for()
    assert eventually(trainings)
    page.goto("about:blank")
    assert eventually(lambda: not trainings())
    visitor.problems.clear()  # the page was left while it was being answered
