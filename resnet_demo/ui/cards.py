"""The pieces every tab is made of: cards, empty states, errors, numbers in words."""

from __future__ import annotations

import math

import numpy as np

from resnet_demo.errors import ResNetDemoError
from resnet_demo.rendering.lettering import number
from resnet_demo.rendering.markup import Html, element
from resnet_demo.ui.words import Words

# Clicks on anything that names a block, a class, a channel or an example reach Python as one event with that name.
# The answer redraws the picture, and the keyboard's place in it would be lost: it is given back.
PICK = """
const PICKED = ['block', 'class', 'channel', 'example'];
let picked = null;
element.addEventListener('click', (event) => {
  const hit = event.target.closest(PICKED.map((name) => `[data-${name}]`).join());
  if (!hit || !element.contains(hit)) return;
  const name = PICKED.find((name) => name in hit.dataset);
  picked = document.activeElement === hit ? `[data-${name}="${hit.dataset[name]}"]` : null;
  trigger('click', { ...hit.dataset });
});
new MutationObserver(() => {
  if (picked && document.activeElement === document.body)
    element.querySelector(picked)?.focus({ preventScroll: true });
}).observe(element, { childList: true, subtree: true });
"""


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


def summand(value: float, digits: int = 3) -> str:
    """A number as it stands in a sum after the first: + 0.42, − 0.42."""
    return f"{'−' if value < 0 else '+'} {figure_of(abs(value), digits)}"


def figure_of(value: float, digits: int = 3) -> str:
    """A number as it is shown; a dash where it is not defined (its denominator is 0)."""
    return number(value, digits) if math.isfinite(value) else "–"


def place_of_maximum(values: np.ndarray) -> tuple[float, float]:
    """Where a map, (h, w), is largest: (row, column), each from 0 to 1, at the middle of its unit."""
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    return (row + 0.5) / values.shape[0], (column + 0.5) / values.shape[1]
