"""The top classes as bars."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from resnet_demo.views.markup import Html, element, join, part_of_whole
from resnet_demo.views.number_format import chance, number


@dataclass(frozen=True)
class PredictionBar:
    """One class: its `index` in the network, its `wnid` ("" where labels have none), `probability` 0 to 1."""

    index: int
    name: str
    wnid: str
    probability: float
    logit: float


@dataclass(frozen=True)
class PredictionWords:
    """Words of the bars."""

    logit: str = "logit"
    target: str = "explained"


def prediction_bars(
    rows: Sequence[PredictionBar], words: PredictionWords, *, label: str, target: int | None = None
) -> Html:
    """Return one button per class, its index in `data-class`: its probability as a bar, its logit small.

    Args:
        rows: the classes, best first.
        words: the words on it.
        label: what the list shows, in a sentence, for screen readers.
        target: index of the class the other pictures explain; it is marked.
    """
    items = [element("li", _row(row, words, chosen=row.index == target)) for row in rows]
    return element("ol", join(items), class_="rx-predictions", aria_label=label)


def _row(row: PredictionBar, words: PredictionWords, *, chosen: bool) -> Html:
    name = [element("span", row.name, class_="rx-prediction-name")]
    if chosen:
        name.append(element("span", words.target, class_="rx-badge"))
    share = 0.0 if math.isnan(row.probability) else row.probability
    small = f"{row.wnid} · " if row.wnid else ""
    return element(
        "button",
        element("span", join(name), class_="rx-prediction-title"),
        element("span", chance(row.probability), class_="rx-prediction-percent"),
        element(
            "span",
            element(
                "span",
                class_="rx-prediction-bar",
                style=f"width:{part_of_whole(share)}",
            ),
            class_="rx-prediction-track",
        ),
        element("span", f"{small}{words.logit} {number(row.logit)}", class_="rx-prediction-small"),
        type="button",
        class_="rx-prediction",
        data_class=str(row.index),
        aria_pressed="true" if chosen else "false",
    )
