"""How far the heatmap on screen can be believed, and which layer to look at."""

from __future__ import annotations

import math

from resnet_demo.results.belief import Belief, Curve, LayerTable, best_layers
from resnet_demo.results.json_form import plain
from resnet_demo.views.cards import card, figure_of
from resnet_demo.views.chart import table
from resnet_demo.views.curves import CurveLine, curves, curves_table
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import percent
from resnet_demo.views.sortable_table import TableColumn, TableRow, sortable_table

SCORE_TITLES = {
    "insertion": ("score_insertion", "score_insertion_hint"),
    "deletion": ("score_deletion", "score_deletion_hint"),
    "average_drop": ("score_average_drop", "score_average_drop_hint"),
    "increase": ("score_increase", "score_increase_hint"),
}
DEPENDS, STABLE = 0.5, 0.8  # rank correlations that are called low and high
DEAR = ("faster-scorecam", "saliency")  # whose stability would take more passes than are allowed


def belief_view(found: Belief, label: str, words: Words) -> Html:
    """The two curves beside those of the photo's centre, the sanity figure and the stability, in words too."""
    better = [
        found.deletion.area < found.centre_deletion.area,
        found.insertion.area > found.centre_insertion.area,
    ]
    verdict = words({2: "belief_both", 1: "belief_one", 0: "belief_none"}[sum(better)])
    finding = words(
        "belief_finding",
        method=words(f"method_{found.method}"),
        label=label,
        deletion=percent(found.deletion.area),
        centre_deletion=percent(found.centre_deletion.area),
        insertion=percent(found.insertion.area),
        centre_insertion=percent(found.centre_insertion.area),
    )
    return card(
        words("belief_title"),
        element(
            "div",
            _both_curves(found, label, words),
            class_="re-two",
        ),
        _figures(found, words),
        element("p", words("belief_note"), class_="re-hint"),
        finding=f"{finding} {verdict}",
        hint=words("belief_passes", passes=found.passes),
    )


def _both_curves(found: Belief, label: str, words: Words) -> Html:
    sides = (
        (
            "score_deletion",
            "belief_deletion_axis",
            "belief_deletion_alt",
            found.deletion,
            found.centre_deletion,
        ),
        (
            "score_insertion",
            "belief_insertion_axis",
            "belief_insertion_alt",
            found.insertion,
            found.centre_insertion,
        ),
    )
    return join(_curve(*side, label, words) for side in sides)


def _curve(title: str, axis: str, alt: str, curve: Curve, centre: Curve, label: str, words: Words) -> Html:
    areas = percent(curve.area), percent(centre.area)
    lines = [
        CurveLine(words("belief_map", area=areas[0]), curve.probabilities.tolist(), "accent"),
        CurveLine(words("belief_centre", area=areas[1]), centre.probabilities.tolist(), "muted"),
    ]
    return element(
        "div",
        element("h4", words(title)),
        curves(
            lines,
            x_title=words(axis),
            y_title=words("belief_probability", label=label),
            alt=words(alt, label=label, area=areas[0], centre=areas[1]),
        ),
        curves_table(words("as_table"), words(axis), lines),
    )


def _figures(found: Belief, words: Words) -> Html:
    rows = [
        [words("score_sanity"), figure_of(found.sanity, 2), words(_sanity_key(found))],
        [words("score_stability"), figure_of(found.stability, 2), words(_stability_key(found))],
    ]
    head = [words(key) for key in ("quantity", "belief_value", "belief_means")]
    return element("div", table(head, rows, class_="re-scores"), class_="re-belief")


def _sanity_key(found: Belief) -> str:
    if math.isnan(found.sanity):
        return "belief_flat" if found.flat else "sanity_gone"
    return "sanity_low" if abs(found.sanity) < DEPENDS else "sanity_high"


def _stability_key(found: Belief) -> str:
    if found.flat:
        return "belief_flat"
    if math.isnan(found.stability):
        return "stability_dear" if found.method in DEAR else "stability_gone"
    return "stability_high" if found.stability >= STABLE else "stability_low"


def layers_view(
    found: LayerTable, label: str, selected: str, words: Words, *, shows_maps: bool = True
) -> Html:
    """Grad-CAM at each layer by every score.

    Args:
        label: the class's name.
        selected: the layer on show.
        shows_maps: whether a layer's name, where it is pressed, shows its heatmap.
    """
    caption = words("layers_caption", label=label)
    if shows_maps:
        caption = f"{caption} {words('layers_press')}"
    best = best_layers(found.layers)
    first = list(dict.fromkeys(best.values()))
    if not first:
        finding = words("layers_equal", label=label)
    elif len(first) == 1:
        finding = words("layers_agree", layer=first[0], label=label)
    else:
        said = words("list_and").join(
            words("layers_prefers", score=words(SCORE_TITLES[name][0]), layer=layer)
            for name, layer in best.items()
        )
        finding = words("layers_disagree", label=label, said=said)
    columns = [
        TableColumn(name, words(title), "plain", words(hint)) for name, (title, hint) in SCORE_TITLES.items()
    ]
    rows = [TableRow(layer, "identity", plain(dict(values))) for layer, values in found.layers.items()]
    return card(
        words("layers_title"),
        sortable_table(rows, columns, words.for_layers(), caption=caption, selected=selected),
        finding=finding,
        hint=words("layers_hint", passes=found.passes),
    )
