"""Two classes on one photo, or two photos for one class: block by block and position by position."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resnet_demo.results import findings
from resnet_demo.results.comparison import Comparison
from resnet_demo.views.cards import addition, card, formula
from resnet_demo.views.colormaps import symmetric_range
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words
from resnet_demo.views.number_format import number, signed
from resnet_demo.views.sections.ledger import in_cells, signed_over_photo
from resnet_demo.views.waterfall import Group, LedgerItem, waterfall, waterfall_table

GROUPS: dict[str, Group] = {"class_bias": "bias", "stem": "stem", "projection_biases": "projection"}


def difference_view(
    title: str, found: Comparison, first: str, second: str, words: Words, *, pickable: bool = False
) -> Html:
    """Which blocks speak for either, as a waterfall that ends at the difference of the logits."""
    items = [
        LedgerItem(words(d.name), d.difference, GROUPS[d.name])
        if d.name in GROUPS
        else LedgerItem(d.name, d.difference, "block", d.name if pickable else None)
        for d in found.differences()
    ]
    total = found.logit_difference
    items.append(LedgerItem(words("remainder"), total - sum(i.value for i in items), "remainder"))
    for_first, for_second = found.speaking_for_first(), found.speaking_for_second()
    finding = words(
        "compare_finding",
        first=first,
        second=second,
        difference=signed(total),
        for_first=", ".join(d.name for d in for_first[:2]) or words("no_block"),
        for_second=", ".join(d.name for d in for_second[:2]) or words("no_block"),
    )
    line = words(
        "formula_compare",
        difference=addition([found.first.logit, -found.second.logit], total),
        total=number(sum(i.value for i in items[:-1]), 5),
    )
    return card(
        title,
        waterfall(items, total, words.for_difference(first, second), alt=finding),
        waterfall_table(items, words.for_difference(first, second)),
        element("p", words("compare_hint"), class_="re-hint") if pickable else "",
        formula(words, line),
        finding=finding,
    )


def positions_view(
    photo: str, found: Comparison, first: str, second: str, words: Words, block: str | None = None
) -> Html:
    """Which positions of one photo speak for either class, for one block or for all of them and the stem together."""
    maps = found.maps()
    values = added_up([maps[block]] if block else list(maps.values()), list(maps.values())[-1].shape)
    finding = words(
        "compare_positions_finding",
        who=block or words("compare_everything"),
        first=first,
        second=second,
        where_first=words.where(*findings.position_of_maximum(values)),
        where_second=words.where(*findings.position_of_maximum(-values)),
    )
    for_first, for_second = findings.parts_by_sign(values)
    biases = sum(d.difference for d in found.differences() if d.name in ("class_bias", "projection_biases"))
    line = words(
        "formula_ledger_map" if block else "formula_compare_positions",
        sum=addition([for_first, for_second], for_first + for_second),
        with_biases=addition([for_first + for_second, biases], found.logit_difference),
    )
    return card(
        words("compare_positions_title"),
        signed_over_photo(photo, values, finding, words("unit_logit_position"), words),
        formula(words, line),
        finding=finding,
    )


def both_photos_view(photos: tuple[str, str], found: Comparison, label: str, words: Words) -> Html:
    """Where one class has its logit from on either photo, side by side in one range of colours."""
    sides = (found.first, found.second)
    maps = [
        added_up([side.stem_map, *(e.map for e in side.entries)], side.entries[-1].map.shape)
        for side in sides
    ]
    limits = symmetric_range(np.stack(maps))
    parts, lines = [], []
    for key, photo, side, values in zip(("this_photo", "that_photo"), photos, sides, maps, strict=True):
        title = words(key, label=label)
        alt = words("both_photos_alt", title=title, where=words.where(*findings.position_of_maximum(values)))
        picture = signed_over_photo(photo, values, alt, words("unit_logit_position"), words, limits)
        parts.append(element("div", element("h4", title), picture))
        positions = float(values.sum())
        lines.append(
            f"{title}: " + addition([positions, side.class_bias, side.projection_biases], side.logit)
        )
    finding = words(
        "both_photos_finding",
        label=label,
        here=words.where(*findings.position_of_maximum(maps[0])),
        there=words.where(*findings.position_of_maximum(maps[1])),
    )
    return card(
        words("both_photos_title"),
        element("div", join(parts), class_="re-two"),
        formula(words, words("formula_both_photos"), *lines),
        finding=finding,
    )


def added_up(maps: Sequence[np.ndarray], cells: tuple[int, int]) -> np.ndarray:
    """Maps of many sizes as one, float32 of shape `cells`; the sum stays."""
    whole: np.ndarray = np.sum([in_cells(m, cells) for m in maps], axis=0)
    return whole
