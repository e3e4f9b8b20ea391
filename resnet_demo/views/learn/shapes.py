"""Step 7 drawn: ResNet-34 with each kind of shortcut, and the channels that zero padding leaves without one."""

from __future__ import annotations

from collections.abc import Callable

from resnet_demo.results.check import Check
from resnet_demo.views.chart import legend
from resnet_demo.views.learn.bars import Bar, BarRow, bar, bar_table
from resnet_demo.views.markup import Html, element

_OPTIONS = {
    "plain": "learn_shapes_plain",
    "A": "learn_shapes_a",
    "B": "learn_shapes_b",
    "C": "learn_shapes_c",
}


def draw(check: Check, words: Callable[..., str]) -> Html:
    """A row an option; then the channels of one block with each kind of shortcut."""
    options: list[BarRow] = [
        (
            words(_OPTIONS[row["option"]]),
            [
                bar(row["parameters"], f"{row['parameters']:,}"),
                bar(row["multiply_adds"], f"{row['multiply_adds'] / 1e9:.3f} ×10⁹"),
                bar(row["error"], f"{row['error']:.2f}%", "rx-fill-muted"),
            ],
        )
        for row in check.data["options"]
    ]
    head = [
        words("learn_shapes_shortcut"),
        words("parameters"),
        words("multiply_adds"),
        words("learn_shapes_error"),
    ]
    return element(
        "div",
        bar_table(words("learn_shapes_caption"), head, options),
        _channels(check, words),
        class_="rx-figure",
    )


def _channels(check: Check, words: Callable[..., str]) -> Html:
    channels = check.values["channels"]
    rows: list[BarRow] = []
    for name, alone in (
        ("learn_shapes_a", check.values["channels_without"]),
        ("learn_shapes_b", check.values["channels_without_projection"]),
    ):
        parts = [(channels - alone, "rx-fill-shortcut"), (alone, "rx-fill-residual")]
        rows.append((words(name), [Bar(f"{channels - alone} + {alone}", parts)]))
    keys = [
        ("rx-fill-shortcut", "y = S + F"),
        ("rx-fill-residual", "y = F"),
    ]
    caption = words("learn_shapes_channels_caption", channels=channels)
    table = bar_table(caption, [words("learn_shapes_shortcut"), words("channels")], rows)
    return element("div", table, legend(keys), class_="rx-below")
