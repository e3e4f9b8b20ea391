"""Two networks, one photo: classes, heatmaps, profiles and ledgers side by side."""

from __future__ import annotations

import math
from dataclasses import replace

from resnet_demo.results.two_networks import NetworkSide, TwoNetworks
from resnet_demo.views.cards import card, error_card
from resnet_demo.views.chart import table
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import chance, number, signed
from resnet_demo.views.sections.ledger import ledger_view
from resnet_demo.views.sections.overview import classes_view, heatmap_view, profile_view

SHARED_SHOWN = 8  # classes that both know, in the table
CLASSES_SHOWN = 5


def summary_view(found: TwoNetworks, words: Words) -> Html:
    """What either says, of the classes that both know, and of the parts of its logit."""
    first, second = names_of(found, words)
    tops = [side.analysis.predictions[0] for side in (found.first, found.second)]
    finding = words(
        "networks_say",
        first=first,
        first_label=words.class_of(tops[0]),
        first_percent=chance(tops[0].probability),
        second=second,
        second_label=words.class_of(tops[1]),
        second_percent=chance(tops[1].probability),
    )
    return card(
        words("networks_title"),
        element("p", _explained(found, words), class_="re-text"),
        _shared(found, words),
        _stages(found, words),
        finding=finding,
    )


def side_by_side_view(photo: str, found: TwoNetworks, words: Words) -> Html:
    """Classes, heatmaps, profiles and ledgers, each pair side by side.

    Args:
        photo: the photo's address, a data URI or a file's.
    """
    sides = (_side_views(photo, side, words) for side in (found.first, found.second))
    pairs = []
    for views in zip(*sides, strict=True):
        named = zip(names_of(found, words), views, strict=True)
        columns = [element("div", element("h4", name), view) for name, view in named]
        pairs.append(element("div", join(columns), class_="re-networks-pair"))
    return join(pairs)


def names_of(found: TwoNetworks, words: Words) -> tuple[str, str]:
    """What the two are called, told apart where one name is for both."""
    first, second = (words.weights(side.name) for side in (found.first, found.second))
    return (f"{first} (1)", f"{second} (2)") if first == second else (first, second)


def _side_views(photo: str, side: NetworkSide, words: Words) -> list[Html]:
    """One network's cards, from its classes to its ledger."""
    analysis, label = side.analysis, words.class_of(side.analysis.target)
    if side.logit_attribution is None:
        reason = side.left_out
        ledger = card(words("ledger_title"), error_card(reason, words)) if reason else Html("")
    else:
        ledger = ledger_view(side.logit_attribution, label, "network", "", words)
    return [
        classes_view(
            replace(analysis, predictions=analysis.predictions[:CLASSES_SHOWN]), words, pickable=False
        ),
        heatmap_view(photo, analysis.gradcam, label, side.layer, words),
        profile_view(analysis.blocks, "rms", None, words, pickable=False),
        ledger,
    ]


def _explained(found: TwoNetworks, words: Words) -> str:
    """For which class either is explained, and how far the numbers can be compared."""
    first, second = names_of(found, words)
    label, other = (words.class_of(side.analysis.target) for side in (found.first, found.second))
    logits = {
        "first_logit": number(found.first.analysis.target.logit),
        "second_logit": number(found.second.analysis.target.logit),
    }
    counts = words(
        "networks_blocks",
        first=first,
        first_blocks=len(found.first.analysis.blocks),
        second=second,
        second_blocks=len(found.second.analysis.blocks),
    )
    key = "networks_same_class" if found.same_class else "networks_own_class"
    return f"{words(key, label=label, other=other, second=second, **logits)} {counts}"


def _shared(found: TwoNetworks, words: Words) -> Html:
    """The classes that both know, with what either makes of them."""
    pairs = found.shared()
    if not pairs:
        return element("p", words("networks_share_nothing"), class_="re-hint")
    rows = [
        [words.class_of(mine), *(chance(p.probability) for p in (mine, other))]
        for mine, other in pairs[:SHARED_SHOWN]
    ]
    return join(
        [
            element("h4", words("networks_shared", count=len(pairs))),
            table([words("class"), *names_of(found, words)], rows),
        ]
    )


def _stages(found: TwoNetworks, words: Words) -> Html:
    """The parts of either logit, stage by stage; their numbers of blocks may differ."""
    parts = [side.by_stage() for side in (found.first, found.second)]
    if not any(parts):
        return Html("")
    named = ("class_bias", "stem", "projection_biases")
    rows = [
        [words(name) if name in named else name, *(_signed(part.get(name, math.nan)) for part in parts)]
        for name in (
            *dict.fromkeys(n for part in parts for n in part if n != "projection_biases"),
            "projection_biases",
        )
    ]
    totals = [
        number(side.logit_attribution.logit) if side.logit_attribution else "–"
        for side in (found.first, found.second)
    ]
    return join(
        [
            element("h4", words("networks_stages")),
            table([words("part"), *names_of(found, words)], [*rows, [words("logit"), *totals]]),
        ]
    )


def _signed(value: float) -> str:
    return signed(value) if math.isfinite(value) else "–"
