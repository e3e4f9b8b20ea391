"""The blocks as buttons, a row a stage: a click shows the step with that block."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words


def block_chooser(step: str, blocks: Sequence[str], selected: str, words: Words) -> Html:
    """The buttons.

    Args:
        step: the step's key, which the page is asked for again.
        blocks: their names, "conv4_block6", in network order.
        selected: the one that is shown.
    """
    stages = [
        element(
            "span",
            element("span", stage, class_="rx-blocks-stage"),
            join(_button(step, n, selected) for n in run),
        )
        for stage, run in groupby(blocks, key=lambda name: name.rpartition("_")[0])
    ]
    return element("nav", join(stages), class_="rx-blocks", aria_label=words("learn_block"))


def _button(step: str, block: str, selected: str) -> Html:
    return element(
        "button",
        block.rpartition("_block")[2],
        type="button",
        title=block,
        aria_label=block,
        aria_pressed="true" if block == selected else "false",
        data_step=step,
        data_block=block,
    )
