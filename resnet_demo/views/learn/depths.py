"""Step 10 drawn: the five depths, the challenge's winners by year, and ResNet among others."""

from __future__ import annotations

from collections.abc import Callable

from resnet_demo.results.check import Check
from resnet_demo.views.learn.bars import BarRow, bar, bar_table
from resnet_demo.views.learn.sources import source_link
from resnet_demo.views.markup import Html, element


def draw(check: Check, words: Callable[..., str]) -> Html:
    """Three tables with bars, each with its source."""
    return element(
        "div",
        _depths(check, words),
        element("p", words("learn_depths_depths_source"), class_="rx-note"),
        element(
            "div",
            element(
                "div",
                _winners(check, words),
                element("p", words("learn_depths_winners_source"), class_="rx-note"),
            ),
            element(
                "div",
                _others(check, words),
                element(
                    "p",
                    words("learn_depths_others_source"),
                    " ",
                    source_link(check.data["others_source"]),
                    class_="rx-note",
                ),
            ),
            class_="rx-pair rx-below",
        ),
        class_="rx-figure",
    )


def _depths(check: Check, words: Callable[..., str]) -> Html:
    rows: list[BarRow] = [
        (
            f"ResNet\u2011{row['depth']}",
            [
                str(row["layers"]),
                bar(row["parameters"], f"{row['parameters'] / 1e6:.1f} ×10⁶"),
                bar(row["multiply_adds"], f"{row['multiply_adds'] / 1e9:.2f} ×10⁹"),
                f"{row['paper_multiply_adds'] / 1e9:.1f} ×10⁹",
                bar(row["top1"], f"{row['top1']:.2f}%", "rx-fill-muted"),
                bar(row["top5"], f"{row['top5']:.2f}%", "rx-fill-muted") if row["top5"] else "–",
            ],
        )
        for row in check.data["depths"]
    ]
    head = [
        words("network"),
        words("layers"),
        words("parameters"),
        words("multiply_adds"),
        words("paper"),
        words("learn_depths_top1"),
        words("learn_depths_top5"),
    ]
    return bar_table(words("learn_depths_depths_caption"), head, rows)


def _winners(check: Check, words: Callable[..., str]) -> Html:
    rows: list[BarRow] = [
        (
            str(winner["year"]),
            [
                winner["name"],
                bar(winner["error"], f"{winner['error']:g}%", _look(winner["name"])),
                source_link(winner["source"]),
            ],
        )
        for winner in check.data["winners"]
    ]
    head = [
        words("learn_depths_year"),
        words("learn_depths_winner"),
        words("learn_depths_top5"),
        words("learn_depths_source"),
    ]
    return bar_table(words("learn_depths_winners_caption"), head, rows)


def _others(check: Check, words: Callable[..., str]) -> Html:
    rows: list[BarRow] = [
        (
            network["name"],
            [
                bar(network["parameters"], f"{network['parameters']:.1f} ×10⁶", _look(network["name"])),
                bar(100 - network["top1"], f"{100 - network['top1']:.1f}%", _look(network["name"])),
            ],
        )
        for network in check.data["others"]
    ]
    head = [words("network"), words("parameters"), words("learn_depths_top1")]
    return bar_table(words("learn_depths_others_caption"), head, rows)


def _look(name: str) -> str:
    return "rx-fill-plain" if name.startswith("ResNet") else "rx-fill-muted"
