"""The pieces every tab is made of: cards, empty states, errors, numbers in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from resnet_demo.errors import ResNetDemoError
from resnet_demo.views.markup import Html, element
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import MINUS, fixed, number


def card(title: str, *children: str, finding: str = "", hint: str = "") -> Html:
    """A titled card: the sentence that says what is seen, then the picture."""
    return element(
        "section",
        element("h3", title, class_="re-card-title"),
        element("p", finding, class_="re-finding") if finding else Html(""),
        *children,
        element("p", hint, class_="re-hint") if hint else Html(""),
        class_="re-card",
    )


def formula(words: Words, *lines: str) -> Html:
    """Formulas with this photo's numbers in them."""
    return element(
        "div",
        element("h4", words("formula_title")),
        *(element("p", line, class_="re-formula") for line in lines),
    )


def empty(words: Words, key: str = "empty_here") -> Html:
    """What stands where results will appear."""
    return element("p", words(key), class_="re-empty")


def error_card(error: ResNetDemoError, words: Words) -> Html:
    """What went wrong, in one sentence."""
    return element(
        "div",
        element("strong", words("error_title")),
        element("p", words.error(error)),
        class_="re-error",
        role="alert",
    )


def addition(parts: Sequence[float], total: float, digits: int = 6) -> str:
    """A sum written out so that a reader can add it: 22.1364 − 21.0596 = 1.077.

    The parts have the decimals that give the largest `digits` digits; the total has one less, the last of theirs being
    rounded. A dash where a number is not defined.
    """
    if not np.isfinite([*parts, total]).all():
        return "–"
    largest = max(abs(value) for value in (*parts, total))
    decimals = max(1, digits - 1 - math.floor(math.log10(largest))) if largest else 1
    added = "".join(f" {MINUS if v < 0 else '+'} {fixed(abs(v), decimals)}" for v in parts[1:])
    return f"{fixed(parts[0], decimals)}{added} = {fixed(total, decimals - 1)}"


def figure_of(value: float, digits: int = 3) -> str:
    """A number as it is shown; a dash where it is not defined (its denominator is 0)."""
    return number(value, digits) if math.isfinite(value) else "–"
