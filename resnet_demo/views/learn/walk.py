"""What surrounds each step's picture: the stepper, the idea, the verdict, where to read on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resnet_demo.results.check import Check
from resnet_demo.views.learn import DRAWINGS
from resnet_demo.views.learn.sources import linked
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number

_MARKS = {"holds": "✓", "holds_only_where": "◐", "does_not_hold": "✕"}


class _Figure(float):
    """A number that a sentence writes as the page does, unless the sentence says how: {share:.1%}."""

    def __format__(self, form: str) -> str:
        return super().__format__(form) if form else number(self)


def said(check: Check, ending: str, words: Words) -> str:
    """The step's words under `learn_<step>_<ending>`, filled in with what was measured."""
    return words(
        f"learn_{check.step}_{ending}", **{name: _said(value, words) for name, value in check.values.items()}
    )


def _said(value: Any, words: Words) -> Any:
    if isinstance(value, str) and value.startswith("learn_"):
        return words(value)
    return _Figure(value) if isinstance(value, float) else value


def stepper(keys: Sequence[str], current: str, words: Words) -> Html:
    """The steps as buttons, the current one marked."""
    buttons = [
        element(
            "li",
            element(
                "button",
                element("b", str(number)),
                element("span", words(f"learn_{key}_short")),
                type="button",
                class_="rx-step",
                data_step=str(number),
                title=words(f"learn_{key}_title"),
                aria_current="step" if key == current else None,
            ),
        )
        for number, key in enumerate(keys, start=1)
    ]
    return element("nav", element("ol", join(buttons)), class_="rx-steps", aria_label=words("learn_steps"))


def idea(keys: Sequence[str], current: str, words: Words) -> Html:
    """The step's title, its idea in a few sentences, and what is claimed."""
    progress = words("learn_step_number", number=keys.index(current) + 1, count=len(keys))
    return element(
        "section",
        element("p", progress, class_="re-hint"),
        element("h2", words(f"learn_{current}_title"), tabindex="-1"),
        element("p", words(f"learn_{current}_idea"), class_="re-text"),
        element(
            "p", element("b", words("learn_claim")), " ", words(f"learn_{current}_claim"), class_="rx-claim"
        ),
        class_="re-card rx-idea",
    )


def outcome(check: Check, on: str, words: Words) -> Html:
    """The verdict with its numbers, and the picture; `on` says what was measured, "" where the step says it."""
    badge = element(
        "span",
        f"{_MARKS[check.verdict]} {words('learn_' + check.verdict)}",
        class_=f"rx-verdict rx-verdict-{check.verdict}",
    )
    sentence = element("p", badge, " ", said(check, check.verdict, words), class_="rx-outcome", role="status")
    return element(
        "section",
        element("h3", words("learn_outcome"), class_="re-card-title"),
        sentence,
        DRAWINGS[check.step](check, words),
        element("p", on, class_="re-hint") if on else Html(""),
        class_="re-card",
    )


def left_out(reason: str, words: Words) -> Html:
    """Why this network cannot be asked."""
    return element(
        "section",
        element("p", words("learn_left_out")),
        element("p", reason, class_="re-hint"),
        class_="re-card",
    )


def background(key: str, check: Check | None, words: Words) -> Html:
    """What the tutorials say, what was measured, where to read on."""
    parts = [("learn_tutorial", words(f"learn_{key}_tutorial"))]
    if check is not None:
        parts.append(("learn_measured", said(check, "measured", words)))
    parts.append(("learn_further", linked(words(f"learn_{key}_further"))))
    listed = [element("div", element("h3", words(name)), element("p", content)) for name, content in parts]
    return element("section", join(listed), class_="re-card rx-background")


def training(done: int, total: int, words: Words) -> Html:
    """How many epochs are trained."""
    label = words("learn_train_progress", done=done, total=total)
    return element("label", label, element("progress", max=total, value=done), class_="re-progress")


def turns(keys: Sequence[str], current: str, words: Words) -> Html:
    """Back and forward."""
    at = keys.index(current)
    buttons = []
    for direction, index in (("back", at - 1), ("forward", at + 1)):
        if 0 <= index < len(keys):
            title = words(f"learn_{direction}", title=words(f"learn_{keys[index]}_short"))
            attributes = {"class_": f"re-button rx-turn-{direction}", "data_step": str(index + 1)}
            buttons.append(element("button", title, type="button", **attributes))
    return element("div", join(buttons), class_="rx-turns")
