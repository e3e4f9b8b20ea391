"""Step 3 drawn: S + F = y and the ReLU after it, added position by position; `stepping.js` moves it."""

from __future__ import annotations

import json
import math
from itertools import chain
from typing import Any

from resnet_demo.results.check import Check
from resnet_demo.views.learn.block_chooser import block_chooser
from resnet_demo.views.learn.channel_maps import channel_map, colour_bar, common_range, positions
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import fixed

DESCRIBED = ("height", "width", "channels", "channel", "step")


def draw(check: Check, words: Words) -> Html:
    """The four maps, the sum at one position in numbers, and what steps through the positions."""
    data = check.data
    height, width = len(data["sum"]), len(data["sum"][0])
    flat = {name: list(chain(*data[name])) for name in ("shortcut", "residual", "sum", "output")}
    start = max(range(height * width), key=lambda i: min(abs(flat["shortcut"][i]), abs(flat["residual"][i])))
    numbers = _written(flat)
    shown = {name: data[name] for name in DESCRIBED}
    position = [n * data["step"] + 1 for n in divmod(start, width)]
    return element(
        "div",
        block_chooser("sum", data["blocks"], data["block"], words),
        element("p", positions(shown, data["block"], words), class_="rx-note"),
        element("div", *_maps(data, start, words), class_="rx-channels"),
        _equation(numbers[start], position, data["relu"]),
        _controls(height * width, words),
        colour_bar(common_range(data["shortcut"], data["residual"], data["sum"]), words),
        class_="rx-figure rx-addition",
        data_numbers=json.dumps(numbers, ensure_ascii=False, separators=(",", ":")),
        data_width=width,
        data_every=shown["step"],
        data_say=words("learn_sum_say"),
    )


def _maps(data: dict[str, Any], start: int, words: Words) -> list[Html]:
    """S + F = y, and x⁺ where a ReLU follows. What is not added yet is covered."""
    span = common_range(data["shortcut"], data["residual"], data["sum"])
    width = len(data["sum"][0])
    parts = [("shortcut", "S"), ("residual", "+ F"), ("sum", "= y")]
    if data["relu"]:
        parts.append(("output", "→ x⁺"))
    drawn = []
    for name, symbol in parts:
        cover = element("path", d="", class_="rx-not-yet") if name in ("sum", "output") else Html("")
        cursor = element(
            "rect",
            x=start % width,
            y=start // width,
            width=1,
            height=1,
            class_="rx-cursor",
            aria_hidden="true",
        )
        word = words("learn_sum_after") if name == "output" else words(name)
        drawn.append(channel_map(data[name], symbol, word, span, cover, cursor, role=name))
    return drawn


def _equation(numbers: list[str], position: list[int], relu: bool) -> Html:
    """The numbers at the cursor, at first at `position`, row and column; the script writes others."""
    terms = [("S", "rx-text-shortcut"), ("+ F", "rx-text-residual"), ("= y", "rx-strong")]
    if relu:
        terms.append(("→ ReLU", "rx-strong"))
    pieces = [
        element("span", f"{symbol} ", element("span", written, data_term=""), class_=f"rx-term {class_}")
        for (symbol, class_), written in zip(terms, numbers, strict=False)
    ]
    where = element("span", f"({position[0]}, {position[1]})", class_="rx-where", data_where="")
    return element("p", where, join(pieces), class_="rx-equation")


def _controls(count: int, words: Words) -> Html:
    slider = element(
        "input",
        type="range",
        min=0,
        max=count,
        value=count,
        step=1,
        class_="rx-stepper",
        aria_label=words("learn_sum_slider"),
    )
    play = element(
        "button",
        words("learn_sum_play"),
        type="button",
        class_="re-button rx-play",
        data_play=words("learn_sum_play"),
        data_pause=words("learn_sum_pause"),
    )
    return element("div", play, slider, class_="rx-stepping")


def _written(flat: dict[str, list[float]]) -> list[list[str]]:
    """[S, F, y, x⁺] of each position as written: the parts with one decimal more than the sum."""
    largest = max(abs(value) for values in flat.values() for value in values)
    decimals = max(2, 4 - math.floor(math.log10(largest))) if largest else 2
    digits = {"shortcut": decimals, "residual": decimals, "sum": decimals - 1, "output": decimals - 1}
    return [
        [fixed(value, digits[name]) for name, value in zip(flat, position, strict=True)]
        for position in zip(*flat.values(), strict=True)
    ]
