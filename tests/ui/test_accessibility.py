"""The page for those who do not see it, have no pointer, or want it to stand still."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

GRAVE = ("serious", "critical")

# Two frames, and the end of every transition from one theme's colours to the other's: on a busy machine they are short
# and late.
DRAWN = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(transitions.map((one) => one.finished));
}"""


def violations(page, *rules: str) -> list[str]:
    """What axe-core finds grave on the page as it is, by some of its rules or by all: rule, element, why."""
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], **only}).response["violations"]
    return [
        f"{rule['id']}: {node['target']}: {node['failureSummary']}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def show_everything(visitor) -> None:
    """Ask for what the overview shows only when asked: the answer as it forms, the heatmap tested."""
    for button, answer in (("#forming-show", "#forming .rx-forming"), ("#ask-belief", "#belief .rx-curve")):
        if visitor.page.locator(button).is_visible():
            visitor.page.locator(button).click()
        visitor.page.locator(answer).first.wait_for()
    visitor.settled()


@pytest.mark.parametrize("chinese", [False, True], ids=["english", "chinese"])
def test_axe_finds_nothing_grave_on_any_tab(visit, ball, chinese):
    """Two visits, one a language; in each, every tab is looked at in both themes."""
    visitor = visit(chinese=chinese)
    page, themes = visitor.page, ["light", "dark"]

    def look(at: str) -> None:
        for theme, rules in zip(themes, ((), ("color-contrast",)), strict=True):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.wait_for_function(
                "theme => document.body.matches('.dark') === (theme === 'dark')", arg=theme
            )
            page.evaluate(DRAWN)
            assert not violations(page, *rules), (at, theme)  # only a colour hangs on the theme
        themes.reverse()  # the next look begins with the theme that this one ends with

    look("empty")
    visitor.photo(ball)
    show_everything(visitor)
    for button in page.get_by_role("tab").all():
        button.click()
        visitor.settled()
        look(button.inner_text())


def test_axe_sees_what_is_wrong(visit):
    """Else the test above could not fail."""
    page = visit().page
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<button></button><img src=\"data:,\">')")
    assert {line.split(":")[0] for line in violations(page)} == {"button-name", "image-alt"}


def press_until(page, selector: str, key: str = "Tab", most: int = 120) -> None:
    """Press a key until the keyboard is at an element."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {most} × {key}")


def test_the_page_is_walked_through_without_a_pointer(visit):
    visitor = visit()
    page = visitor.page
    press_until(page, '[data-example="cathedral-at-night.jpg"]')
    page.keyboard.press("Enter")
    page.get_by_text("cathedral-at-night.jpg").first.wait_for()
    visitor.settled()

    press_until(page, "[role=tab][data-tab-id=stages]")
    page.keyboard.press("Enter")
    page.locator("#grid .rx-tile").first.wait_for()
    visitor.settled()
    press_until(page, "#grid .rx-tile:nth-child(3)")
    channel = page.evaluate("document.activeElement.dataset.channel")
    page.keyboard.press("Enter")
    page.locator("#channel h3", has_text=f" {channel}").wait_for()
    visitor.settled()

    press_until(page, "[role=tab][data-tab-id=overview]", "Shift+Tab")
    page.keyboard.press("Space")
    press_until(page, '.rx-river [data-block="conv3_block2"]')
    page.keyboard.press("Enter")
    page.locator("#block h3", has_text="conv3_block2").wait_for()
    visitor.settled()
    press_until(page, "#block .re-button")
    page.keyboard.press("Enter")
    page.locator("#lab-forming .rx-forming").wait_for()
    visitor.settled()
    press_until(page, '#lab-forming [data-block="conv2_block1"]')
    page.keyboard.press("Enter")
    page.locator("#ledger-map h3", has_text="conv2_block1").wait_for()


MOVING = """() => [...document.querySelectorAll('*')].filter((e) => {
  const style = getComputedStyle(e);
  return [style.transitionDuration, style.animationDuration].join().split(',').some((s) => parseFloat(s) > 1e-4);
}).length"""


def test_nothing_moves_for_whom_motion_is_too_much(visit):
    page = visit().page
    assert page.evaluate(MOVING) > 5
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0
