"""Step 4 drawn: a block's input beside its output with the gate turned; and which blocks are the identity at 0."""

from __future__ import annotations

from typing import Any

from resnet_demo.results.check import Check
from resnet_demo.views.learn.block_chooser import block_chooser
from resnet_demo.views.learn.channel_maps import channel_map, colour_bar, common_range, positions
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import chance, number, signed

DESCRIBED = ("height", "width", "channels", "channel", "step")


def draw(check: Check, words: Words) -> Html:
    """The gate and what it does, then all blocks."""
    data = check.data
    return element(
        "div",
        _gate(data, words),
        element("h4", words("learn_identity_all")),
        element("ul", join(_chip(block, words) for block in data["blocks"]), class_="rx-chips"),
        class_="rx-figure",
    )


def _gate(data: dict[str, Any], words: Words) -> Html:
    """The slider; for each of its places the maps and the answer, of which one is shown."""
    gates, last = data["gates"], len(data["gates"]) - 1
    shown = {name: data[name] for name in DESCRIBED}
    said = [words("learn_identity_gate", gate=f"{one['gate']:g}") for one in gates]
    slider = element(
        "input",
        type="range",
        min=0,
        max=last,
        value=0,
        step=1,
        class_="rx-gate",
        aria_label=words("learn_identity_slider", block=data["block"]),
        aria_valuetext=said[0],
        data_said="|".join(said),
    )
    ends = [element("span", mark, class_="rx-tick", aria_hidden="true") for mark in ("0", "1")]
    panels = [_panel(data, i, said[i], words) for i in range(len(gates))]
    span = _span(data)
    return element(
        "div",
        block_chooser("identity", [b["name"] for b in data["blocks"]], data["block"], words),
        element("p", words("learn_identity_slider", block=data["block"]), class_="rx-note"),
        element("div", ends[0], slider, ends[1], class_="rx-stepping"),
        element("div", join(panels), aria_live="polite"),
        element("p", positions(shown, data["block"], words), class_="rx-note"),
        colour_bar(span, words),
        class_="rx-turned",
    )


def _span(data: dict[str, Any]) -> tuple[float, float]:
    return common_range(*data["outputs"], *([data["input"]] if data["input"] else []))


def _panel(data: dict[str, Any], i: int, said: str, words: Words) -> Html:
    """What one place of the gate gives."""
    one, trained, span = data["gates"][i], data["gates"][-1], _span(data)
    if data["input"]:
        before = channel_map(data["input"], "x", words("learn_identity_input"), span)
    else:
        shapes = {
            "input": "×".join(map(str, data["input_shape"])),
            "output": f"{data['height']}×{data['width']}×{data['channels']}",
        }
        before = element("p", words("learn_identity_shapes", **shapes), class_="rx-channel rx-no-map")
    after = channel_map(data["outputs"][i], "x⁺", words("learn_identity_output"), span)
    answer = words(
        "learn_identity_answer",
        label=words.label(data["target"]),
        probability=chance(one["probability"]),
        logit=number(one["logit"]),
        change=signed(one["logit"] - trained["logit"]) if one is not trained else "0",
        top=words.label(one["top1"]),
    )
    return element(
        "div",
        element("div", before, after, class_="rx-channels"),
        element("p", element("b", said), " ", answer, class_="rx-turned-answer"),
        data_at=str(i),
        hidden=None if i == 0 else "",
    )


def _chip(block: dict[str, Any], words: Words) -> Html:
    """One block: whether its output is its input with the gate at 0."""
    largest = block["largest"]
    if largest is None:
        look, mark, outcome = "rx-chip-other", "–", words("learn_identity_other_shape")
    elif largest == 0:
        look, mark, outcome = "rx-chip-same", "✓", words("learn_identity_same")
    else:
        look, mark, outcome = "rx-chip-off", "✕", words("learn_identity_off_by", largest=number(largest))
    name = element("span", block["name"], class_="rx-chip-name")
    return element(
        "li", element("b", mark, aria_hidden="true"), name, element("span", outcome), class_=f"rx-chip {look}"
    )
